import { describe, expect, it } from "vitest";

import type { Profile } from "../api/permissions";
import type { ManagementGroup } from "../api/signins";
import { granted } from "./granted";
import { inTree } from "./groups";
import { shown, toggleAll, withChosen, type Choice } from "./picker";
import { amount, choose, needsOf, treeOf } from "./purposes";

const choices: Choice[] = [
  { id: "a1", name: "Production", state: "Enabled", may: "yes", reason: "" },
  { id: "b2", name: "Test", state: "Enabled", may: "no", reason: "no right" },
  { id: "c3", name: "", state: "Disabled", may: "unknown", reason: "" },
];

describe("the picker", () => {
  it.each([
    ["prod", "all", ["a1"]],
    ["B2", "all", ["b2"]],
    ["", "chosen", ["a1"]],
    ["", "may", ["a1"]],
    ["", "may_not", ["b2", "c3"]],
    ["prod xyz", "all", []],
  ] as const)("search %s, filter %s", (search, filter, want) => {
    expect(shown(choices, search, filter, new Set(["a1"])).map((c) => c.id)).toEqual(want);
  });
  it("selects all that are shown and can be, and leaves what is not shown", () => {
    expect(toggleAll([{ id: "z", name: "Z" }], choices, true).map((c) => c.id)).toEqual(["z", "a1", "c3"]);
    expect(
      toggleAll(
        [
          { id: "z", name: "Z" },
          { id: "a1", name: "" },
        ],
        choices,
        false,
      ).map((c) => c.id),
    ).toEqual(["z"]);
  });
  it("keeps what was chosen and is not seen any more, so that it can be taken away", () => {
    expect(withChosen(choices, [{ id: "gone", name: "Old" }]).at(-1)).toMatchObject({ id: "gone", may: null });
  });
});

describe("management groups", () => {
  const group = (id: string, parent: string): ManagementGroup => ({
    id,
    name: id,
    parent,
    may_assign_roles: "yes",
    reason: "",
    subscriptions: [],
  });
  it("stand as a tree, orphans and rings at the top, each once", () => {
    const found = inTree([
      group("b", "root"),
      group("a", "root"),
      group("root", "hidden"),
      group("aa", "a"),
      group("x", "y"),
      group("y", "x"),
    ]);
    expect(found.map((f) => [f.group.id, f.depth])).toEqual([
      ["root", 0],
      ["a", 1],
      ["aa", 2],
      ["b", 1],
      ["x", 0],
      ["y", 1],
    ]);
  });
});

describe("purposes", () => {
  const profile: Profile = {
    name: "p",
    version: "1",
    title: "P",
    source: "",
    roles: [],
    purposes: [
      { name: "w", title: "Worker", group: "management", actions: ["M/locks/read", "M/x/write"], data_actions: ["M/d"] },
      { name: "v", title: "VM", group: "operation", actions: ["m/locks/Read"], data_actions: [] },
    ],
  };
  it("are added up without regard to case", () => {
    expect(amount(needsOf(profile, { granular: false, purposes: [] }))).toBe("2 actions and 1 data action");
    expect(amount(needsOf(profile, { granular: true, purposes: ["v"] }))).toBe("1 action");
  });
  it("are chosen in the profile's order", () => {
    expect(choose(profile, ["v"], ["w"], true)).toEqual(["w", "v"]);
    expect(choose(profile, ["w", "v"], ["w"], false)).toEqual(["v"]);
  });
  it("stand under their headings", () => {
    expect(treeOf(profile).map((g) => [g.title, g.purposes.length])).toEqual([
      ["Management", 1],
      ["Operations", 1],
    ]);
  });
  it("are told as what is granted", () => {
    expect(granted(profile, { profile: "p", granular: true, purposes: ["v"] })).toContain("It is for: VM.");
    expect(granted({ ...profile, purposes: [], roles: ["Contributor"] }, { profile: "p", granular: false, purposes: [] })).toBe(
      "The built-in role Contributor is assigned.",
    );
  });
});
