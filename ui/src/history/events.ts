import { useInfiniteQuery } from "@tanstack/react-query";

import { ask } from "../api/ask";
import { keys } from "../api/queries";
import type { components } from "../api/schema";

/** Something that happened to an account. */
export type HistoryEvent = components["schemas"]["HistoryEvent"];

const atOnce = "100";

/** The history of an account, newest first, in pages. */
export function useHistory(account: string) {
  return useInfiniteQuery({
    queryKey: [...keys.account(account), "history"],
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) =>
      ask<components["schemas"]["History"]>("GET", `/accounts/${encodeURIComponent(account)}/history`, {
        query: { limit: atOnce, before: pageParam === 0 ? undefined : String(pageParam) },
        signal,
      }),
    getNextPageParam: (last) => (last.next_before === 0 ? undefined : last.next_before),
  });
}

/** What was done at one time for one reason: an operation with all that it did, or a single event. */
export interface Entry {
  /** Of the operation, or of the event. */
  id: string;
  operation: string;
  /** Newest first. */
  events: readonly HistoryEvent[];
  /** The one that names the whole. */
  head: HistoryEvent;
}

/** Puts the events of an operation together; where an operation goes on for days its entry stands at its latest event. */
export function entriesOf(events: readonly HistoryEvent[]): Entry[] {
  const groups = new Map<string, HistoryEvent[]>();
  for (const event of events) {
    const id = event.operation_id === "" ? String(event.id) : event.operation_id;
    const group = groups.get(id);
    if (group) group.push(event);
    else groups.set(id, [event]);
  }
  return [...groups].flatMap(([id, group]) => {
    const head = group.find((event) => event.kind === "operation") ?? group.find((event) => event.kind === "check") ?? group[0];
    return head ? [{ id, operation: head.operation_id, events: group, head }] : [];
  });
}

/** The day of a moment, by the reader's clock, to put entries under. */
export function dayOf(at: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "full" }).format(new Date(at));
}
