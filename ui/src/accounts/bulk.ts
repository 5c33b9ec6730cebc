import { useQueries, useQueryClient, useMutation } from "@tanstack/react-query";

import { ask } from "../api/ask";
import type { Failure, Operation } from "../api/client";
import { Problem } from "../api/problem";
import { keys } from "../api/queries";
import { filterOf, type ListQuery } from "./query";
import type { Chosen, Selection } from "./selection";

export type BulkAction = "check" | "renew";

/** Accounts of one tenant for which one person has to sign in, once. */
export interface SignInNeeded {
  cloud: string;
  tenant_id: string;
  accounts: readonly Chosen[];
}

/** What was asked of many accounts at once, and how far it is. */
export interface BulkJob {
  id: string;
  action: BulkAction;
  state: "running" | "done";
  total: number;
  waiting: number;
  running: number;
  done: number;
  failed: number;
  started: readonly { account: Chosen; operation: BulkOperation }[];
  refused: readonly { account: Chosen; problem: Failure }[];
  sign_ins_needed: readonly SignInNeeded[];
}

export interface BulkOperation extends Pick<Operation, "id" | "kind" | "state" | "summary" | "problem"> {
  /** The title of the step under way. */
  step: string;
}

export interface BulkRequest {
  action: BulkAction;
  accounts?: readonly string[];
  filter?: Record<string, string | readonly string[]>;
  sign_in?: string;
}

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
    onSuccess: (job) => {
      client.setQueryData(bulkKey(job.id), job);
      return client.invalidateQueries({ queryKey: keys.accounts });
    },
  });
}

/** Follows several of them until all have ended. */
export function useBulk(ids: readonly string[]) {
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: bulkKey(id),
      queryFn: ({ signal }: { signal: AbortSignal }) => ask<BulkJob>("GET", `/bulk/${encodeURIComponent(id)}`, { signal }),
      // Of thousands the answer is long; it is then asked for less often.
      refetchInterval: (query: { state: { data?: BulkJob | undefined; error: Error | null } }) => {
        const { data, error } = query.state;
        if (error instanceof Problem && [401, 403, 404].includes(error.status)) return false;
        if (data && data.waiting + data.running === 0) return false;
        return data && data.total > 500 ? 4_000 : 1_200;
      },
    })),
  });
}

export interface BulkSum {
  total: number;
  ended: number;
  failed: number;
  refused: number;
  /** Still to end; what waits for a sign-in that nobody has begun is not among them. */
  open: number;
  started: BulkJob["started"];
  refusals: BulkJob["refused"];
  needed: readonly SignInNeeded[];
}

/**
 * Several as one: the first request, and those that went on with what needed a sign-in. What was asked again after a sign-in
 * is not needed any more.
 */
export function sumOf(jobs: readonly BulkJob[]): BulkSum {
  const started = jobs.flatMap((job) => job.started);
  const refusals = jobs.flatMap((job) => job.refused);
  const settled = new Set([...started, ...refusals].map((entry) => entry.account.id));
  const needed = new Map<string, SignInNeeded>();
  for (const group of jobs.flatMap((job) => job.sign_ins_needed)) {
    const accounts = group.accounts.filter((account) => !settled.has(account.id));
    if (accounts.length > 0) needed.set(`${group.cloud} ${group.tenant_id}`, { ...group, accounts });
  }
  const sum = (of: (job: BulkJob) => number) => jobs.reduce((n, job) => n + of(job), 0);
  return {
    total: jobs[0]?.total ?? 0, // the others go on with a part of the first
    ended: sum((job) => job.done + job.failed),
    failed: sum((job) => job.failed),
    refused: refusals.length,
    open: sum((job) => job.waiting + job.running),
    started,
    refusals,
    needed: [...needed.values()],
  };
}
