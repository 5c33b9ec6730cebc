import { useQuery } from "@tanstack/react-query";

import { ask } from "./ask";
import type { Operation } from "./client";
import { Problem } from "./problem";

/** One thing that the software can be allowed to do, and what that needs in Azure. */
export interface Purpose {
  name: string;
  title: string;
  group: string;
  actions: string[];
  data_actions: string[];
}

/** What a product needs in Azure: purposes with their actions, or built-in roles. */
export interface Profile {
  name: string;
  version: string;
  title: string;
  source: string;
  purposes: Purpose[];
  roles: string[];
}

/** What was found of one purpose (or role) at one scope. */
export interface PermissionRow {
  purpose: string;
  title: string;
  scope: string;
  scope_name: string;
  result: "success" | "missing" | "unknown";
  missing_actions: string[];
  missing_data_actions: string[];
  reason: string;
}

export interface PermissionSummary {
  success: number;
  missing: number;
  unknown: number;
  scopes: number;
  missing_actions: string[];
  missing_data_actions: string[];
  /** The whole in a sentence. */
  text: string;
}

export interface PermissionReport {
  /** Of the last check; null before the first. */
  as_of: string | null;
  profile: string;
  profile_version: string;
  /** Why what was found may no longer be so; empty if it is as good as the last check. */
  stale_note: string;
  rows: PermissionRow[];
  total: number;
  summary: PermissionSummary;
}

/** What an application sees and holds, looked at before anything of it is stored. */
export interface PermissionPreview {
  subscriptions: { id: string; name: string }[];
  rows: PermissionRow[];
  summary: PermissionSummary;
}

export interface PreviewRequest {
  account?: string;
  cloud?: string;
  tenant_id?: string;
  application_id?: string;
  secret?: string;
  certificate?: string;
  password?: string;
  profile: string;
  purposes: string[];
  subscriptions?: string[];
  management_group?: string;
}

export const permissionKeys = {
  profiles: ["permission-profiles"],
  of: (account: string) => ["account", account, "permissions"],
} as const;

export function useProfiles() {
  return useQuery({
    queryKey: permissionKeys.profiles,
    queryFn: async ({ signal }) => (await ask<{ profiles: Profile[] }>("GET", "/permission-profiles", { signal })).profiles,
    staleTime: Infinity,
  });
}

/** What the last check found. The key lies under the account's: what changes the account reads this again. */
export function usePermissions(account: string) {
  return useQuery({
    queryKey: permissionKeys.of(account),
    queryFn: ({ signal }) => ask<PermissionReport>("GET", `/accounts/${encodeURIComponent(account)}/permissions`, { signal }),
    refetchInterval: (query) =>
      query.state.error instanceof Problem && [401, 403, 404].includes(query.state.error.status) ? false : 10_000,
  });
}

/** Looks at an application before it is stored. The credential is in this request alone: no cache of the page keeps it. */
export function previewPermissions(request: PreviewRequest, signal?: AbortSignal): Promise<PermissionPreview> {
  return ask<PermissionPreview>("POST", "/permission-preview", { body: request, ...(signal ? { signal } : {}) });
}

/** @param key makes the same grant once only, however often it is asked. */
export function grant(account: string, signIn: string, scopes: readonly string[], key: string): Promise<Operation> {
  return ask<Operation>("POST", `/accounts/${encodeURIComponent(account)}/grant`, {
    body: { sign_in: signIn, ...(scopes.length === 0 ? {} : { scopes }) },
    headers: { "Idempotency-Key": key },
  });
}

/** The address of a custom role in Azure's JSON, with what is missing or with all that is needed. */
export function exportAddress(account: string, what: "missing" | "all"): string {
  return `/api/v1/accounts/${encodeURIComponent(account)}/permissions/export?what=${what}&format=azure-json`;
}
