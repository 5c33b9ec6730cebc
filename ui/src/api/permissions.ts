import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { ask } from "./ask";
import type { Operation } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];

/** One thing that the software can be allowed to do, and what that needs in Azure. */
export type Purpose = Schemas["Purpose"];
/** What a product needs in Azure: purposes with their actions, or built-in roles. */
export type Profile = Schemas["PermissionProfile"];
/** What was found of one purpose (or role) at one scope. */
export type PermissionRow = Schemas["PermissionRow"];
export type PermissionReport = Schemas["Permissions"];
/** What an application sees and holds, looked at before anything of it is stored. */
export type PermissionPreview = Schemas["PermissionPreview"];
export type PreviewRequest = Schemas["PermissionPreviewRequest"];

export const permissionKeys = {
  profiles: ["permission-profiles"],
  of: (account: string, version: number) => ["permissions", account, version],
} as const;

export function useProfiles() {
  return useQuery({
    queryKey: permissionKeys.profiles,
    queryFn: async ({ signal }) => (await ask<{ profiles: Profile[] }>("GET", "/permission-profiles", { signal })).profiles,
    staleTime: Infinity,
  });
}

/** What the last check found: it is read again when the account has another version, and what was found before stays till then. */
export function usePermissions(account: string, version: number) {
  return useQuery({
    queryKey: permissionKeys.of(account, version),
    queryFn: async ({ signal }) => {
      const path = `/accounts/${encodeURIComponent(account)}/permissions`;
      const report = await ask<PermissionReport>("GET", path, { signal });
      while (report.rows.length < report.total) {
        const more = await ask<PermissionReport>("GET", path, { query: { offset: String(report.rows.length) }, signal });
        if (more.rows.length === 0 || more.as_of !== report.as_of) break; // checked again meanwhile: the next reading has all of that
        report.rows.push(...more.rows);
      }
      return report;
    },
    staleTime: Infinity,
    placeholderData: keepPreviousData,
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

/** A custom role in Azure's JSON, with what is missing or with all that is needed. */
export function exportRole(account: string, what: "missing" | "all"): Promise<unknown> {
  return ask("GET", `/accounts/${encodeURIComponent(account)}/permissions/export`, { query: { what, format: "azure-json" } });
}
