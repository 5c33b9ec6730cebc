import type { Account } from "../api/client";
import type { Profile } from "../api/permissions";
import type { PurposesDraft, ScopeDraft } from "./draft";
import { usedByOf } from "./draft";
import { purposesInWords } from "./purposes";

export const editSteps = ["info", "logon", "scope", "purposes", "check", "summary"] as const;
export type EditStep = (typeof editSteps)[number];

/** What of an account can be edited, as the wizard shows it. */
export interface Editable extends ScopeDraft, PurposesDraft {
  name: string;
  description: string;
  /** One a line. */
  usedBy: string;
  /** Durations as the API writes them. */
  lifetime: string;
  soak: string;
  renewBefore: string;
  automatic: boolean;
}

/** An edit under way, kept in the tab: a reload goes on where one was. It holds no secret. */
export interface EditDraft {
  step: EditStep;
  /** The version of the account that the edit is of. */
  version: number;
  /** The account as it was at that version. */
  base: Editable;
  mine: Editable;
  signIn: string;
}

/** What an account tells of itself that can be edited. */
export type AccountFacts = Pick<
  Account,
  "name" | "description" | "used_by" | "policy" | "subscriptions" | "management_group" | "profile" | "purposes"
>;

export function editableOf(account: AccountFacts): Editable {
  const group = account.management_group;
  return {
    name: account.name,
    description: account.description,
    usedBy: account.used_by.join("\n"),
    lifetime: account.policy.lifetime,
    soak: account.policy.soak,
    renewBefore: account.policy.renew_before,
    automatic: account.policy.automatic,
    scope: group === "" ? "subscriptions" : "group",
    subscriptions: group === "" ? account.subscriptions.map(({ id, name }) => ({ id, name })) : [],
    group: { id: group, name: group },
    profile: account.profile === "" ? "default" : account.profile,
    granular: account.purposes.length > 0,
    purposes: account.purposes,
  };
}

/** A part of an account that is changed, and fought over, as one. */
export interface Part {
  name: string;
  title: string;
  /** How it stands in an edit: equal texts are equal parts. */
  value: (e: Editable) => string;
  /** As a person reads it. */
  words: (e: Editable, profiles: readonly Profile[]) => string;
  body: (e: Editable) => Record<string, unknown>;
  take: (from: Editable) => Partial<Editable>;
}

const ids = (e: Editable) => e.subscriptions.map((s) => s.id).sort();

function text(name: string, title: string, field: "name" | "description" | "lifetime" | "soak" | "renewBefore"): Part {
  const policy = { lifetime: "lifetime", soak: "soak", renewBefore: "renew_before", name: "", description: "" }[field];
  return {
    name,
    title,
    value: (e) => e[field].trim(),
    words: (e) => (e[field].trim() === "" ? "(empty)" : e[field].trim()),
    body: (e) => (policy === "" ? { [name]: e[field].trim() } : { policy: { [policy]: e[field].trim() } }),
    take: (from) => ({ [field]: from[field] }),
  };
}

export const parts: readonly Part[] = [
  text("name", "Name", "name"),
  text("description", "Description", "description"),
  {
    name: "used_by",
    title: "Used by",
    value: (e) => usedByOf(e.usedBy).join("\n"),
    words: (e) => (usedByOf(e.usedBy).length === 0 ? "(nobody)" : usedByOf(e.usedBy).join(", ")),
    body: (e) => ({ used_by: usedByOf(e.usedBy) }),
    take: (from) => ({ usedBy: from.usedBy }),
  },
  text("lifetime", "Lifetime of new credentials", "lifetime"),
  text("soak", "How long an old credential is kept", "soak"),
  text("renew_before", "When it is renewed", "renewBefore"),
  {
    name: "automatic",
    title: "Automatic renewal",
    value: (e) => String(e.automatic),
    words: (e) => (e.automatic ? "On" : "Off"),
    body: (e) => ({ policy: { automatic: e.automatic } }),
    take: (from) => ({ automatic: from.automatic }),
  },
  {
    name: "scope",
    title: "Scope",
    value: (e) => (e.scope === "group" ? `group ${e.group.id.trim()}` : `subscriptions ${ids(e).join(" ")}`),
    words: (e) =>
      e.scope === "group"
        ? `Management group ${e.group.id.trim()}`
        : e.subscriptions.length === 0
          ? "(no subscription)"
          : e.subscriptions.map((s) => (s.name === "" ? s.id : s.name)).join(", "),
    body: (e) => (e.scope === "group" ? { management_group: e.group.id.trim() } : { subscriptions: ids(e) }),
    take: (from) => ({ scope: from.scope, subscriptions: from.subscriptions, group: from.group }),
  },
  {
    name: "purposes",
    title: "Purposes",
    value: (e) => `${e.profile} ${e.granular ? [...e.purposes].sort().join(" ") : "*"}`,
    words: (e, profiles) => {
      const profile = profiles.find((p) => p.name === e.profile);
      return `${profile?.title ?? e.profile}: ${purposesInWords(profile, e)}`;
    },
    body: (e) => ({ profile: e.profile, purposes: e.granular ? e.purposes : [] }),
    take: (from) => ({ profile: from.profile, granular: from.granular, purposes: from.purposes }),
  },
];

/** The parts in which two stands of an account differ. */
export function differing(a: Editable, b: Editable): Part[] {
  return parts.filter((part) => part.value(a) !== part.value(b));
}

/** The request that changes what was edited and nothing else; null if nothing was. */
export function patchOf(base: Editable, mine: Editable): Record<string, unknown> | null {
  const changed = differing(base, mine);
  if (changed.length === 0) return null;
  const out: Record<string, unknown> = {};
  for (const part of changed) {
    for (const [name, value] of Object.entries(part.body(mine))) {
      out[name] = name === "policy" ? { ...(out["policy"] as object | undefined), ...(value as object) } : value;
    }
  }
  return out;
}

/** What somebody else changed meanwhile, and what to do about each part. */
export interface Conflict {
  part: Part;
  theirs: string;
  mine: string;
}

/** The parts that both changed, to different ends; the others go together by themselves. */
export function conflictsOf(base: Editable, theirs: Editable, mine: Editable, profiles: readonly Profile[] = []): Conflict[] {
  return differing(theirs, mine)
    .filter((part) => part.value(base) !== part.value(theirs) && part.value(base) !== part.value(mine))
    .map((part) => ({ part, theirs: part.words(theirs, profiles), mine: part.words(mine, profiles) }));
}

/** The edit upon the newer account: what only they changed is theirs, what both changed is theirs where it is so chosen. */
export function rebased(base: Editable, theirs: Editable, mine: Editable, takeTheirs: ReadonlySet<string>): Editable {
  let out = { ...mine };
  for (const part of parts) {
    const untouched = part.value(base) === part.value(mine);
    if (untouched || takeTheirs.has(part.name)) out = { ...out, ...part.take(theirs) };
  }
  return out;
}

/** A duration of the API as whole days or hours to type, or as it is. */
const durationForm = /^(0s|\d+d(\d+h)?|(\d+h)?(\d+m)?(\d+s)?)$/;

/** What is wrong with a duration that was typed; empty if nothing is. */
export function durationProblem(typed: string): string {
  const value = typed.trim();
  return value !== "" && durationForm.test(value) ? "" : "Enter a duration such as 180d, 24h or 0s.";
}
