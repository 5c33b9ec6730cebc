import { kindLabel, progressLabel, slotLabel, stateLabel } from "../text/states";
import { date, moment } from "../text/time";
import type { HistoryEvent } from "./events";
import type { Bar } from "./timeline";

/** The life of a credential in a sentence, for those who do not see its bar. */
export function describe({ credential, end }: Bar, now: string): string {
  const parts = [
    `${kindLabel(credential.kind)}, ${slotLabel(credential.slot).text.toLowerCase()}`,
    `added ${moment(credential.added_at)} ${credential.made_by === "evercred" ? "by Evercred" : "not by Evercred"}`,
  ];
  if (credential.proven_at !== null) parts.push(`last proven ${moment(credential.proven_at)}`);
  if (credential.retired_at !== null) parts.push(`replaced ${moment(credential.retired_at)}`);
  if (credential.removed_at !== null) parts.push(`removed ${moment(credential.removed_at)}`);
  if (end !== null) parts.push(`${end < Date.parse(now) ? "ended" : "ends"} ${date(new Date(end).toISOString())}`);
  return parts.join("; ") + ".";
}

/** How an event ended, in a word or two; empty where there is nothing to say. */
export function outcomeOf(event: HistoryEvent): string {
  if (event.outcome === "") return "";
  return event.kind === "check" ? stateLabel(event.outcome).text : progressLabel(event.outcome).text;
}
