import type { Account, Connect } from "../api/client";

/** A certificate file as it was chosen. */
export interface ChosenFile {
  name: string;
  /** Bytes in base64. */
  content: string;
}

/** What has been typed into the Logon step and not been saved. It lives in this page's memory alone. */
export interface Draft {
  applicationID: string;
  tenantID: string;
  kind: "secret" | "certificate";
  secret: string;
  /** YYYY-MM-DD; empty if not known. */
  secretEnds: string;
  file: ChosenFile | null;
  password: string;
  allowMissing: boolean;
  /** The id of the operation that saves the draft as it stands; empty if it was not sent, or changed since. */
  sent: string;
}

/** The draft that changes nothing. */
export function draftOf(account: Account): Draft {
  return {
    applicationID: account.application_id,
    tenantID: account.tenant_id,
    kind: account.credential?.kind === "certificate" ? "certificate" : "secret",
    secret: "",
    secretEnds: "",
    file: null,
    password: "",
    allowMissing: false,
    sent: "",
  };
}

/** The request for a draft; null while it has no credential, without which nothing can be proven. */
export function changes(account: Account, draft: Draft): Connect | null {
  const body: Connect = {};
  if (draft.applicationID.trim() !== account.application_id) body.application_id = draft.applicationID.trim();
  if (draft.tenantID.trim() !== account.tenant_id) body.tenant_id = draft.tenantID.trim();
  if (draft.allowMissing) body.allow_missing = true;
  if (draft.kind === "secret") {
    if (draft.secret === "") return null;
    body.secret = draft.secret;
    if (draft.secretEnds !== "") body.secret_expires_at = draft.secretEnds + "T00:00:00Z";
    return body;
  }
  if (!draft.file) return null;
  body.certificate = draft.file.content;
  body.password = draft.password;
  return body;
}
