import { useInfiniteQuery } from "@tanstack/react-query";

import { ask } from "../api/ask";
import { keys } from "../api/queries";

/** Something that happened to an account. */
export interface HistoryEvent {
  at: string;
  kind: "credential" | "check" | "operation" | "account" | "permission";
  /** A machine name, noun.verb: "credential.added". */
  action: string;
  title: string;
  detail: string;
  who: string;
  operation_id: string;
  credential_id: string;
  outcome: string;
}

interface Page {
  events: readonly HistoryEvent[];
  next_before: string | null;
}

const atOnce = "100";

/** The history of an account, newest first, in pages. */
export function useHistory(account: string) {
  return useInfiniteQuery({
    queryKey: [...keys.account(account), "history"],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      ask<Page>("GET", `/accounts/${encodeURIComponent(account)}/history`, {
        query: { limit: atOnce, before: pageParam === "" ? undefined : pageParam },
        signal,
      }),
    getNextPageParam: (last) => (last.next_before === null || last.next_before === "" ? undefined : last.next_before),
  });
}

/** What was done at one time for one reason: an operation with all that it did, or a single event. */
export interface Entry {
  /** Of the operation, or made of the event's place. */
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
  events.forEach((event, index) => {
    const id = event.operation_id === "" ? `at ${index} ${event.at}` : event.operation_id;
    const group = groups.get(id);
    if (group) group.push(event);
    else groups.set(id, [event]);
  });
  return [...groups].flatMap(([id, group]) => {
    const head = group.find((event) => event.kind === "operation") ?? group.find((event) => event.kind === "check") ?? group[0];
    return head ? [{ id, operation: head.operation_id, events: group, head }] : [];
  });
}

/** The day of a moment, by the reader's clock, to put entries under. */
export function dayOf(at: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "full" }).format(new Date(at));
}
