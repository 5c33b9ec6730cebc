import { expect, test } from "vitest";

import { bulkOf, sumOf, type BulkJob } from "./bulk";
import { everything } from "./query";
import { allMatching, mark, nothing } from "./selection";

const a = { id: "a", name: "backup-a" };
const b = { id: "b", name: "backup-b" };
const c = { id: "c", name: "backup-c" };

test("some accounts are named, all that match are described", () => {
  expect(bulkOf("check", everything, mark(nothing, [a, b], true))).toEqual({ action: "check", accounts: ["a", "b"] });
  expect(bulkOf("renew", { ...everything, states: ["expired"] }, mark(allMatching, [a], false))).toEqual({
    action: "renew",
    filter: { state: ["expired"], except: ["a"] },
  });
  expect(bulkOf("renew", everything, allMatching)).toEqual({ action: "renew", filter: {} });
});

const job: BulkJob = {
  id: "1",
  action: "renew",
  state: "done",
  total: 1,
  waiting: 0,
  running: 0,
  done: 1,
  failed: 0,
  needs_sign_in: 0,
  cancelled: 0,
  found: [],
  started: [{ account: c, operation: { id: "op-c", kind: "renew", state: "done", summary: "", found: null, problem: null, step: "" } }],
  refused: [],
  sign_ins_needed: [{ cloud: "global", tenant_id: "t", accounts: [a, b] }],
  started_by: "admin",
  created_at: null,
  closed_at: null,
};

test("what needs a sign-in is left until it was asked again", () => {
  const first = { answer: job, tenant: "" };
  expect(sumOf([first], [])).toMatchObject({ total: 3, done: 1, open: 0, needed: [{ accounts: [a, b] }] });
  const answer: BulkJob = {
    ...job,
    id: "2",
    total: 2,
    running: 1,
    done: 0,
    started: [
      { account: a, operation: { id: "op-a", kind: "renew", state: "running", summary: "", found: null, problem: null, step: "Adding" } },
    ],
    refused: [{ account: b, problem: { code: "conflict", message: "m", meaning: "", remedy: "", field: "", source: "" } }],
    sign_ins_needed: [],
  };
  const both = [first, { answer, tenant: "global t" }];
  expect(sumOf(both, [])).toMatchObject({ total: 3, done: 1, open: 1, refused: 1, needed: [] });
  expect(sumOf(both, [{ ...answer, running: 0, done: 1, refused: [] }])).toMatchObject({ total: 3, done: 2, open: 0, refused: 1 });
});

test("a sign-in that does not fit leaves its tenant to sign in for", () => {
  const again = { answer: { ...job, id: "", total: 0, done: 0, started: [] }, tenant: "global t" };
  expect(sumOf([{ answer: job, tenant: "" }, again], []).needed).toHaveLength(1);
});

test("after a reload what the server tells is enough", () => {
  expect(sumOf([], [{ ...job, sign_ins_needed: [] }])).toMatchObject({ total: 1, done: 1, needed: [] });
});

test("what checks found is counted, the worst first", () => {
  const valid = { state: "valid", count: 4 } as const;
  const expired = { state: "expired", count: 1 } as const;
  expect(
    sumOf(
      [],
      [
        { ...job, found: [valid, expired] },
        { ...job, id: "2", found: [valid] },
      ],
    ).found,
  ).toEqual([
    { state: "expired", count: 1 },
    { state: "valid", count: 8 },
  ]);
});
