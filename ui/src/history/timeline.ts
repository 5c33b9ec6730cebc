import type { Credential } from "../api/client";
import type { Tone } from "../text/states";
import type { Entry, HistoryEvent } from "./events";

/** What a credential was during a stretch of time. "ahead" is what is left of its life; "over" is in use past its end. */
export type Phase = "next" | "current" | "retiring" | "ahead" | "over";

/** A stretch of time, in milliseconds since 1970. */
export interface Stretch {
  phase: Phase;
  from: number;
  to: number;
}

/** The life of one credential. */
export interface Bar {
  credential: Credential;
  stretches: readonly Stretch[];
  /** When it ends by itself; null if not known, or of no interest any more. */
  end: number | null;
}

const time = (text: string) => Date.parse(text);

/**
 * The lives of credentials, newest first. Their own times tell when each was added, last retired and removed; which was in use
 * when is told by the switches in the history, since after a rollback a credential was in use more than once.
 */
export function barsOf(credentials: readonly Credential[], events: readonly HistoryEvent[], now: string): Bar[] {
  const at = time(now);
  const turns = turnsOf(credentials, events);
  return credentials.map((credential) => {
    const gone = credential.slot === "removed" || credential.slot === "lost";
    const until = gone ? time(credential.removed_at ?? credential.retired_at ?? now) : at;
    const end = credential.expires_at === null ? null : time(credential.expires_at);
    const stretches: Stretch[] = [];
    const put = (phase: Phase, from: number, to: number) => {
      if (to > from) stretches.push({ phase, from, to });
    };
    const added = Math.min(time(credential.added_at), until);
    const own = turns.filter((turn) => turn.id === credential.id);
    put("next", added, own[0]?.from ?? until);
    own.forEach((turn, index) => {
      const to = Math.min(turn.to ?? until, until);
      const dead = end === null ? to : Math.min(to, Math.max(end, turn.from));
      put("current", turn.from, dead);
      put("over", dead, to);
      put("retiring", to, Math.min(own[index + 1]?.from ?? until, until));
    });
    // What is kept for a while is taken away before its end, as a rule.
    if (!gone && end !== null && credential.slot !== "retiring") put("ahead", at, end);
    return { credential, stretches, end: gone ? null : end };
  });
}

interface Turn {
  id: string;
  from: number;
  /** Null while it goes on. */
  to: number | null;
}

/** Which credential was in use from when to when, oldest first. */
function turnsOf(credentials: readonly Credential[], events: readonly HistoryEvent[]): Turn[] {
  const switches = events
    .filter((event) => event.action === "credential.switched" || event.action === "credential.rolled_back")
    .map((event) => ({ id: event.credential_id, from: time(event.at) }))
    .filter((turn) => credentials.some((credential) => credential.id === turn.id));
  // What was in use before the history begins, or came with the account, has no switch: it was used from when it was added.
  const starts = credentials
    .filter((credential) => credential.slot !== "next" && !switches.some((turn) => turn.id === credential.id))
    .filter((credential) => credential.slot !== "removed" || credential.retired_at !== null)
    .map((credential) => ({ id: credential.id, from: time(credential.added_at) }));
  const sorted = [...starts, ...switches].sort((a, b) => a.from - b.from);
  return sorted.map((turn, index) => {
    const next = sorted.slice(index + 1).find((other) => other.id !== turn.id);
    const retired = credentials.find((credential) => credential.id === turn.id)?.retired_at ?? null;
    return { ...turn, to: next?.from ?? (retired === null ? null : Math.max(turn.from, time(retired))) };
  });
}

/** A moment in the picture: an entry, or several too close to be told apart. */
export interface Mark {
  /** Milliseconds since 1970, of the latest. */
  at: number;
  tone: Tone;
  entries: readonly Entry[];
}

const worst: readonly Tone[] = ["bad", "warning", "neutral", "good"];

/** How well something went, by the word of the server. */
export function toneOf(outcome: string): Tone {
  switch (outcome) {
    case "done":
    case "ok":
    case "success":
    case "valid":
      return "good";
    case "failed":
    case "expired":
    case "secret_invalid":
    case "certificate_mismatch":
    case "app_not_found":
    case "service_principal_missing":
    case "app_disabled":
    case "blocked":
      return "bad";
    case "":
    case "running":
    case "cancelled":
    case "skipped":
    case "unknown":
      return "neutral";
    default:
      return "warning";
  }
}

/**
 * Entries as marks, oldest first; those closer than gap milliseconds become one, with the worst of their tones.
 */
export function marksOf(entries: readonly Entry[], gap: number): Mark[] {
  const marks: Mark[] = [];
  const sorted = [...entries].sort((a, b) => time(a.head.at) - time(b.head.at));
  for (const entry of sorted) {
    const at = time(entry.head.at);
    const tone = toneOf(entry.head.outcome);
    const last = marks.at(-1);
    if (last && at - last.at < gap) {
      const both = worst.indexOf(tone) < worst.indexOf(last.tone) ? tone : last.tone;
      marks[marks.length - 1] = { at, tone: both, entries: [...last.entries, entry] };
    } else marks.push({ at, tone, entries: [entry] });
  }
  return marks;
}

/** What the picture shows, in milliseconds since 1970. */
export interface Span {
  from: number;
  to: number;
}

const day = 86_400_000;

/** The stretches of time that can be chosen; "all" is from the beginning to the last end. */
export const spans = ["week", "quarter", "year", "all"] as const;
export type SpanName = (typeof spans)[number];

/** Where the picture begins and ends. What is to come gets a part of it, since an end that nears is what one looks for. */
export function spanOf(name: SpanName, bars: readonly Bar[], events: readonly HistoryEvent[], now: string): Span {
  const at = time(now);
  switch (name) {
    case "week":
      return { from: at - 7 * day, to: at + 2 * day };
    case "quarter":
      return { from: at - 90 * day, to: at + 30 * day };
    case "year":
      return { from: at - 365 * day, to: at + 180 * day };
    case "all": {
      const starts = [...bars.flatMap((bar) => bar.stretches.map((s) => s.from)), ...events.map((event) => time(event.at)), at - day];
      const ends = [...bars.flatMap((bar) => [...bar.stretches.map((s) => s.to), bar.end ?? at]), at + day];
      const from = Math.min(...starts);
      const to = Math.max(...ends);
      const edge = (to - from) * 0.03;
      return { from: from - edge, to: to + edge };
    }
  }
}

/** A line of the scale. */
export interface Tick {
  at: number;
  text: string;
}

const hour = day / 24;
const steps: readonly number[] = [hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day, 14 * day];

/** Lines of a scale with about so many: at whole hours, days, or beginnings of months, by the reader's clock. */
export function ticksOf({ from, to }: Span, about: number): Tick[] {
  const wanted = (to - from) / Math.max(1, about);
  const step = steps.find((s) => s >= wanted);
  return step === undefined ? months(from, to, Math.ceil(wanted / (30 * day))) : regular(from, to, step);
}

function regular(from: number, to: number, step: number): Tick[] {
  const ticks: Tick[] = [];
  const start = new Date(from);
  start.setHours(0, 0, 0, 0);
  const format =
    step < day
      ? new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" })
      : new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
  const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
  for (let at = start.getTime(); at <= to; at += step) {
    if (at < from) continue;
    const when = new Date(at);
    const midnight = when.getHours() === 0 && when.getMinutes() === 0;
    ticks.push({ at, text: midnight ? date.format(when) : format.format(when) });
  }
  return ticks;
}

function months(from: number, to: number, every: number): Tick[] {
  const step = [1, 2, 3, 6].find((n) => n >= every) ?? Math.ceil(every / 12) * 12;
  const ticks: Tick[] = [];
  const start = new Date(from);
  for (let month = 0; ; month += step) {
    const at = new Date(start.getFullYear(), Math.ceil((start.getMonth() + 1) / step) * step + month, 1);
    if (at.getTime() > to) return ticks;
    const format = new Intl.DateTimeFormat(undefined, at.getMonth() === 0 || step >= 12 ? { year: "numeric" } : { month: "short" });
    ticks.push({ at: at.getTime(), text: format.format(at) });
  }
}
