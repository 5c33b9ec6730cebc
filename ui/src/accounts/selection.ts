import type { AccountSummary } from "./list";

/** A selected account, with as much of it as a window needs to name it. */
export type Chosen = Pick<AccountSummary, "id" | "name">;

/**
 * What is selected: some accounts by themselves, or all that the list's filters match but some. The latter is a rule and no
 * list: the server applies it, and the page need not know 10,000 ids.
 */
export type Selection = { kind: "some"; chosen: ReadonlyMap<string, Chosen> } | { kind: "all"; except: ReadonlySet<string> };

export const nothing: Selection = { kind: "some", chosen: new Map() };

export function isSelected(selection: Selection, id: string): boolean {
  return selection.kind === "all" ? !selection.except.has(id) : selection.chosen.has(id);
}

/** How many are selected, where the filters match so many. */
export function countOf(selection: Selection, matched: number): number {
  return selection.kind === "all" ? Math.max(0, matched - selection.except.size) : selection.chosen.size;
}

/** The selection with these accounts in it, or out of it. */
export function mark(selection: Selection, accounts: readonly Chosen[], selected: boolean): Selection {
  if (selection.kind === "all") {
    const except = new Set(selection.except);
    for (const { id } of accounts) {
      if (selected) except.delete(id);
      else except.add(id);
    }
    return { kind: "all", except };
  }
  const chosen = new Map(selection.chosen);
  for (const account of accounts) {
    if (selected) chosen.set(account.id, { id: account.id, name: account.name });
    else chosen.delete(account.id);
  }
  return { kind: "some", chosen };
}

/** All that the filters match. */
export const allMatching: Selection = { kind: "all", except: new Set() };

/** What the box above the boxes shows. */
export function stateOf(selection: Selection, matched: number): boolean | "mixed" {
  const count = countOf(selection, matched);
  if (count === 0) return false;
  return selection.kind === "all" && count >= matched ? true : "mixed";
}
