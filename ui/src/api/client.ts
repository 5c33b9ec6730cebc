import createClient from "openapi-fetch";

import { Problem, lost, unreachable } from "./problem";
import type { components, paths } from "./schema";

type Schemas = components["schemas"];

export type Account = Schemas["Account"];
export type AccountAction = Schemas["Action"];
export type Credential = Schemas["Credential"];
export type CertificatePreview = Schemas["CertificatePreview"];
export type Connect = Schemas["Connect"];
export type Failure = Schemas["Failure"];
export type HandOver = Schemas["HandOver"];
export type Operation = Schemas["Operation"];
export type Server = Schemas["Server"];
export type Session = Schemas["Session"];
export type Step = Schemas["Step"];
export type SubscriptionCheck = Schemas["SubscriptionCheck"];

/** The REST API of the server that served this page. The session cookie goes along by itself. */
export const api = createClient<paths>({ baseUrl: "/" });

/**
 * The data of an answer.
 * @throws Problem what the server said is wrong, or that it did not answer.
 */
export function take<T>(answer: Promise<Answer<T>>): Promise<T> {
  return dataOf(answer, unreachable);
}

/**
 * The same for a request that changes something. Where no answer comes, nobody knows whether it arrived, and it is not
 * asked again.
 * @throws Problem
 */
export function send<T>(answer: Promise<Answer<T>>): Promise<T> {
  return dataOf(answer, lost);
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

async function dataOf<T>(answer: Promise<Answer<T>>, silence: () => Problem): Promise<T> {
  let result;
  try {
    result = await answer;
  } catch (cause) {
    // An aborted request is nobody's fault and must not read as one.
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw silence();
  }
  if (!result.response.ok) throw Problem.of(result.error, result.response.status);
  return result.data as T;
}
