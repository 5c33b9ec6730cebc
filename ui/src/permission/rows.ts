import type { PermissionRow } from "../api/permissions";
import type { Tone } from "../text/states";

export type ResultFilter = "" | PermissionRow["result"];

export const resultLooks: Record<PermissionRow["result"], { text: string; tone: Tone }> = {
  success: { text: "Success", tone: "good" },
  missing: { text: "Missing", tone: "warning" },
  unknown: { text: "Unknown", tone: "neutral" },
};

/** Those rows that a search and a result leave: purpose, scope, and missing actions are searched, without regard to case. */
export function matching(rows: readonly PermissionRow[], search: string, result: ResultFilter): PermissionRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    if (result !== "" && row.result !== result) return false;
    const text = [row.title, row.purpose, row.scope, row.scope_name, row.reason, ...row.missing_actions, ...row.missing_data_actions]
      .join("\n")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The worst first: missing, unknown, success; else as they came. */
export function worstFirst(rows: readonly PermissionRow[]): PermissionRow[] {
  const order = { missing: 0, unknown: 1, success: 2 };
  return [...rows].sort((a, b) => order[a.result] - order[b.result]);
}

/** "2 success · 1 missing" */
export function tally(rows: readonly Pick<PermissionRow, "result">[]): string {
  return (["missing", "unknown", "success"] as const)
    .map((result) => [rows.filter((row) => row.result === result).length, result] as const)
    .filter(([count]) => count > 0)
    .map(([count, result]) => `${count} ${resultLooks[result].text.toLowerCase()}`)
    .join(" · ");
}

/** A scope in words: a subscription's or group's name, or its id. */
export function scopeTitle(row: Pick<PermissionRow, "scope" | "scope_name">): string {
  return row.scope_name === "" ? (row.scope.split("/").at(-1) ?? row.scope) : row.scope_name;
}

/** The different scopes of rows, with how the worst of each is. */
export function scopesOf(rows: readonly PermissionRow[]): { scope: string; title: string; missing: boolean }[] {
  const found = new Map<string, { scope: string; title: string; missing: boolean }>();
  for (const row of rows) {
    const known = found.get(row.scope);
    if (known) known.missing ||= row.result === "missing";
    else found.set(row.scope, { scope: row.scope, title: scopeTitle(row), missing: row.result === "missing" });
  }
  return [...found.values()];
}
