import { describe, expect, it } from "vitest";

import { emptyDraft, noSecrets, type Draft, type StepName } from "./draft";
import { nameProblem } from "./name";
import { idProblem, issuesOf, lifetimeProblem, reach, tenantProblem, usedByProblem, type Context } from "./validity";

const id = "7d1f3c52-0b6e-4c1a-9a57-3e8f0c2b6d10";
const fine: Context = { nameTaken: false, signedIn: true, previewed: true, missing: false };

describe("nameProblem", () => {
  it.each([
    ["backup-prod_1", ""],
    ["", "needs a name"],
    ["a b", "A space is not allowed"],
    ["a.b", "The character ."],
    ["bäckup", "The character ä"],
    ["a😀", "The character 😀"],
    ["n".repeat(255), ""],
    ["n".repeat(256), "has 256 characters"],
  ])("%s", (name, want) => {
    if (want === "") expect(nameProblem(name)).toBe("");
    else expect(nameProblem(name)).toContain(want);
  });
});

describe("ids, tenants, lifetimes, notes", () => {
  it.each([
    [idProblem(id), true],
    [idProblem(` ${id.toUpperCase()} `), true],
    [idProblem("backup"), false],
    [idProblem(""), false],
    [tenantProblem(id), true],
    [tenantProblem("contoso.onmicrosoft.com"), true],
    [tenantProblem("contoso"), false],
    [tenantProblem(""), false],
    [lifetimeProblem("180"), true],
    [lifetimeProblem("0"), false],
    [lifetimeProblem("731"), false],
    [lifetimeProblem("1.5"), false],
    [lifetimeProblem(" "), false],
    [usedByProblem("a\nb"), true],
    [usedByProblem("x".repeat(256)), false],
    [usedByProblem(Array.from({ length: 101 }, (_, i) => String(i)).join("\n")), false],
  ])("%s", (problem, good) => {
    expect(problem === "").toBe(good);
  });
});

const auto: Draft = {
  ...emptyDraft,
  name: "backup",
  kind: "auto",
  signIn: "si",
  tenant: { id, name: "" },
  subscriptions: [{ id, name: "" }],
};
const existing: Draft = { ...emptyDraft, name: "backup", kind: "existing", scope: "all", applicationID: id, tenantID: id };
const secrets = { ...noSecrets, secret: "s" };

describe("issuesOf", () => {
  const cases: readonly (readonly [string, StepName, Draft, Partial<Context>, string])[] = [
    ["a taken name", "info", auto, { nameTaken: true }, "name"],
    ["no type", "type", { ...auto, kind: "" }, {}, "kind"],
    ["nobody signed in", "logon", auto, { signedIn: false }, "sign_in"],
    ["no tenant", "scope", { ...auto, tenant: { id: "", name: "" } }, {}, "tenant"],
    ["no subscription", "scope", { ...auto, subscriptions: [] }, {}, "subscriptions"],
    ["no group", "scope", { ...auto, scope: "group" }, {}, "management_group"],
    ["no purpose", "purposes", { ...auto, granular: true }, {}, "purposes"],
    ["no lifetime", "credential", { ...auto, lifetime: "" }, {}, "lifetime"],
    ["no look yet", "check", existing, { previewed: false }, "check"],
    ["missing and not allowed", "check", existing, { missing: true }, "allow_missing"],
    ["a certificate without its file", "logon", { ...existing, credential: "certificate" }, {}, "certificate"],
  ];
  it.each(cases)("%s", (_name, step, draft, context, field) => {
    expect(issuesOf(step, draft, secrets, { ...fine, ...context }).map((i) => i.field)).toContain(field);
  });
  it("finds nothing in a draft that can be made", () => {
    expect(reach(auto, noSecrets, fine)).toBe("summary");
    expect(reach(existing, secrets, fine)).toBe("summary");
    expect(reach({ ...existing, allowMissing: true }, secrets, { ...fine, missing: true })).toBe("summary");
  });
  it("says after a reload that the secret must be given again", () => {
    const [issue] = issuesOf("logon", { ...existing, hadSecret: true }, noSecrets, fine);
    expect(issue?.message).toContain("again");
  });
});

it("a name that is an address is refused to new accounts; one that has it keeps it", () => {
  expect(nameProblem("New")).toContain("cannot be named");
  expect(nameProblem("export")).toContain("cannot be named");
  expect(nameProblem("NEW", "new")).toBe("");
  expect(nameProblem("renewal")).toBe("");
});
