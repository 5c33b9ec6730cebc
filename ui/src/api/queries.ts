import { MutationCache, QueryCache, QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, send, take, type Account, type Connect, type Operation } from "./client";
import { Problem } from "./problem";

// How often what may change without this page doing anything is read again, in milliseconds. A hidden tab does not ask.
const glance = 5_000;
const retryAfter = 2_000;

/** Takes note that the session has ended, if that is what an error says: the page then asks to sign in again. */
export function noteSessionEnd(client: QueryClient, error: unknown): void {
  const known = client.getQueryData(keys.session) !== undefined;
  if (known && error instanceof Problem && error.status === 401) client.setQueryData(keys.ended, true);
}

/** Keeps what the server said. Nothing here is ever guessed ahead of an answer. */
export function newQueryClient(): QueryClient {
  const noteEnd = (error: Error): void => noteSessionEnd(client, error);
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: noteEnd }),
    mutationCache: new MutationCache({ onError: noteEnd }),
    defaultOptions: {
      queries: {
        staleTime: 1_000,
        // A server that is away is asked until it is back; what it refuses is not asked again.
        retry: (_count, error) => error instanceof Problem && error.status === 0,
        retryDelay: retryAfter,
        networkMode: "always",
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
  return client;
}

/** Asks again after this many milliseconds; not after a refusal, which a sign-in mends or nothing does. */
export const unlessRefused = (interval: number) => (query: { state: { error: Error | null } }) =>
  query.state.error instanceof Problem && [401, 403, 404].includes(query.state.error.status) ? false : interval;

export const keys = {
  session: ["session"],
  ended: ["session", "ended"],
  server: ["server"],
  accounts: ["accounts"],
  account: (ref: string) => ["account", ref],
  operations: (ref: string) => ["operations", ref],
  operation: (id: string) => ["operation", id],
} as const;

export function useSession() {
  return useQuery({
    queryKey: keys.session,
    queryFn: ({ signal }) => take(api.GET("/api/v1/session", { signal })),
    staleTime: Infinity,
  });
}

/** Whether the session ended while the page was open: it then asks to sign in again over what is on it, and loses nothing. */
export function useSessionEnded(): boolean {
  return useQuery({ queryKey: keys.ended, queryFn: () => false, initialData: false, staleTime: Infinity }).data;
}

export function useServer() {
  return useQuery({
    queryKey: keys.server,
    queryFn: async ({ signal }) => {
      const server = await take(api.GET("/api/v1/server", { signal }));
      // The clock of the account's cloud may stand elsewhere than this machine's: countdowns use the difference.
      return { ...server, offset: Date.parse(server.now) - Date.now() };
    },
    refetchInterval: unlessRefused(30_000),
  });
}

export function useAccounts() {
  return useQuery({
    queryKey: keys.accounts,
    queryFn: async ({ signal }) => (await take(api.GET("/api/v1/accounts", { signal }))).accounts,
    refetchInterval: unlessRefused(glance),
  });
}

/** The tenants that accounts are in. */
export function useAccountTenants() {
  return useQuery({
    queryKey: [...keys.accounts, "tenants"],
    queryFn: async ({ signal }) => (await take(api.GET("/api/v1/tenants", { signal }))).tenants,
  });
}

/** The accounts by whose rights the others of their tenants are renewed. */
export function useStewards() {
  return useQuery({
    queryKey: [...keys.accounts, "stewards"],
    queryFn: async ({ signal }) => (await take(api.GET("/api/v1/stewards", { signal }))).stewards,
  });
}

/** Makes an account the steward of its tenant, or ends that. */
export function useSetSteward(account: Pick<Account, "id">) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (on: boolean) => {
      const params = { path: { account: account.id } };
      return on
        ? send(api.PUT("/api/v1/accounts/{account}/steward", { params }))
        : send(api.DELETE("/api/v1/accounts/{account}/steward", { params }));
    },
    onSuccess: () => refreshAccounts(client),
  });
}

export function useAccount(ref: string) {
  return useQuery({
    queryKey: keys.account(ref),
    queryFn: ({ signal }) => take(api.GET("/api/v1/accounts/{account}", { params: { path: { account: ref } }, signal })),
    refetchInterval: unlessRefused(glance),
  });
}

export function useOperations(ref: string) {
  return useQuery({
    queryKey: keys.operations(ref),
    queryFn: async ({ signal }) =>
      (await take(api.GET("/api/v1/accounts/{account}/operations", { params: { path: { account: ref } }, signal }))).operations,
    refetchInterval: unlessRefused(glance),
  });
}

export function closed(operation: Pick<Operation, "state">): boolean {
  return operation.state === "done" || operation.state === "failed" || operation.state === "cancelled";
}

/** An operation, kept up to date by asking the server to answer as soon as it changes, until it has closed. */
export function useOperation(id: string) {
  const client = useQueryClient();
  return useQuery({
    queryKey: keys.operation(id),
    queryFn: async ({ signal }) => {
      const known = client.getQueryData<Operation>(keys.operation(id));
      const query = known && !closed(known) ? { wait: "10s", version: known.version } : {};
      const now = await take(api.GET("/api/v1/operations/{id}", { params: { path: { id }, query }, signal }));
      if (known && now.version !== known.version) void refreshAccounts(client);
      return now;
    },
    staleTime: 0,
    refetchInterval: (query) =>
      query.state.data && closed(query.state.data) ? false : unlessRefused(query.state.error ? glance : 50)(query),
  });
}

function refreshAccounts(client: QueryClient): Promise<unknown> {
  return Promise.all([
    client.invalidateQueries({ queryKey: keys.accounts }),
    client.invalidateQueries({ queryKey: ["account"] }),
    client.invalidateQueries({ queryKey: ["operations"] }),
  ]);
}

/** What can be asked of an account. Each answers with the operation that does it. */
export type Request =
  | {
      do: "renew";
      /** Left out: the kind that the account has. */ kind?: "secret" | "certificate";
      /** A sign-in made already. */ signIn?: string;
    }
  | { do: "recreate"; signIn?: string }
  | { do: "rollback" }
  | { do: "reconcile"; signIn?: string }
  | { do: "check"; signIn: boolean | string }
  | { do: "connect"; body: Connect };

export function useRequest(account: Pick<Account, "id">) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: Request): Promise<Operation> => {
      const params = { path: { account: account.id } };
      switch (request.do) {
        case "renew":
          return send(
            api.POST("/api/v1/accounts/{account}/renew", {
              params,
              body: { ...(request.kind ? { kind: request.kind } : {}), ...(request.signIn ? { sign_in: request.signIn } : {}) },
            }),
          );
        case "recreate":
          return send(api.POST("/api/v1/accounts/{account}/recreate", { params, body: request.signIn ? { sign_in: request.signIn } : {} }));
        case "rollback":
          return send(api.POST("/api/v1/accounts/{account}/rollback", { params }));
        case "reconcile":
          return send(
            api.POST("/api/v1/accounts/{account}/reconcile", { params, body: request.signIn ? { sign_in: request.signIn } : {} }),
          );
        case "check":
          return send(api.POST("/api/v1/accounts/{account}/check", { params, body: { sign_in: request.signIn } }));
        case "connect":
          return send(api.POST("/api/v1/accounts/{account}/connect", { params, body: request.body }));
      }
    },
    onSuccess: (operation) => {
      client.setQueryData(keys.operation(operation.id), operation);
      return refreshAccounts(client);
    },
  });
}

/** What can be asked of an operation. */
export type OperationRequest =
  | { do: "sign-in"; /** A sign-in made already; left out: a new code. */ signIn?: string }
  | { do: "cancel" }
  | { do: "choose"; option: string };

export function useOperationRequest(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: OperationRequest): Promise<Operation> => {
      const params = { path: { id } };
      switch (request.do) {
        case "sign-in":
          return send(api.POST("/api/v1/operations/{id}/sign-in", { params, body: request.signIn ? { sign_in: request.signIn } : {} }));
        case "cancel":
          return send(api.POST("/api/v1/operations/{id}/cancel", { params }));
        case "choose":
          return send(api.POST("/api/v1/operations/{id}/choose", { params, body: { option: request.option } }));
      }
    },
    onSuccess: async (operation) => {
      // A long poll under way may still answer with the state before this request.
      await client.cancelQueries({ queryKey: keys.operation(id) });
      client.setQueryData(keys.operation(operation.id), operation);
      await refreshAccounts(client);
    },
  });
}

export function useAcknowledge(account: Pick<Account, "id">) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => send(api.POST("/api/v1/accounts/{account}/acknowledge", { params: { path: { account: account.id } } })),
    onSuccess: () => refreshAccounts(client),
  });
}

/**
 * Discloses the current credential. The answer is returned and not kept: no cache holds a secret.
 * @throws Problem
 */
export function disclose(account: Pick<Account, "id">, password?: string) {
  return send(
    api.POST("/api/v1/accounts/{account}/hand-over", {
      params: { path: { account: account.id } },
      body: password === undefined ? {} : { password },
    }),
  );
}
