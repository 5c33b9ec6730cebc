import { describe, expect, it } from "vitest";

import { creation } from "./create";
import { emptyDraft, noSecrets, type Draft } from "./draft";
import { asText, summaryOf } from "./summary";

const auto: Draft = {
  ...emptyDraft,
  name: "backup",
  description: " nightly ",
  usedBy: "a\n\nb",
  kind: "auto",
  signIn: "si-1",
  tenant: { id: "t1", name: "Contoso" },
  subscriptions: [{ id: "s1", name: "One" }],
  profile: "veeam-backup-azure",
  granular: true,
  purposes: ["WorkerManagement"],
  newCredential: "certificate",
  lifetime: "90",
};
const existing: Draft = {
  ...emptyDraft,
  name: "old",
  kind: "existing",
  scope: "all",
  applicationID: " app ",
  tenantID: "t",
  credential: "secret",
};

describe("creation", () => {
  it("asks for an application that is made", () => {
    expect(creation(auto, noSecrets)).toEqual({
      kind: "auto",
      name: "backup",
      description: "nightly",
      used_by: ["a", "b"],
      profile: "veeam-backup-azure",
      purposes: ["WorkerManagement"],
      subscriptions: ["s1"],
      sign_in: "si-1",
      tenant_id: "t1",
      method: "certificate",
      lifetime: "90d",
    });
  });
  it("names a management group in place of subscriptions", () => {
    const body = creation({ ...auto, scope: "group", group: { id: "mg", name: "MG" } }, noSecrets);
    expect(body).toMatchObject({ management_group: "mg" });
    expect(body).not.toHaveProperty("subscriptions");
  });
  it("gives the credential of an existing one, and only the one that is chosen", () => {
    const secrets = { secret: "s", file: { name: "f.pfx", content: "AAAA" }, password: "p" };
    expect(creation({ ...existing, secretEnds: "2027-05-01" }, secrets)).toEqual({
      kind: "existing",
      name: "old",
      profile: "default",
      application_id: "app",
      tenant_id: "t",
      secret: "s",
      secret_expires_at: "2027-05-01T00:00:00Z",
    });
    const body = creation({ ...existing, credential: "certificate", allowMissing: true }, secrets);
    expect(body).toMatchObject({ certificate: "AAAA", password: "p", allow_missing: true });
    expect(body).not.toHaveProperty("secret");
  });
});

describe("the summary", () => {
  it("has what was chosen, and no secret", () => {
    const lines = summaryOf(existing, { secret: "hidden", file: null, password: "" }, { cloud: "global", person: "", profile: undefined });
    const text = asText("Account", lines);
    expect(text).toContain("Application ID:");
    expect(text).toContain("Environment:");
    expect(text).not.toContain("hidden");
  });
  it("lines up what has several lines", () => {
    expect(asText("T", [{ term: "A", value: "1\n2" }])).toBe("T\nA: 1\n   2\n");
  });
});
