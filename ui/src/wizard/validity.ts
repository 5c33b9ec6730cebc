import { stepsOf, usedByOf, type Draft, type PurposesDraft, type ScopeDraft, type Secrets, type StepName } from "./draft";
import { characters, descriptionProblem, nameProblem } from "./name";

/** What keeps a step from being left forwards: a field of the draft, and a sentence. */
export interface Issue {
  field: string;
  message: string;
}

/** What a step's validity depends on beside the draft. */
export interface Context {
  /** Another account has the name. */
  nameTaken: boolean;
  signedIn: boolean;
  /** What the preview of an existing application found; null: not looked yet, or failed. */
  previewed: boolean;
  /** It found something missing. */
  missing: boolean;
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const domain = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i;

const longestLife = 730;
const shortestLife = 1;

/** All that is to be mended in a step. */
export function issuesOf(step: StepName, draft: Draft, secrets: Secrets, context: Context): Issue[] {
  const found: Issue[] = [];
  const add = (field: string, message: string) => {
    if (message !== "") found.push({ field, message });
  };
  switch (step) {
    case "info":
      add("name", nameProblem(draft.name));
      if (context.nameTaken) add("name", `There is an account named ${draft.name} already. Names are compared without regard to case.`);
      add("description", descriptionProblem(draft.description));
      add("used_by", usedByProblem(draft.usedBy));
      break;
    case "type":
      if (draft.kind === "") add("kind", "Choose how the account gets its application.");
      break;
    case "logon":
      if (draft.kind === "auto") {
        if (!context.signedIn) add("sign_in", "Sign in to Microsoft Azure to go on.");
        break;
      }
      add("application_id", idProblem(draft.applicationID));
      add("tenant_id", tenantProblem(draft.tenantID));
      if (draft.credential === "secret" && secrets.secret === "") add("secret", again(draft, "Enter the value of the secret."));
      if (draft.credential === "certificate" && secrets.file === null) add("certificate", again(draft, "Choose a PFX or P12 file."));
      if (draft.credential === "secret" && draft.secretEnds !== "" && Number.isNaN(Date.parse(draft.secretEnds)))
        add("secret_expires_at", "This is not a date.");
      break;
    case "scope":
      if (draft.kind === "auto" && draft.tenant.id === "") add("tenant", "Choose the tenant in which the application is made.");
      else for (const issue of scopeIssues(draft)) add(issue.field, issue.message);
      break;
    case "purposes":
      for (const issue of purposesIssues(draft)) add(issue.field, issue.message);
      break;
    case "check":
      if (draft.kind === "existing" && !context.previewed) add("check", "The application has not been looked at yet.");
      else if (draft.kind === "existing" && context.missing && !draft.allowMissing)
        add(
          "allow_missing",
          "Permissions are missing. Grant them in Azure and choose Recheck, or say that the account is added all the same.",
        );
      break;
    case "credential":
      add("lifetime", lifetimeProblem(draft.lifetime));
      break;
    case "summary":
      break;
  }
  return found;
}

/** The first step that cannot be left forwards; the summary if all can. */
export function reach(draft: Draft, secrets: Secrets, context: Context): StepName {
  return stepsOf(draft).find((step) => issuesOf(step, draft, secrets, context).length > 0) ?? "summary";
}

export function scopeIssues(scope: ScopeDraft): Issue[] {
  if (scope.scope === "subscriptions" && scope.subscriptions.length === 0)
    return [{ field: "subscriptions", message: "Choose at least one subscription." }];
  if (scope.scope === "group" && scope.group.id.trim() === "")
    return [{ field: "management_group", message: "Choose a management group." }];
  return [];
}

export function purposesIssues(purposes: PurposesDraft): Issue[] {
  if (purposes.granular && purposes.purposes.length === 0)
    return [{ field: "purposes", message: "Choose at least one purpose, or everything." }];
  return [];
}

export function idProblem(id: string): string {
  if (id.trim() === "") return "Enter the Application ID.";
  return guid.test(id.trim()) ? "" : "This is not an id. It looks like 00000000-0000-0000-0000-000000000000.";
}

export function tenantProblem(tenant: string): string {
  const value = tenant.trim();
  if (value === "") return "Enter the tenant's id or domain name.";
  return guid.test(value) || domain.test(value) ? "" : "This is neither an id nor a domain name such as contoso.onmicrosoft.com.";
}

export function lifetimeProblem(days: string): string {
  const value = Number(days.trim());
  if (days.trim() !== "" && Number.isInteger(value) && value >= shortestLife && value <= longestLife) return "";
  return `Enter a number of days from ${shortestLife} to ${longestLife}.`;
}

export function usedByProblem(text: string): string {
  const names = usedByOf(text);
  if (names.length > 100) return `${names.length} are named; 100 are allowed.`;
  const long = names.find((name) => characters(name).length > 255);
  return long === undefined ? "" : `“${long.slice(0, 20)}…” is too long: 255 characters are allowed in a line.`;
}

function again(draft: Draft, otherwise: string): string {
  if (!draft.hadSecret) return otherwise;
  return draft.credential === "secret"
    ? "Enter the secret again: it was not kept when the page was reloaded."
    : "Choose the file again: it was not kept when the page was reloaded.";
}
