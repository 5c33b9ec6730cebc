import { keepPreviousData, queryOptions, useMutation, useQueries, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";

import { api, send, take, type Account, type Operation } from "../api/client";
import type { components } from "../api/schema";
import { Problem, unreachable } from "../api/problem";
import { keys, unlessRefused } from "../api/queries";
import { parametersOf, type ListQuery } from "./query";

type Schemas = components["schemas"];

/** An account as the list shows it. */
export type AccountSummary = Schemas["AccountSummary"];
export type AccountList = Schemas["AccountList"];

interface Page extends AccountList {
  /** The query it answers, and the server's mark of this answer. */
  query: string;
  etag: string;
}

/** Accounts that are read at once. */
export const pageSize = 100;
export const pageOf = (index: number) => Math.floor(index / pageSize);
const glance = 5_000;

function pageOptions(client: QueryClient, query: string, page: number) {
  const queryKey = [...keys.accounts, "list", query, page] as const;
  return queryOptions({
    queryKey,
    queryFn: async ({ signal }): Promise<Page> => {
      const known = client.getQueryData<Page>(queryKey);
      const search = new URLSearchParams(query);
      search.set("limit", String(pageSize));
      search.set("offset", String(page * pageSize));
      return fresh(search, query, known, signal);
    },
    // What was refused before anything was shown is refused again: asking anew would only make the message blink.
    refetchInterval: (q) => (q.state.error instanceof Problem && q.state.data === undefined ? false : unlessRefused(glance)(q)),
    gcTime: 60_000,
  });
}

/** Reads a page of the list; while nothing has changed, the server says only that. */
async function fresh(search: URLSearchParams, query: string, known: Page | undefined, signal: AbortSignal): Promise<Page> {
  const headers: Record<string, string> = known && known.etag !== "" ? { "If-None-Match": known.etag } : {};
  let answer;
  try {
    answer = await fetch("/api/v1/accounts?" + search.toString(), { headers, signal });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw unreachable();
  }
  if (answer.status === 304 && known) return known;
  const body: unknown = await answer.json().catch(() => null);
  if (!answer.ok) throw Problem.of(body, answer.status);
  return { ...(body as AccountList), query, etag: answer.headers.get("etag") ?? "" };
}

/**
 * The accounts that match, as far as they are looked at: the first page, which tells the counts, and those that hold rows
 * from the first page to the last. While a new query is being answered the former answer stays.
 */
export function useAccountList(query: ListQuery, firstPage: number, lastPage: number) {
  const client = useQueryClient();
  const wanted = parametersOf(query).toString();
  const head = useQuery({ ...pageOptions(client, wanted, 0), placeholderData: keepPreviousData });
  const shown = head.data?.query ?? wanted;
  const matched = head.data?.matched ?? 0;
  const pages: number[] = [];
  const end = Math.min(lastPage, pageOf(Math.max(0, matched - 1)));
  for (let page = Math.max(1, firstPage); page <= end; page++) pages.push(page);
  const more = useQueries({ queries: pages.map((page) => pageOptions(client, shown, page)) });
  const row = (index: number): AccountSummary | undefined => {
    const page = pageOf(index);
    const data = page === 0 ? head.data : more[pages.indexOf(page)]?.data;
    return data?.accounts[index % pageSize];
  };
  const failing = [head, ...more].find((q) => q.error !== null || q.failureCount > 0);
  return {
    /** The first page and the counts; undefined before the first answer. */
    list: head.data,
    row,
    /** Another query was asked for than the one that is shown. */
    behind: head.isPlaceholderData,
    /** Why the latest reading failed; null if it did not. */
    failure: failing ? (failing.error ?? failing.failureReason) : null,
    refetch: () => void client.invalidateQueries({ queryKey: keys.accounts }),
  };
}

/** One account whole, for a window over the list. */
export function readAccount(ref: string, signal: AbortSignal): Promise<Account> {
  return take(api.GET("/api/v1/accounts/{account}", { params: { path: { account: ref } }, signal }));
}

/** Starts what a row's menu offers, on an account of the list. */
export function useRowRequest() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ account, what }: { account: Pick<AccountSummary, "id">; what: "check" | "renew" }): Promise<Operation> => {
      const params = { path: { account: account.id } };
      return what === "check"
        ? send(api.POST("/api/v1/accounts/{account}/check", { params, body: {} }))
        : send(api.POST("/api/v1/accounts/{account}/renew", { params, body: {} }));
    },
    onSuccess: (operation) => {
      client.setQueryData(keys.operation(operation.id), operation);
      return client.invalidateQueries({ queryKey: keys.accounts });
    },
  });
}

/** The rows from one index to another, read where they are not known; for a selection over what was scrolled past. */
export async function rowsBetween(client: QueryClient, query: string, from: number, to: number): Promise<AccountSummary[]> {
  const out: AccountSummary[] = [];
  for (let page = pageOf(from); page <= pageOf(to); page++) {
    const { accounts } = await client.query(pageOptions(client, query, page));
    const start = page * pageSize;
    out.push(...accounts.slice(Math.max(0, from - start), to - start + 1));
  }
  return out;
}
