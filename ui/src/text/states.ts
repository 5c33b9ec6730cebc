import type { Account, Credential } from "../api/client";

/** How good or bad a state is: it decides the colour and the icon, never alone the meaning. */
export type Tone = "good" | "neutral" | "warning" | "bad";

interface Label {
  text: string;
  tone: Tone;
}

const states: Record<Account["state"], Label> = {
  valid: { text: "Valid", tone: "good" },
  unknown: { text: "Not checked", tone: "neutral" },
  expiring: { text: "Expiring", tone: "warning" },
  permissions_missing: { text: "Permissions missing", tone: "warning" },
  no_subscriptions: { text: "No subscriptions", tone: "warning" },
  unreachable: { text: "Unreachable", tone: "warning" },
  needs_sign_in: { text: "Needs a sign-in", tone: "warning" },
  blocked: { text: "Blocked", tone: "bad" },
  app_disabled: { text: "Application disabled", tone: "bad" },
  service_principal_missing: { text: "Service principal missing", tone: "bad" },
  certificate_mismatch: { text: "Certificate mismatch", tone: "bad" },
  secret_invalid: { text: "Secret not accepted", tone: "bad" },
  expired: { text: "Expired", tone: "bad" },
  app_not_found: { text: "Application not found", tone: "bad" },
};

export function stateLabel(state: string): Label {
  // A server that was upgraded may know states that this page, still open, does not.
  return (states as Partial<Record<string, Label>>)[state] ?? { text: state, tone: "neutral" };
}

const worst: readonly Tone[] = ["bad", "warning", "neutral", "good"];

/** Sorts by tone, the worst first. */
export const worstFirst = (a: { tone: Tone }, b: { tone: Tone }) => worst.indexOf(a.tone) - worst.indexOf(b.tone);

const kinds: Record<Credential["kind"], string> = {
  secret: "Client (application) secret",
  certificate: "Certificate",
  federated: "Federated credential",
};

export function kindLabel(kind: Credential["kind"]): string {
  return kinds[kind];
}

const slots: Record<Credential["slot"], Label> = {
  next: { text: "Next", tone: "neutral" },
  current: { text: "In use", tone: "good" },
  retiring: { text: "Retiring", tone: "warning" },
  removed: { text: "Removed", tone: "neutral" },
  lost: { text: "Lost", tone: "bad" },
};

export function slotLabel(slot: Credential["slot"]): Label {
  return slots[slot];
}

const operations: Record<string, string> = {
  renew: "Renewal",
  recreate: "Re-creation",
  add: "Addition",
  connect: "Connection",
  check: "Check",
  remove: "Removal",
  retire: "Removal of the old secret",
  rollback: "Rollback",
  reconcile: "Reconciliation",
  grant: "Grant of permissions",
  tidy: "Look for what a lost answer left",
};

export function operationLabel(kind: string): string {
  return operations[kind] ?? kind;
}

const progress: Record<string, Label> = {
  running: { text: "Running", tone: "neutral" },
  waiting_sign_in: { text: "Waiting for a sign-in", tone: "warning" },
  waiting_choice: { text: "Waiting for a choice", tone: "warning" },
  needs_sign_in: { text: "Needs a new sign-in", tone: "warning" },
  done: { text: "Done", tone: "good" },
  failed: { text: "Failed", tone: "bad" },
  cancelled: { text: "Cancelled", tone: "neutral" },
};

export function progressLabel(state: string): Label {
  return progress[state] ?? { text: state, tone: "neutral" };
}

export interface Permissions extends Label {
  detail: string;
}

/** What the last check found of the roles, in a word and a sentence. */
export function permissionsOf(account: Account): Permissions {
  const check = account.check;
  if (!check) return { text: "Not checked", tone: "neutral", detail: "No check has been made yet." };
  if (check.stale_note !== "")
    return {
      text: "Not checked",
      tone: "neutral",
      detail: `${check.stale_note} What it found says nothing of what is asked for now: check again.`,
    };
  const all = check.subscriptions.length;
  const held = check.subscriptions.filter((s) => s.result === "ok").length;
  const lacking = check.subscriptions.filter((s) => s.result === "missing").length;
  if (lacking > 0) return { text: "Missing", tone: "warning", detail: `Something is missing on ${lacking} of ${all} subscriptions.` };
  if (all > 0 && held === all)
    return {
      text: "Held",
      tone: "good",
      detail: all === 1 ? "The roles are held on the subscription." : `The roles are held on all ${all} subscriptions.`,
    };
  if (held > 0)
    return { text: "Held in part", tone: "neutral", detail: `Held on ${held} of ${all} subscriptions; the others could not be looked at.` };
  return { text: "Not checked", tone: "neutral", detail: check.detail };
}

const permissions: Record<string, Label> = {
  success: { text: "Held", tone: "good" },
  missing: { text: "Missing", tone: "warning" },
  unknown: { text: "Not known", tone: "neutral" },
  not_checked: { text: "Not checked", tone: "neutral" },
};

/** What the last check found of the permissions, in a word or two. @param missing how many are. */
export function permissionLabel(state: string, missing: number): Label {
  if (state === "missing" && missing > 0) return { text: `${missing} missing`, tone: "warning" };
  return permissions[state] ?? { text: state, tone: "neutral" };
}

const methods: Record<string, string> = { secret: "Secret", certificate: "Certificate", federated: "Federated", "": "None" };

/** What an account signs in with, where there is little room. */
export function methodLabel(method: string): string {
  return methods[method] ?? method;
}

/** Whether the current credential is still to be given to the software that uses the account. */
export function awaitsHandOver(account: Account): boolean {
  const current = account.credential;
  return current !== null && current.made_by === "evercred" && current.acknowledged_at === null;
}
