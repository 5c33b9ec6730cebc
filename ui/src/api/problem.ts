import { localTimes } from "../text/time";

/** What went wrong, as the server tells it: what happened, what it means, what to do next. */
export interface Explanation {
  code: string;
  message: string;
  meaning: string;
  remedy: string;
  /** The input at fault, by its name in the API; empty if none. */
  field: string;
  /** Microsoft's own code and text; empty if it is not Microsoft's. */
  source: string;
}

/** One of several inputs at fault, or a field that somebody else changed. */
export interface FieldProblem {
  field: string;
  message: string;
}

/** An answer of the server that is an error (RFC 9457), or no answer at all. */
export class Problem extends Error implements Explanation {
  readonly code: string;
  readonly meaning: string;
  readonly remedy: string;
  readonly field: string;
  readonly source: string;
  readonly status: number;
  /** The fields that are at fault, where there are several; of a stale edit, those that somebody else changed. */
  readonly fields: readonly FieldProblem[];

  constructor(explanation: Explanation, status: number, fields: readonly FieldProblem[] = []) {
    super(explanation.message);
    this.name = "Problem";
    this.code = explanation.code;
    this.meaning = explanation.meaning;
    this.remedy = explanation.remedy;
    this.field = explanation.field;
    this.source = explanation.source;
    this.status = status;
    this.fields = fields;
  }

  /** Reads a problem+json body; anything else (a proxy's page) becomes a problem that says so. */
  static of(body: unknown, status: number): Problem {
    const text = (name: string): string => {
      const value = typeof body === "object" && body !== null ? (body as Record<string, unknown>)[name] : undefined;
      return typeof value === "string" ? localTimes(value) : "";
    };
    if (text("detail") === "") {
      if (status === 502 || status === 503 || status === 504) return unreachable();
      return new Problem(
        {
          code: "internal",
          message: `The server answered with status ${status} and no explanation.`,
          meaning: "Something between this page and Evercred may have answered instead.",
          remedy: "Try again. If it stays, look at the server's log.",
          field: "",
          source: "",
        },
        status,
      );
    }
    return new Problem(
      {
        code: text("code"),
        message: text("detail"),
        meaning: text("meaning"),
        remedy: text("remedy"),
        field: text("field"),
        source: text("source"),
      },
      status,
      fieldsOf(body),
    );
  }
}

function fieldsOf(body: unknown): FieldProblem[] {
  const fields = (body as { fields?: unknown }).fields;
  if (!Array.isArray(fields)) return [];
  return fields
    .filter((f): f is FieldProblem => typeof f === "object" && f !== null && "field" in f && "message" in f)
    .map((f) => ({ ...f, message: localTimes(f.message) }));
}

/** No answer: the server is down or restarting, or the network is. Operations go on at the server without this page. */
export function unreachable(): Problem {
  return new Problem(
    {
      code: "unreachable",
      message: "The Evercred server does not answer.",
      meaning: "What was begun is written down at the server, and goes on when it runs again.",
      remedy: "This page keeps trying. If it takes long, see whether the server runs.",
      field: "",
      source: "",
    },
    0,
  );
}

/** No answer to a request that changes something. */
export function lost(): Problem {
  return new Problem(
    {
      code: "unreachable",
      message: "The Evercred server does not answer.",
      meaning: "It is not known whether the request arrived. Nothing was asked again.",
      remedy: "When the server runs, look at the account's operations, then ask again if there is none.",
      field: "",
      source: "",
    },
    0,
  );
}

/** Any thrown thing as an explanation. */
export function explanationOf(error: unknown): Explanation {
  if (error instanceof Problem) return error;
  const message = error instanceof Error ? error.message : String(error);
  return { code: "internal", message: "This page failed: " + message, meaning: "", remedy: "Reload the page.", field: "", source: "" };
}
