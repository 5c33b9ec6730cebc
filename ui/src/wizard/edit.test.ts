import { describe, expect, it } from "vitest";

import { conflictsOf, durationProblem, editableOf, patchOf, rebased, type AccountFacts, type Editable } from "./edit";

const facts: AccountFacts = {
  name: "backup",
  description: "d",
  used_by: ["nightly"],
  policy: { lifetime: "180d", soak: "24h", renew_before: "30d", automatic: false },
  subscriptions: [{ id: "s1", name: "One" }],
  management_group: "",
  profile: "",
  purposes: [],
};
const base = editableOf(facts);
const edited = (part: Partial<Editable>): Editable => ({ ...base, ...part });

describe("patchOf", () => {
  it.each<[string, Partial<Editable>, unknown]>([
    ["nothing", {}, null],
    ["blanks around a text", { description: " d " }, null],
    ["the order of subscriptions", { subscriptions: [{ id: "s1", name: "renamed" }] }, null],
    ["a name", { name: "other" }, { name: "other" }],
    ["notes", { usedBy: "nightly\nweekly" }, { used_by: ["nightly", "weekly"] }],
    ["two parts of the policy", { lifetime: "90d", automatic: true }, { policy: { lifetime: "90d", automatic: true } }],
    ["another scope", { scope: "group", group: { id: "mg", name: "mg" } }, { management_group: "mg" }],
    ["a choice of purposes", { profile: "veeam", granular: true, purposes: ["w"] }, { profile: "veeam", purposes: ["w"] }],
    ["everything again", { profile: "veeam" }, { profile: "veeam", purposes: [] }],
  ])("sends %s", (_name, part, want) => {
    expect(patchOf(base, edited(part))).toEqual(want);
  });
});

describe("an edit that somebody else was quicker with", () => {
  const theirs = edited({ description: "theirs", lifetime: "90d", name: "renamed" });
  const mine = edited({ description: "mine", soak: "48h", name: "renamed" });
  it("fights over what both changed to different ends, and over nothing else", () => {
    expect(conflictsOf(base, theirs, mine).map((c) => [c.part.name, c.theirs, c.mine])).toEqual([["description", "theirs", "mine"]]);
  });
  it("keeps mine, with what only they changed", () => {
    const now = rebased(base, theirs, mine, new Set());
    expect(patchOf(theirs, now)).toEqual({ description: "mine", policy: { soak: "48h" } });
  });
  it("takes theirs where it is so chosen", () => {
    const now = rebased(base, theirs, mine, new Set(["description"]));
    expect(patchOf(theirs, now)).toEqual({ policy: { soak: "48h" } });
  });
});

describe("durationProblem", () => {
  it.each([
    ["180d", true],
    ["24h", true],
    ["36h0m0s", true],
    ["1d12h", true],
    ["0s", true],
    ["", false],
    ["soon", false],
    ["-1d", false],
    ["180 days", false],
  ])("%s", (typed, good) => {
    expect(durationProblem(typed) === "").toBe(good);
  });
});
