import { useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";

import { ask } from "./ask";
import { Problem } from "./problem";
import type { components } from "./schema";

type Schemas = components["schemas"];

/** How a person signs in to Microsoft Azure from this page. */
export type SignInMethod = "device" | "browser";

/** A sign-in of a person, which serves several operations until it ends. */
export type SignInSession = Schemas["SignInSession"];
/** A tenant that the person can reach. */
export type Tenant = Schemas["SignInTenant"];
export type ReachableSubscription = Schemas["SignInSubscription"];
export type MayAssign = ReachableSubscription["may_assign_roles"];

export type ManagementGroup = Schemas["SignInManagementGroup"];

export const signInKeys = {
  one: (id: string) => ["sign-in", id],
  tenants: (id: string) => ["sign-in", id, "tenants"],
  subscriptions: (id: string, tenant: string) => ["sign-in", id, "tenants", tenant, "subscriptions"],
  groups: (id: string, tenant: string) => ["sign-in", id, "tenants", tenant, "management-groups"],
} as const;

const at = (id: string) => `/sign-ins/${encodeURIComponent(id)}`;

/** A sign-in, followed until the person has signed in or it has failed, and then looked at now and then: it ends by itself. */
export function useSignIn(id: string) {
  const client = useQueryClient();
  return useQuery({
    queryKey: signInKeys.one(id),
    enabled: id !== "",
    queryFn: ({ signal }) => {
      const known = client.getQueryData<SignInSession>(signInKeys.one(id));
      const query = known?.state === "waiting" ? { wait: "20s", version: String(known.version) } : {};
      return ask<SignInSession>("GET", at(id), { query, signal });
    },
    staleTime: 0,
    refetchInterval: (query) => {
      if (query.state.error instanceof Problem && [401, 403, 404].includes(query.state.error.status)) return false;
      if (query.state.error) return 5_000;
      const state = query.state.data?.state;
      return state === "waiting" ? 50 : state === "signed_in" ? 30_000 : false;
    },
  });
}

export interface Begin {
  method: SignInMethod;
  cloud: string;
  /** Empty: the person's own tenant. */
  tenantID: string;
}

export function useBeginSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ method, cloud, tenantID }: Begin) =>
      ask<SignInSession>("POST", "/sign-ins", {
        body: { method, ...(cloud === "" ? {} : { cloud }), ...(tenantID === "" ? {} : { tenant_id: tenantID }) },
      }),
    onSuccess: (session) => client.setQueryData(signInKeys.one(session.id), session),
  });
}

/** Gives the server the address that the browser was sent back to and could not open. */
export function useRedirect(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (url: string) => ask<SignInSession>("POST", `${at(id)}/redirect`, { body: { url } }),
    onSuccess: async (session) => {
      await client.cancelQueries({ queryKey: signInKeys.one(id), exact: true });
      client.setQueryData(signInKeys.one(id), session);
    },
  });
}

/** Ends a sign-in. That it cannot be ended is no matter: it ends by itself within the hour. */
export async function endSignIn(client: QueryClient, id: string): Promise<void> {
  if (id === "") return;
  client.removeQueries({ queryKey: signInKeys.one(id) });
  try {
    await ask("DELETE", at(id));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

export function useTenants(signIn: string) {
  return useQuery({
    queryKey: signInKeys.tenants(signIn),
    enabled: signIn !== "",
    queryFn: async ({ signal }) => (await ask<{ tenants: Tenant[] }>("GET", `${at(signIn)}/tenants`, { signal })).tenants,
    staleTime: Infinity,
  });
}

/** Looks at one tenant again; the list then says what was found. */
export function useRecheckTenant(signIn: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (tenant: string) => ask<Tenant>("GET", `${at(signIn)}/tenants/${encodeURIComponent(tenant)}`),
    onSuccess: (found) =>
      client.setQueryData<Tenant[]>(signInKeys.tenants(signIn), (known) => known?.map((t) => (t.id === found.id ? found : t))),
  });
}

export function useReachableSubscriptions(signIn: string, tenant: string) {
  return useQuery({
    queryKey: signInKeys.subscriptions(signIn, tenant),
    enabled: signIn !== "" && tenant !== "",
    queryFn: async ({ signal }) => {
      const path = `${at(signIn)}/tenants/${encodeURIComponent(tenant)}/subscriptions`;
      return (await ask<{ subscriptions: ReachableSubscription[] }>("GET", path, { signal })).subscriptions;
    },
    staleTime: Infinity,
  });
}

export function useManagementGroups(signIn: string, tenant: string, wanted: boolean) {
  return useQuery({
    queryKey: signInKeys.groups(signIn, tenant),
    enabled: wanted && signIn !== "" && tenant !== "",
    queryFn: async ({ signal }) => {
      const path = `${at(signIn)}/tenants/${encodeURIComponent(tenant)}/management-groups`;
      return (await ask<{ management_groups: ManagementGroup[] }>("GET", path, { signal })).management_groups;
    },
    staleTime: Infinity,
  });
}
