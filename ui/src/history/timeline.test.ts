import { describe, expect, test } from "vitest";

import type { Credential } from "../api/client";
import { entriesOf, type HistoryEvent } from "./events";
import { barsOf, marksOf, spanOf, ticksOf, toneOf } from "./timeline";

const day = 86_400_000;
const base = Date.parse("2026-01-01T00:00:00Z");
const on = (n: number) => new Date(base + n * day).toISOString();

function credential(id: string, slot: Credential["slot"], part: Partial<Credential>): Credential {
  return {
    id,
    kind: "secret",
    slot,
    application_id: "app",
    key_id: id,
    starts_at: null,
    expires_at: null,
    expires_reason: "",
    thumbprint: "",
    subject: "",
    proven_at: null,
    made_by: "evercred",
    added_at: on(0),
    disclosed_at: null,
    acknowledged_at: null,
    retired_at: null,
    removed_at: null,
    note: "",
    fate: null,
    ...part,
  };
}

function event(n: number, action: string, part: Partial<HistoryEvent> = {}): HistoryEvent {
  return {
    id: Math.round(n * 1000),
    at: on(n),
    kind: "credential",
    action,
    title: action,
    detail: "",
    who: "",
    person: "",
    operation_kind: "",
    changes: [],
    operation_id: "",
    credential_id: "",
    outcome: "",
    ...part,
  };
}

const shape = (bars: ReturnType<typeof barsOf>) =>
  bars.map((bar) => bar.stretches.map((s) => `${s.phase} ${(s.from - base) / day}-${(s.to - base) / day}`).join(", "));

describe("the lives of credentials", () => {
  test("one that came with the account is in use since, and has its rest ahead", () => {
    expect(shape(barsOf([credential("a", "current", { expires_at: on(180) })], [], on(10)))).toEqual(["current 0-10, ahead 10-180"]);
  });

  test("a renewal: added, in use from the switch; the old one kept, then removed", () => {
    const credentials = [
      credential("b", "current", { added_at: on(10), expires_at: on(190) }),
      credential("a", "removed", { retired_at: on(11), removed_at: on(13), expires_at: on(180) }),
    ];
    const events = [event(11, "credential.switched", { credential_id: "b" })];
    expect(shape(barsOf(credentials, events, on(20)))).toEqual(["next 10-11, current 11-20, ahead 20-190", "current 0-11, retiring 11-13"]);
  });

  test("after a rollback the former one is in use twice", () => {
    const credentials = [credential("b", "retiring", { added_at: on(10), retired_at: on(15) }), credential("a", "current", {})];
    const events = [
      event(15, "credential.rolled_back", { credential_id: "a" }),
      event(11, "credential.switched", { credential_id: "b" }),
      event(0, "credential.switched", { credential_id: "a" }),
    ];
    expect(shape(barsOf(credentials, events, on(20)))).toEqual([
      "next 10-11, current 11-15, retiring 15-20",
      "current 0-11, retiring 11-15, current 15-20",
    ]);
  });

  test("one that is in use past its end says so", () => {
    expect(shape(barsOf([credential("a", "current", { expires_at: on(9) })], [], on(10)))).toEqual(["current 0-9, over 9-10"]);
  });

  test("one that was added and taken back was never in use", () => {
    expect(shape(barsOf([credential("a", "removed", { removed_at: on(1) })], [], on(10)))).toEqual(["next 0-1"]);
  });
});

describe("marks", () => {
  const check = (n: number, outcome: string) => event(n, "account.checked", { kind: "check", operation_id: `op-${n}`, outcome });
  test("what is close becomes one, with the worst of the tones", () => {
    const marks = marksOf(entriesOf([check(5, "valid"), check(1.1, "expired"), check(1, "valid")]), day);
    expect(marks.map((mark) => [mark.entries.length, mark.tone])).toEqual([
      [2, "bad"],
      [1, "good"],
    ]);
  });
  test("an outcome that is not known is something to look at", () => {
    expect([toneOf("permissions_missing"), toneOf(""), toneOf("done"), toneOf("failed")]).toEqual(["warning", "neutral", "good", "bad"]);
  });
});

test("the events of an operation are one entry, named by the operation", () => {
  const events = [
    event(3, "operation.done", { kind: "operation", operation_id: "op-1", title: "Renewal" }),
    event(2, "account.edited", { kind: "account" }),
    event(1, "credential.added", { operation_id: "op-1" }),
  ];
  expect(entriesOf(events).map((entry) => [entry.head.action, entry.events.length])).toEqual([
    ["operation.done", 2],
    ["account.edited", 1],
  ]);
});

describe("the scale", () => {
  test("has about as many lines as there is room for", () => {
    for (const length of [1, 9, 120, 545, 4000]) {
      const ticks = ticksOf({ from: base, to: base + length * day }, 8);
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThan(13);
      for (const tick of ticks) expect(tick.at).toBeGreaterThanOrEqual(base);
    }
  });
  test("everything holds the first credential and the last end", () => {
    const bars = barsOf([credential("a", "current", { expires_at: on(180) })], [], on(10));
    const span = spanOf("all", bars, [], on(10));
    expect(span.from).toBeLessThan(base);
    expect(span.to).toBeGreaterThan(base + 180 * day);
  });
});
