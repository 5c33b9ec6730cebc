import type { ChosenFile } from "../account/draft";

export const stepNames = ["info", "type", "logon", "scope", "purposes", "check", "credential", "summary"] as const;
export type StepName = (typeof stepNames)[number];

/** A subscription or management group, with the name that the summary shows. */
export interface Named {
  id: string;
  name: string;
}

/** Where the account may work. */
export interface ScopeDraft {
  scope: "all" | "subscriptions" | "group";
  subscriptions: Named[];
  group: Named;
}

/** What the software is allowed to do. */
export interface PurposesDraft {
  profile: string;
  /** Only the purposes that are chosen; else everything that the profile has. */
  granular: boolean;
  purposes: string[];
}

/**
 * What has been entered into the Add wizard. It is kept in the browser's tab, so that a reload goes on where one was: no
 * secret, password or file is ever part of it.
 */
export interface Draft extends ScopeDraft, PurposesDraft {
  step: StepName;
  /** The last of the steps that was come to. */
  far: StepName;
  name: string;
  description: string;
  /** One a line. */
  usedBy: string;
  /** Empty: not chosen yet. */
  kind: "" | "auto" | "existing";
  /** Empty: the server's default. */
  cloud: string;
  /** The id of the person's sign-in at the server; empty: none. */
  signIn: string;
  /** The tenant to sign in at; empty: the person's own. */
  signInTenant: string;
  /** Where the application is made. */
  tenant: Named;
  applicationID: string;
  tenantID: string;
  credential: "secret" | "certificate";
  /** YYYY-MM-DD; empty: not known. */
  secretEnds: string;
  /** Of an existing application: added although something is missing. */
  allowMissing: boolean;
  newCredential: "secret" | "certificate";
  /** Days, as typed. */
  lifetime: string;
  /** Whether a secret or file was given: after a reload the Logon step says that it must be given again. */
  hadSecret: boolean;
  /** Under which the server makes the account once only; empty: not asked yet, or changed since. */
  key: string;
  /** The operation that adds the account; empty: not begun. */
  operation: string;
}

/** What is kept in the memory of this page alone. */
export interface Secrets {
  secret: string;
  file: ChosenFile | null;
  password: string;
}

export const noSecrets: Secrets = { secret: "", file: null, password: "" };

const nobody: Named = { id: "", name: "" };

/** An empty wizard. */
export const emptyDraft: Draft = {
  step: "info",
  far: "info",
  name: "",
  description: "",
  usedBy: "",
  kind: "",
  cloud: "",
  signIn: "",
  signInTenant: "",
  tenant: nobody,
  scope: "subscriptions",
  subscriptions: [],
  group: nobody,
  applicationID: "",
  tenantID: "",
  credential: "secret",
  secretEnds: "",
  allowMissing: false,
  profile: "default",
  granular: false,
  purposes: [],
  newCredential: "secret",
  lifetime: "180",
  hadSecret: false,
  key: "",
  operation: "",
};

/** The steps of the wizard for what is chosen: what a new credential is like is asked only where one is made. */
export function stepsOf(draft: Pick<Draft, "kind">): StepName[] {
  return stepNames.filter((step) => step !== "credential" || draft.kind !== "existing");
}

/** A draft with a change. What was sent to be made is another thing then, and what belongs to another choice goes with it. */
export function changed(draft: Draft, part: Partial<Draft>): Draft {
  const next = { ...draft, ...part };
  if (stepNames.indexOf(next.step) > stepNames.indexOf(next.far)) next.far = next.step;
  const moved = "step" in part && Object.keys(part).length === 1;
  if (!moved && !("key" in part) && !("operation" in part)) next.key = "";
  if (next.kind !== draft.kind) {
    next.scope = next.kind === "existing" ? "all" : "subscriptions";
    next.subscriptions = [];
    next.group = nobody;
  }
  if (next.cloud !== draft.cloud || next.signIn !== draft.signIn || next.tenant.id !== draft.tenant.id) {
    if (next.cloud !== draft.cloud || next.signIn !== draft.signIn) next.tenant = part.tenant ?? nobody;
    if (next.kind === "auto") {
      next.subscriptions = part.subscriptions ?? [];
      next.group = part.group ?? nobody;
    }
  }
  return next;
}

/** Whether anything was entered that would be lost. */
export function touched(draft: Draft, secrets: Secrets): boolean {
  const entered = (["name", "description", "usedBy", "kind", "applicationID", "tenantID", "signIn"] as const).some((f) => draft[f] !== "");
  return entered || secrets.secret !== "" || secrets.file !== null;
}

/** The texts of "used by": one a line, without empty ones and doubles. */
export function usedByOf(text: string): string[] {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return [...new Set(lines)];
}

/** A draft as it was kept, or null if it is none: another version of this page may have written it. */
export function readDraft(text: string | null): Draft | null {
  if (text === null) return null;
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof found !== "object" || found === null) return null;
  const fits = (like: unknown, value: unknown): boolean => {
    if (Array.isArray(like)) return Array.isArray(value) && value.every((v) => typeof v === "string" || isNamed(v));
    if (typeof like === "object") return isNamed(value);
    return typeof value === typeof like;
  };
  const kept = found as Record<string, unknown>;
  if (!Object.entries(emptyDraft).every(([name, like]) => fits(like, kept[name]))) return null;
  if (![kept["step"], kept["far"]].every((step) => (stepNames as readonly unknown[]).includes(step))) return null;
  return Object.fromEntries(Object.keys(emptyDraft).map((name) => [name, kept[name]])) as unknown as Draft;
}

function isNamed(value: unknown): value is Named {
  return typeof value === "object" && value !== null && "id" in value && "name" in value && typeof value.id === "string";
}
