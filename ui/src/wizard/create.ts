import { ask } from "../api/ask";
import type { Operation } from "../api/client";
import { usedByOf, type Draft, type Secrets } from "./draft";

/** The request that adds the account. */
export function creation(draft: Draft, secrets: Secrets): Record<string, unknown> {
  const usedBy = usedByOf(draft.usedBy);
  const common = {
    kind: draft.kind,
    name: draft.name,
    ...(draft.description.trim() === "" ? {} : { description: draft.description.trim() }),
    ...(usedBy.length === 0 ? {} : { used_by: usedBy }),
    ...(draft.cloud === "" ? {} : { cloud: draft.cloud }),
    ...(draft.profile === "" ? {} : { profile: draft.profile }),
    ...(draft.granular ? { purposes: draft.purposes } : {}),
    ...(draft.scope === "subscriptions" ? { subscriptions: draft.subscriptions.map((s) => s.id) } : {}),
    ...(draft.scope === "group" ? { management_group: draft.group.id.trim() } : {}),
  };
  if (draft.kind === "auto") {
    return {
      ...common,
      sign_in: draft.signIn,
      tenant_id: draft.tenant.id,
      method: draft.newCredential,
      lifetime: `${Number(draft.lifetime)}d`,
    };
  }
  return {
    ...common,
    application_id: draft.applicationID.trim(),
    tenant_id: draft.tenantID.trim(),
    ...(draft.credential === "secret"
      ? { secret: secrets.secret, ...(draft.secretEnds === "" ? {} : { secret_expires_at: draft.secretEnds + "T00:00:00Z" }) }
      : { certificate: secrets.file?.content ?? "", password: secrets.password }),
    ...(draft.allowMissing ? { allow_missing: true } : {}),
  };
}

/** @param key makes the same account once only, however often it is asked. */
export function create(draft: Draft, secrets: Secrets, key: string): Promise<Operation> {
  return ask<Operation>("POST", "/accounts", { body: creation(draft, secrets), headers: { "Idempotency-Key": key } });
}
