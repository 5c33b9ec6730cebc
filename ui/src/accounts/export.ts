import { save } from "../account/save";
import { Problem, unreachable } from "../api/problem";
import { parametersOf, type ListQuery } from "./query";
import type { Selection } from "./selection";

export type ExportFormat = "csv" | "json";

// The server takes so many ids at once; an address has no room for many more.
const atOnce = 200;

/**
 * Saves what is selected, or all that the list shows if nothing is, as a file.
 * @throws Problem
 */
export async function exportAccounts(format: ExportFormat, query: ListQuery, selection: Selection): Promise<void> {
  const ids = selection.kind === "some" ? [...selection.chosen.keys()] : [];
  const questions: URLSearchParams[] = [];
  for (let i = 0; i < ids.length; i += atOnce)
    questions.push(new URLSearchParams({ id: ids.slice(i, i + atOnce).join(","), sort: query.sort }));
  if (ids.length === 0) {
    const all = parametersOf(query);
    if (selection.kind === "all" && selection.except.size > 0) all.set("except", [...selection.except].join(","));
    questions.push(all);
  }
  const parts: string[] = [];
  for (const question of questions) {
    question.set("format", format);
    parts.push(await read(question));
  }
  save(`evercred-accounts.${format}`, joined(format, parts));
}

async function read(question: URLSearchParams): Promise<string> {
  let answer;
  try {
    answer = await fetch("/api/v1/accounts/export?" + question.toString());
  } catch {
    throw unreachable();
  }
  if (!answer.ok) throw Problem.of(await answer.json().catch(() => null), answer.status);
  return answer.text();
}

/** Several exports as one: one heading, or one list. */
export function joined(format: ExportFormat, parts: readonly string[]): string {
  if (parts.length === 1) return parts[0] ?? "";
  if (format === "csv") return parts.map((part, index) => (index === 0 ? part : part.slice(part.indexOf("\n") + 1))).join("");
  return JSON.stringify(
    parts.flatMap((part) => JSON.parse(part) as unknown[]),
    null,
    2,
  );
}
