import type { MayAssign } from "../api/signins";
import type { Named } from "./draft";

/** A subscription to choose. */
export interface Choice extends Named {
  /** As Azure has it, such as Enabled or Disabled; empty if not known. */
  state: string;
  /** Whether the person may assign roles on it; null where nobody signed in for that. */
  may: MayAssign | null;
  reason: string;
}

export type Filter = "all" | "chosen" | "may" | "may_not";

/** The choices that a search and a filter leave; both look at names and ids without regard to case. */
export function shown(choices: readonly Choice[], search: string, filter: Filter, chosen: ReadonlySet<string>): Choice[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return choices.filter((choice) => {
    const text = `${choice.name} ${choice.id}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) return false;
    switch (filter) {
      case "all":
        return true;
      case "chosen":
        return chosen.has(choice.id);
      case "may":
        return choice.may === "yes";
      case "may_not":
        return choice.may !== null && choice.may !== "yes";
    }
  });
}

/** Whether it can be chosen: where roles cannot be assigned, an account could not be given anything. */
export function selectable(choice: Choice): boolean {
  return choice.may !== "no";
}

/** What is chosen once all that are shown are added or taken away; what is not shown stays as it is. */
export function toggleAll(chosen: readonly Named[], shownNow: readonly Choice[], on: boolean): Named[] {
  const ids = new Set(shownNow.map((choice) => choice.id));
  const others = chosen.filter((c) => !ids.has(c.id));
  return on ? [...others, ...shownNow.filter(selectable).map(({ id, name }) => ({ id, name }))] : others;
}

/** The choices there are, with those that were chosen before and are not among them any more: they can be taken away. */
export function withChosen(choices: readonly Choice[], chosen: readonly Named[]): Choice[] {
  const there = new Set(choices.map((choice) => choice.id));
  const gone = chosen.filter((c) => !there.has(c.id)).map((c) => ({ ...c, state: "", may: null, reason: "It is not seen here." }));
  return [...choices, ...gone];
}
