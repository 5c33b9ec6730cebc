import { Problem, lost, unreachable } from "./problem";

type Method = "GET" | "POST" | "PATCH" | "DELETE";

interface Details {
  body?: unknown;
  query?: Record<string, string | undefined>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** An answer with its entity tag; the tag is empty where the server gave none. */
export interface Tagged<T> {
  data: T;
  tag: string;
}

/**
 * Asks the REST API under /api/v1.
 * @throws Problem what the server said is wrong, or that it did not answer.
 */
export async function ask<T>(method: Method, path: string, details: Details = {}): Promise<T> {
  return (await askTagged<T>(method, path, details)).data;
}

/** The same, with the entity tag that an edit has to name. */
export async function askTagged<T>(method: Method, path: string, details: Details = {}): Promise<Tagged<T>> {
  const query = new URLSearchParams(Object.entries(details.query ?? {}).filter((e): e is [string, string] => e[1] !== undefined));
  let response: Response;
  let text: string;
  try {
    response = await fetch(`/api/v1${path}${query.size === 0 ? "" : `?${query.toString()}`}`, {
      method,
      headers: { ...(details.body === undefined ? {} : { "Content-Type": "application/json" }), ...details.headers },
      ...(details.body === undefined ? {} : { body: JSON.stringify(details.body) }),
      ...(details.signal === undefined ? {} : { signal: details.signal }),
    });
    text = await response.text();
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw method === "GET" ? unreachable() : lost();
  }
  const data = parse(text);
  if (!response.ok) throw Problem.of(data, response.status);
  return { data: data as T, tag: response.headers.get("ETag") ?? "" };
}

function parse(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // a proxy's page; the status tells
  }
}

/** A key under which the server does the same thing once only, however often it is asked. */
export function idempotencyKey(): string {
  // crypto.randomUUID is there on https and on this machine only.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
