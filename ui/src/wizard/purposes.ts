import type { Profile, Purpose } from "../api/permissions";
import type { PurposesDraft } from "./draft";

/** Purposes under one heading of the tree. */
export interface Group {
  title: string;
  purposes: Purpose[];
}

const titles: Record<string, string> = { management: "Management", operation: "Operations" };

/** The tree of a profile, in its own order. */
export function treeOf(profile: Profile): Group[] {
  const groups: Group[] = [];
  for (const purpose of profile.purposes) {
    const title = titles[purpose.group] ?? "Purposes";
    const known = groups.find((g) => g.title === title);
    if (known) known.purposes.push(purpose);
    else groups.push({ title, purposes: [purpose] });
  }
  return groups;
}

/** What the chosen purposes need, without regard to case: Azure compares so. */
export function needsOf(
  profile: Profile,
  draft: Pick<PurposesDraft, "granular" | "purposes">,
): { actions: string[]; dataActions: string[] } {
  const chosen = profile.purposes.filter((p) => !draft.granular || draft.purposes.includes(p.name));
  return { actions: union(chosen.map((p) => p.actions)), dataActions: union(chosen.map((p) => p.data_actions)) };
}

function union(lists: readonly (readonly string[])[]): string[] {
  const byLower = new Map<string, string>();
  for (const action of lists.flat()) if (!byLower.has(action.toLowerCase())) byLower.set(action.toLowerCase(), action);
  return [...byLower.values()].sort((a, b) => a.toLowerCase().localeCompare(b.toLowerCase()));
}

/** "173 actions and 10 data actions" */
export function amount(needs: { actions: readonly unknown[]; dataActions: readonly unknown[] }): string {
  const actions = needs.actions.length === 1 ? "1 action" : `${needs.actions.length} actions`;
  if (needs.dataActions.length === 0) return actions;
  return `${actions} and ${needs.dataActions.length === 1 ? "1 data action" : `${needs.dataActions.length} data actions`}`;
}

/** Adds purposes to the chosen ones, or takes them away, in the profile's order. */
export function choose(profile: Profile, chosen: readonly string[], names: readonly string[], on: boolean): string[] {
  return profile.purposes.map((p) => p.name).filter((name) => (names.includes(name) ? on : chosen.includes(name)));
}

/** "everything" or the titles of what is chosen. */
export function purposesInWords(profile: Profile | undefined, draft: PurposesDraft): string {
  if (!draft.granular) return "Everything";
  return draft.purposes.map((name) => profile?.purposes.find((p) => p.name === name)?.title ?? name).join(", ");
}
