const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Below this, an end is marked as near: it is also when the server says "expiring". */
export const soon = 30 * day;
/** Below this, it is urgent. */
export const urgent = 7 * day;

/** How pressing an end is. */
export type Urgency = "ended" | "urgent" | "soon" | "later" | "unknown";

/** @param end RFC 3339, or null if not known. @param now RFC 3339, on the same clock. */
export function urgencyOf(end: string | null, now: string): Urgency {
  if (end === null) return "unknown";
  const left = Date.parse(end) - Date.parse(now);
  if (left <= 0) return "ended";
  if (left < urgent) return "urgent";
  if (left < soon) return "soon";
  return "later";
}

/** The part of a lifetime that is still to come, 0 to 1; null where the start or the end is not known. */
export function remaining(start: string | null, end: string | null, now: string): number | null {
  if (start === null || end === null) return null;
  const [from, to, at] = [Date.parse(start), Date.parse(end), Date.parse(now)];
  if (to <= from) return 0;
  return Math.min(1, Math.max(0, (to - at) / (to - from)));
}

/** "in 9 days", "yesterday", "in 40 minutes": to the unit that a person would say. */
export function relative(when: string, now: string): string {
  const distance = Date.parse(when) - Date.parse(now);
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const size = Math.abs(distance);
  if (size < minute) return distance > 0 ? "in a moment" : "just now";
  if (size < hour) return format.format(Math.round(distance / minute), "minute");
  if (size < 2 * day && size < 36 * hour) {
    return size < day ? format.format(Math.round(distance / hour), "hour") : format.format(Math.sign(distance), "day");
  }
  if (size < 100 * day) return format.format(Math.round(distance / day), "day");
  if (size < 700 * day) return format.format(Math.round(distance / (30.44 * day)), "month");
  return format.format(Math.round(distance / (365.25 * day)), "year");
}

/** "2 Dec 2026", as the reader's browser writes dates. */
export function date(when: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium" }).format(new Date(when));
}

/** Date and time to the minute, as the reader's browser writes them. */
export function moment(when: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(when));
}

/** The time of day to the second. */
export function clock(when: string): string {
  return new Intl.DateTimeFormat(undefined, { timeStyle: "medium" }).format(new Date(when));
}

/** How long something took: "1 s", "2 min 5 s". The server tells whole seconds. */
export function took(start: string, end: string): string {
  const length = Math.max(0, Date.parse(end) - Date.parse(start));
  if (length < second) return "< 1 s";
  if (length < minute) return `${Math.round(length / second)} s`;
  const seconds = Math.round((length % minute) / second);
  const minutes = Math.floor(length / minute);
  return seconds === 0 ? `${minutes} min` : `${minutes} min ${seconds} s`;
}

/** "14:32" until end; "0:00" when it is past. @param now milliseconds since 1970 on the end's clock. */
export function countdown(end: string, now: number): string {
  const left = Math.max(0, Math.floor((Date.parse(end) - now) / second));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}

/**
 * A text of the server with its times as this page shows times. The server writes them in one shape, in UTC, as they are read on
 * the command line.
 */
export function localTimes(text: string): string {
  return text.replace(/(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC/g, (_all, day: string, time: string) => moment(`${day}T${time}:00Z`));
}
