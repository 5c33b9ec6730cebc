import { describe, expect, it } from "vitest";

import { changed, emptyDraft, noSecrets, readDraft, stepsOf, touched, usedByOf, type Draft } from "./draft";

const scope = { scope: "subscriptions", subscriptions: [{ id: "s1", name: "One" }] } as const satisfies Partial<Draft>;
const auto: Draft = { ...emptyDraft, kind: "auto", signIn: "si-1", tenant: { id: "t1", name: "T" }, ...scope };

describe("stepsOf", () => {
  it("asks for the new credential only where one is made", () => {
    expect(stepsOf({ kind: "auto" })).toContain("credential");
    expect(stepsOf({ kind: "existing" })).not.toContain("credential");
  });
});

describe("changed", () => {
  it("keeps everything while one goes back and forth, and remembers how far one came", () => {
    const back = changed(changed(auto, { step: "summary" }), { step: "info" });
    expect({ ...back, step: auto.step, far: auto.far }).toEqual(auto);
    expect(back.far).toBe("summary");
  });
  it("forgets the scope of another kind, cloud, tenant or person", () => {
    expect(changed(auto, { kind: "existing" })).toMatchObject({ scope: "all", subscriptions: [] });
    expect(changed(auto, { tenant: { id: "t2", name: "" } })).toMatchObject({ subscriptions: [], tenant: { id: "t2" } });
    expect(changed(auto, { signIn: "si-2" })).toMatchObject({ subscriptions: [], tenant: { id: "" } });
    expect(changed(auto, { cloud: "china" })).toMatchObject({ subscriptions: [], tenant: { id: "" } });
  });
  it("is another thing to make once anything but the step is another", () => {
    const sent = { ...auto, key: "k" };
    expect(changed(sent, { step: "info" }).key).toBe("k");
    expect(changed(sent, { name: "other" }).key).toBe("");
    expect(changed(sent, { operation: "op-1" }).key).toBe("k");
  });
});

describe("touched", () => {
  it("is what would be lost", () => {
    expect(touched(emptyDraft, noSecrets)).toBe(false);
    expect(touched({ ...emptyDraft, name: "a" }, noSecrets)).toBe(true);
    expect(touched(emptyDraft, { ...noSecrets, secret: "s" })).toBe(true);
  });
});

describe("readDraft", () => {
  it("reads what was kept", () => {
    expect(readDraft(JSON.stringify(auto))).toEqual(auto);
  });
  it.each([
    ["nothing", null],
    ["no JSON", "{"],
    ["another thing", "[]"],
    ["a draft that lacks a field", JSON.stringify({ ...auto, profile: undefined })],
    ["a draft with a field of another kind", JSON.stringify({ ...auto, subscriptions: "all" })],
    ["a draft with a list of other things", JSON.stringify({ ...auto, subscriptions: [1] })],
    ["a draft at a step that there is not", JSON.stringify({ ...auto, step: "nowhere" })],
  ])("takes %s for none", (_name, text) => {
    expect(readDraft(text)).toBeNull();
  });
  it("drops what it does not know, so that nothing else gets into the draft", () => {
    expect(readDraft(JSON.stringify({ ...auto, secret: "hidden" }))).toEqual(auto);
  });
});

describe("usedByOf", () => {
  it("takes lines without empty ones and doubles", () => {
    expect(usedByOf(" a \n\nb\na\n")).toEqual(["a", "b"]);
  });
});
