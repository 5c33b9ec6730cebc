import { describe, expect, it } from "vitest";

import type { PermissionRow } from "../api/permissions";
import { matching, scopesOf, scopeTitle, tally, worstFirst } from "./rows";

const row = (part: Partial<PermissionRow>): PermissionRow => ({
  purpose: "w",
  title: "Worker",
  scope: "/subscriptions/s1",
  scope_name: "One",
  result: "success",
  missing_actions: [],
  missing_data_actions: [],
  reason: "",
  ...part,
});
const rows = [
  row({}),
  row({ purpose: "v", title: "VM", result: "missing", missing_actions: ["Microsoft.Compute/disks/read"] }),
  row({ scope: "/subscriptions/s2", scope_name: "", result: "unknown", reason: "No access." }),
];

describe("the rows of a check", () => {
  it.each([
    ["COMPUTE", "", ["v"]],
    ["one worker", "", ["w"]],
    ["s2", "", ["w"]],
    ["", "missing", ["v"]],
    ["one", "unknown", []],
  ] as const)("search %s, result %s", (search, result, want) => {
    expect(matching(rows, search, result).map((r) => r.purpose)).toEqual(want);
  });
  it("come worst first", () => {
    expect(worstFirst(rows).map((r) => r.result)).toEqual(["missing", "unknown", "success"]);
  });
  it("are told in words", () => {
    expect(tally(rows)).toBe("1 missing · 1 unknown · 1 success");
    expect(scopeTitle(rows[2] ?? row({}))).toBe("s2");
  });
  it("say where something is missing", () => {
    expect(scopesOf(rows)).toEqual([
      { scope: "/subscriptions/s1", title: "One", missing: true },
      { scope: "/subscriptions/s2", title: "s2", missing: false },
    ]);
  });
});
