import { readFileSync } from "node:fs";

import type { Page } from "@playwright/test";

import { accessible, expect, test } from "./fixtures";
import { add, at, back, begin, byCode, inBrowser, kept, next, signedIn } from "./wizard";

interface Account {
  id: string;
  name: string;
  state: string;
  description: string;
  used_by: string[];
  profile: string;
  purposes: string[];
  origin: string;
  management_group: string;
  application_id: string;
  subscriptions: { name: string }[];
  credential: { kind: string; starts_at: string; expires_at: string };
}

const profile = (page: Page) => page.getByRole("combobox", { name: "Permission profile" });
const steps = (page: Page) => page.getByRole("list", { name: "Steps", exact: true });

test("an account is created automatically, with one purpose, and a secret of 90 days", async ({ page, demo, context }) => {
  await add(page);
  await accessible(page);
  await page.getByLabel("Name").fill("backup-new");
  await page.getByLabel("Description").fill("Nightly backup");
  await page.getByLabel("Used by").fill("appliance-01\n\nnightly jobs");
  await next(page, "Type");
  await expect(page.getByText("Microsoft Azure environment")).toBeVisible();
  await page.getByRole("radio", { name: /automatically/ }).check();
  await accessible(page);
  await next(page, "Logon");
  await expect(page.getByText("Microsoft Azure CLI")).toBeVisible();
  await accessible(page);
  await byCode(page);
  await expect(signedIn(page, "owner@contoso.example")).toBeVisible();
  await accessible(page);
  await next(page, "Scope");
  await page.getByRole("radio", { name: /^Contoso/ }).check();
  await page.getByRole("checkbox", { name: /Contoso Production/ }).check();
  await expect(page.getByText("1 of 2 selected")).toBeVisible();
  await page.getByLabel("Search").fill("test");
  await expect(page.getByRole("checkbox", { name: /Contoso Production/ })).toHaveCount(0);
  await expect(page.getByRole("checkbox", { name: /Contoso Test/ })).toBeVisible();
  await accessible(page);
  await next(page, "Purposes");
  await expect(page.getByText("Key Vault Crypto Officer")).toBeVisible();
  await profile(page).selectOption("veeam-backup-azure");
  await expect(page.getByText("Everything (173 actions and 10 data actions)")).toBeVisible();
  await page.getByRole("radio", { name: "Only what I choose" }).check();
  await page.getByRole("checkbox", { name: "Azure VM: snapshot and backup" }).check();
  await page.getByRole("button", { name: /^What Azure VM: snapshot and backup needs/ }).click();
  await expect(page.getByRole("region", { name: /^What Azure VM/ })).toContainText("Microsoft.Compute/");
  await expect(page.getByText("1 of 11 purposes: 22 actions.")).toBeVisible();
  await accessible(page);
  await next(page, "Permission check");
  await expect(page.getByText("You may assign roles on all of the scope.")).toBeVisible();
  await accessible(page);
  await next(page, "Credential");
  await expect(page.getByLabel("Lifetime")).toHaveValue("180");
  await page.getByLabel("Lifetime").selectOption("90");
  await accessible(page);

  // Back keeps everything, to the first step and forth again.
  for (const step of ["Permission check", "Purposes", "Scope", "Logon", "Type", "Info"]) await back(page, step);
  await expect(page.getByLabel("Description")).toHaveValue("Nightly backup");
  await page.getByRole("navigation", { name: "Steps of the wizard" }).getByRole("button", { name: "Credential" }).click();
  await at(page, "Credential");
  await expect(page.getByLabel("Lifetime")).toHaveValue("90");
  await next(page, "Summary");

  const summary = page.getByLabel("Summary", { exact: true }).locator("dl, dd").first();
  await expect(summary).toBeVisible();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copy to Clipboard" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  for (const part of ["backup-new", "Contoso Production", "Azure VM: snapshot and backup", "90 days"]) expect(copied).toContain(part);
  await accessible(page);
  await page.getByRole("button", { name: "Create" }).click();
  await at(page, "Adding backup-new");
  await expect(page.getByText(/^backup-new was created/).last()).toBeVisible();
  await expect(steps(page).getByText("Proving the new secret")).toBeVisible();
  await accessible(page);

  const account = await demo.api<Account>("GET", "/accounts/backup-new");
  expect(account).toMatchObject({
    state: "valid",
    description: "Nightly backup",
    used_by: ["appliance-01", "nightly jobs"],
    profile: "veeam-backup-azure",
    purposes: ["VirtualMachineBackup"],
    origin: "created",
    credential: { kind: "secret" },
  });
  const days = (Date.parse(account.credential.expires_at) - Date.parse(account.credential.starts_at)) / 86_400_000;
  expect(Math.round(days)).toBe(90);
  await page.getByRole("button", { name: "Hand over the credential" }).click();
  await expect(page.getByRole("region", { name: "Hand-over" })).toContainText("does not have it yet");
  expect(await kept(page)).not.toContain("backup-new");
});

test("a certificate from the start, for a management group, through the sign-in page in this browser", async ({ page, demo }) => {
  await begin(page, "backup-group", "automatically");
  await page.getByRole("radio", { name: /^In this browser/ }).check();
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await inBrowser(page, "uaa@contoso.example");
  await expect(signedIn(page, "uaa@contoso.example")).toBeVisible();
  await next(page, "Scope");
  await page.getByRole("radio", { name: /^Contoso/ }).check();
  await page.getByRole("radio", { name: "Use a management group" }).check();
  await page.getByRole("radio", { name: /Contoso Landing Zones/ }).check();
  await expect(page.getByText(/also for those that join it later/)).toBeVisible();
  await accessible(page);
  await next(page, "Purposes");
  await next(page, "Permission check");
  await expect(page.getByText("Contoso Landing Zones")).toBeVisible();
  await next(page, "Credential");
  await page.getByRole("radio", { name: /^Certificate/ }).check();
  await page.getByLabel("Lifetime").selectOption("other");
  await page.getByLabel("Days").fill("0");
  await next(page);
  await expect(page.getByText("Enter a number of days from 1 to 730.")).toBeVisible();
  await page.getByLabel("Days").fill("120");
  await next(page, "Summary");
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page.getByText(/^backup-group was created/).last()).toBeVisible();
  expect(await demo.api<Account>("GET", "/accounts/backup-group")).toMatchObject({
    state: "valid",
    management_group: "contoso-landing",
    credential: { kind: "certificate" },
  });
});

async function existing(page: Page, name: string, cloud: Record<string, string>): Promise<void> {
  await begin(page, name, "existing");
  await page.getByLabel("Application ID").fill(cloud["APP_ID"] ?? "");
  await page.getByLabel("Tenant ID").fill(cloud["TENANT_ID"] ?? "");
}

test("an existing application is added by its secret, and nothing is changed in Azure", async ({ page, demo }) => {
  await existing(page, "backup-old", demo.cloud);
  await page.getByLabel(/^Secret/).fill(demo.cloud["APP_SECRET"] ?? "");
  await accessible(page);
  await next(page, "Scope");
  await expect(page.getByRole("radio", { name: "All subscriptions that the application sees (2 now)" })).toBeChecked();
  await accessible(page);
  await next(page, "Purposes");
  await next(page, "Permission check");
  await expect(page.getByRole("table", { name: "Permission check" }).getByRole("row").nth(1)).toContainText("Success");
  await accessible(page);
  await next(page, "Summary");
  await expect(page.getByText("Nothing is changed in Azure.", { exact: false })).toBeVisible();
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page.getByRole("button", { name: "To the account" })).toBeVisible();
  expect(await demo.api<Account>("GET", "/accounts/backup-old")).toMatchObject({ state: "valid", origin: "existing" });
  await page.getByRole("button", { name: "Add another" }).click();
  await at(page, "Info");
  await expect(page.getByLabel("Name")).toHaveValue("");
});

test("an existing application is added by its PFX, with what it lacks accepted", async ({ page, demo }) => {
  await existing(page, "backup-pfx", demo.cloud);
  await page.getByRole("radio", { name: "Certificate" }).check();
  await page.getByLabel("Certificate file").setInputFiles({
    name: "app.pfx",
    mimeType: "application/x-pkcs12",
    buffer: readFileSync(demo.cloud["APP_PFX"] ?? ""),
  });
  await page.getByLabel("Password", { exact: true }).fill(demo.cloud["APP_PFX_PASSWORD"] ?? "");
  await expect(page.getByLabel("The chosen certificate")).toContainText("Yes.");
  await next(page, "Scope");
  await page.getByRole("radio", { name: "Only those that I select" }).check();
  await next(page);
  await expect(page.getByText("Choose at least one subscription.")).toBeVisible();
  await page.getByRole("checkbox", { name: /Contoso Test/ }).check();
  await next(page, "Purposes");
  await profile(page).selectOption("veeam-backup-azure");
  await next(page, "Permission check");
  const table = page.getByRole("table", { name: "Permission check" });
  await expect(table.getByRole("row", { name: /Worker management/ })).toContainText("Missing");
  await page.getByLabel("Search").fill("sql");
  await expect(table.getByRole("row", { name: /Worker management/ })).toHaveCount(0);
  await next(page);
  await expect(page.getByText(/Grant them in Azure and choose Recheck/)).toBeVisible();
  await page.getByRole("checkbox", { name: /although permissions are missing/ }).check();
  await next(page, "Summary");
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page.getByRole("button", { name: "To the account" })).toBeVisible();
  const account = await demo.api<Account>("GET", "/accounts/backup-pfx");
  expect(account).toMatchObject({ credential: { kind: "certificate" }, profile: "veeam-backup-azure" });
  expect(account.subscriptions.map((s) => s.name)).toEqual(["Contoso Test"]);
});

test("a tenant's access and what one may do there are said; what one may not use cannot be chosen", async ({ page }) => {
  await begin(page, "backup-guest", "automatically");
  await byCode(page, "uaa@contoso.example");
  await next(page, "Scope");
  const row = (name: string) => page.getByRole("radio", { name: new RegExp(`^${name}`) });
  await expect(row("Fabrikam")).toBeEnabled();
  await expect(row("Tailspin")).toBeDisabled();
  await expect(row("Wide World")).toBeDisabled();
  await expect(page.getByText("Needs a second factor", { exact: true })).toBeVisible();
  await expect(page.getByText("Guest account disabled", { exact: true })).toBeVisible();
  await row("Northwind").check();
  await expect(page.getByText(/You may not register applications in Northwind/)).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Recheck Northwind" }).click();
  await expect(page.getByText("May not register applications").first()).toBeVisible();
  await page.getByRole("button", { name: "Sign in at this tenant" }).click();
  await at(page, "Logon");
  await expect(page.getByLabel("Tenant to sign in at")).not.toHaveValue("");
});

test("subscriptions on which the person may not assign roles cannot be chosen", async ({ page }) => {
  await begin(page, "backup-none", "automatically");
  await byCode(page, "contributor@contoso.example");
  await next(page, "Scope");
  await page.getByRole("radio", { name: /^Contoso/ }).check();
  await expect(page.getByRole("checkbox", { name: /Contoso Production/ })).toBeDisabled();
  await expect(page.getByText("May not assign roles").first()).toBeVisible();
  await next(page);
  await expect(page.getByText("Choose at least one subscription.")).toBeVisible();
});

test("a failure half-way is taken back, said, and can be tried again with what was entered", async ({ page, demo }) => {
  await begin(page, "backup-fails", "automatically");
  await byCode(page);
  await next(page, "Scope");
  await page.getByRole("radio", { name: /^Contoso/ }).check();
  await page.getByRole("checkbox", { name: /Contoso Test/ }).check();
  for (const step of ["Purposes", "Permission check", "Credential", "Summary"]) await next(page, step);
  await demo.control("PUT", "/faults", [
    { service: "arm", method: "PUT", path: "*/roleAssignments/*", answer: { error: "AuthorizationFailed" } },
  ]);
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page.getByRole("alert").first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Back to the summary" })).toBeVisible();
  await accessible(page);
  await demo.control("DELETE", "/faults");
  await page.getByRole("button", { name: "Back to the summary" }).click();
  await at(page, "Summary");
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page.getByText(/^backup-fails was created/).last()).toBeVisible();
});

test("what could not be taken back is said exactly, and removed with a sign-in", async ({ page, demo }) => {
  await begin(page, "backup-remains", "automatically");
  await byCode(page);
  await next(page, "Scope");
  await page.getByRole("checkbox", { name: /Contoso Test/ }).check();
  for (const step of ["Purposes", "Permission check", "Credential", "Summary"]) await next(page, step);
  await demo.control("PUT", "/faults", [
    { service: "arm", method: "PUT", path: "*/roleAssignments/*", answer: { error: "AuthorizationFailed" } },
    { service: "graph", method: "DELETE", answer: { error: "Authorization_RequestDenied" } },
  ]);
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page.getByText(/Left to do/)).toBeVisible({ timeout: 30_000 });
  await accessible(page);
  await demo.control("DELETE", "/faults");
  await page.getByRole("button", { name: "Sign in and go on" }).click();
  await byCode(page, "owner@contoso.example", page, { begun: true, ofOperation: true });
  await expect(page.getByRole("button", { name: "Back to the summary" })).toBeVisible({ timeout: 30_000 });
});
