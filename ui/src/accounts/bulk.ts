import { useMutation, useQueries, useQueryClient } from "@tanstack/react-query";

import { ask } from "../api/ask";
import { Problem } from "../api/problem";
import { keys } from "../api/queries";
import type { components } from "../api/schema";
import { stateLabel, worstFirst } from "../text/states";
import { filterOf, type ListQuery } from "./query";
import type { Selection } from "./selection";

type Schemas = components["schemas"];

/** What was asked of many accounts at once, and how far it is. */
export type BulkJob = Schemas["Bulk"];
export type BulkRequest = Schemas["BulkRequest"];
export type BulkAction = BulkRequest["action"];
export type BulkOperation = Schemas["BulkOperation"];
/** Accounts of one tenant for which one person has to sign in, once. */
export type SignInNeeded = Schemas["BulkSignIn"];

// The server tells of so many accounts at once. Of more only those are asked for that are not done.
const told = 1_000;

/** The request for what is selected. */
export function bulkOf(action: BulkAction, query: ListQuery, selection: Selection): BulkRequest {
  if (selection.kind === "some") return { action, accounts: [...selection.chosen.keys()] };
  const except = [...selection.except];
  return { action, filter: { ...filterOf(query), ...(except.length > 0 ? { except } : {}) } };
}

const bulkKey = (id: string) => ["bulk", id] as const;

/** Starts something on many accounts. @param key of the request: sent again under it, it is done once. */
export function useStartBulk() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ body, key }: { body: BulkRequest; key: string }) =>
      ask<BulkJob>("POST", "/accounts/bulk", { body, headers: { "Idempotency-Key": key } }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.accounts }),
  });
}

/** Gives up the accounts that wait for their turn. What runs goes on. */
export function useStopBulk() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (ids: readonly string[]) => Promise.all(ids.map((id) => ask<BulkJob>("POST", `/bulk/${encodeURIComponent(id)}/cancel`))),
    onSuccess: () => client.invalidateQueries({ queryKey: ["bulk"] }),
  });
}

/** Follows several of them until all have ended. */
export function useBulk(ids: readonly string[]) {
  const client = useQueryClient();
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: bulkKey(id),
      queryFn: ({ signal }: { signal: AbortSignal }) => {
        const known = client.getQueryData<BulkJob>(bulkKey(id));
        const state = known && known.total > told ? "running,failed,needs_sign_in,refused" : undefined;
        return ask<BulkJob>("GET", `/bulk/${encodeURIComponent(id)}`, { query: { limit: String(told), state }, signal });
      },
      refetchInterval: (query: { state: { data?: BulkJob | undefined; error: Error | null } }) => {
        const { data, error } = query.state;
        if (error instanceof Problem && [401, 403, 404].includes(error.status)) return false;
        if (data && data.waiting + data.running === 0) return false;
        return data && data.total > 200 ? 3_000 : 1_000;
      },
    })),
  });
}

/** A request and the first answer to it. */
export interface Asked {
  answer: BulkJob;
  /** The tenant whose accounts it went on with after a sign-in; empty for the first. */
  tenant: string;
}

export interface BulkSum {
  total: number;
  done: number;
  failed: number;
  refused: number;
  cancelled: number;
  /** Interrupted operations that wait for a person. */
  interrupted: number;
  /** Have their turn, or wait for it. */
  open: number;
  waiting: number;
  /** How many accounts were found in each state by checks; the worst first. */
  found: BulkJob["found"];
  started: BulkJob["started"];
  refusals: BulkJob["refused"];
  needed: readonly SignInNeeded[];
}

export const tenantOf = (group: Pick<SignInNeeded, "cloud" | "tenant_id">) => `${group.cloud} ${group.tenant_id}`;

/**
 * Several as one: the first request, and those that went on with what needed a sign-in.
 * @param now what was read of them since, by their ids.
 */
export function sumOf(asked: readonly Asked[], now: readonly BulkJob[]): BulkSum {
  const known = new Set(asked.map(({ answer }) => answer.id));
  const jobs = [
    ...asked.map(({ answer }) => now.find((job) => job.id === answer.id) ?? answer),
    ...now.filter((job) => !known.has(job.id)), // after a reload
  ];
  const needed = new Map<string, SignInNeeded>();
  for (const { answer, tenant } of asked) {
    needed.delete(tenant);
    for (const group of answer.sign_ins_needed) needed.set(tenantOf(group), group);
  }
  const started = jobs.flatMap((job) => job.started);
  const begun = new Set(started.map((entry) => entry.account.id));
  const refused = new Map<string, BulkJob["refused"][number]>();
  for (const job of [...asked.map(({ answer }) => answer), ...now])
    for (const entry of job.refused) if (!begun.has(entry.account.id)) refused.set(entry.account.id, entry);
  const sum = (of: (job: BulkJob) => number) => jobs.reduce((n, job) => n + of(job), 0);
  const found = new Map<BulkJob["found"][number]["state"], number>();
  for (const { state, count } of jobs.flatMap((job) => job.found).reverse()) found.set(state, (found.get(state) ?? 0) + count);
  const rest = [...needed.values()];
  return {
    total: sum((job) => job.total) + rest.reduce((n, group) => n + group.accounts.length, 0),
    done: sum((job) => job.done),
    failed: sum((job) => job.failed),
    refused: refused.size,
    cancelled: sum((job) => job.cancelled),
    interrupted: sum((job) => job.needs_sign_in),
    open: sum((job) => job.waiting + job.running),
    waiting: sum((job) => job.waiting),
    found: [...found].map(([state, count]) => ({ state, count })).sort((a, b) => worstFirst(stateLabel(a.state), stateLabel(b.state))),
    started,
    refusals: [...refused.values()],
    needed: rest,
  };
}

const storageKey = "evercred-bulk";

/** What was asked before a reload: the server tells only once for whom somebody has to sign in. */
export function storedAsked(): Asked[] {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey) ?? "[]") as Asked[];
  } catch {
    return []; // a browser may refuse storage; a reload then forgets what was not begun
  }
}

export function storeAsked(asked: readonly Asked[]): void {
  try {
    if (asked.length === 0) sessionStorage.removeItem(storageKey);
    else sessionStorage.setItem(storageKey, JSON.stringify(asked));
  } catch {
    // as above
  }
}
