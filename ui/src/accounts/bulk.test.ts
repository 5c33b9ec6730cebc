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
  total: 3,
  waiting: 0,
  running: 0,
  done: 1,
  failed: 0,
  started: [{ account: c, operation: { id: "op-c", kind: "renew", state: "done", summary: "", problem: null, step: "" } }],
  refused: [],
  sign_ins_needed: [{ cloud: "global", tenant_id: "t", accounts: [a, b] }],
};

test("what needs a sign-in is left until it was asked again", () => {
  expect(sumOf([job])).toMatchObject({ total: 3, ended: 1, open: 0, needed: [{ accounts: [a, b] }] });
  const second: BulkJob = {
    ...job,
    id: "2",
    total: 2,
    running: 1,
    done: 0,
    started: [{ account: a, operation: { id: "op-a", kind: "renew", state: "running", summary: "", problem: null, step: "Adding" } }],
    refused: [{ account: b, problem: { code: "conflict", message: "m", meaning: "", remedy: "", field: "", source: "" } }],
    sign_ins_needed: [],
  };
  expect(sumOf([job, second])).toMatchObject({ total: 3, ended: 1, open: 1, refused: 1, needed: [] });
});
