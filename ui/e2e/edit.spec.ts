import type { Page } from "@playwright/test";

import { accessible, edit as open, expect, logonWindow, said, signIn, test } from "./fixtures";
import { at, back, kept, next } from "./wizard";

interface Account {
  name: string;
  description: string;
  used_by: string[];
  version: number;
  profile: string;
  purposes: string[];
  state: string;
  policy: { lifetime: string; soak: string; automatic: boolean };
  subscriptions: { name: string }[];
  management_group: string;
  credential: { kind: string };
}

const rail = (page: Page, step: string) =>
  page.getByRole("navigation", { name: "Steps of the wizard" }).getByRole("button", { name: step });

/** Opens the Edit wizard from the account's page, as a person does. */
async function edit(page: Page, account: string): Promise<void> {
  await open(page, account);
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await expect(page.getByRole("heading", { name: `Edit account ${account}`, level: 1 })).toBeVisible();
  await at(page, "Info");
}

async function toSummary(page: Page): Promise<void> {
  await rail(page, "Summary").click();
  await at(page, "Summary");
}

test("name, description and renewal are changed, after a preview", async ({ page, demo }) => {
  await edit(page, "backup-prod");
  await accessible(page);
  await page.getByLabel("Name").fill("backup-production");
  await page.getByLabel("Description").fill("All of production");
  await page.getByLabel("Used by").fill("nightly jobs");
  await page.getByLabel("Lifetime of new credentials").fill("soon");
  await next(page);
  await expect(page.getByText("Enter a duration such as 180d, 24h or 0s.")).toBeVisible();
  await page.getByLabel("Lifetime of new credentials").fill("90d");
  await next(page, "Logon");
  await accessible(page);
  for (const step of ["Scope", "Purposes", "Permission check"]) {
    await next(page, step);
    await expect(page.getByRole("progressbar")).toHaveCount(0);
    await accessible(page);
  }
  await back(page, "Purposes");
  await toSummary(page);
  const here = page.getByRole("list", { name: "Here, in Evercred" });
  for (const part of ["backup-production", "All of production", "90 days"]) await expect(here).toContainText(part);
  await accessible(page);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "backup-production", level: 1 })).toBeVisible();
  expect(await demo.api<Account>("GET", "/accounts/backup-production")).toMatchObject({
    description: "All of production",
    used_by: ["nightly jobs"],
    policy: { lifetime: "90d" },
  });
  expect(await kept(page)).not.toContain("All of production");
});

test("a name that another account has is refused, whatever its case", async ({ page }) => {
  await edit(page, "backup-prod");
  await page.getByLabel("Name").fill("BACKUP-dev");
  await expect(page.getByText(/There is an account named BACKUP-dev already/)).toBeVisible();
  await next(page);
  await at(page, "Info");
  await page.getByLabel("Name").fill("BACKUP-PROD");
  await expect(page.getByText(/There is an account named/)).toHaveCount(0);
});

test("purposes are changed; the check is made before, and what is missing is granted after", async ({ page, demo }) => {
  await edit(page, "backup-sql");
  await rail(page, "Purposes").click();
  await page.getByRole("combobox", { name: "Permission profile" }).selectOption("veeam-backup-azure");
  await page.getByRole("radio", { name: "Only what I choose" }).check();
  await next(page);
  await expect(page.getByText("Choose at least one purpose, or everything.")).toBeVisible();
  await page.getByRole("checkbox", { name: "Repository management" }).check();
  await next(page, "Permission check");
  await expect(
    page
      .getByRole("table", { name: "Permission check" })
      .getByRole("row", { name: /Repository management/ })
      .first(),
  ).toContainText("Missing");
  await toSummary(page);
  await expect(page.getByRole("list", { name: "In Azure" })).toContainText("Needs a grant");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Permission check of backup-sql", level: 1 })).toBeVisible();
  expect(await demo.api<Account>("GET", "/accounts/backup-sql")).toMatchObject({
    profile: "veeam-backup-azure",
    purposes: ["Repository"],
  });
});

test("the scope is changed, of what the application sees and of what a person reaches", async ({ page, demo }) => {
  await edit(page, "backup-sql");
  await rail(page, "Scope").click();
  await page.getByRole("checkbox", { name: /Contoso Production/ }).uncheck();
  await page.getByRole("checkbox", { name: /Contoso Test/ }).uncheck();
  await next(page);
  await expect(page.getByText("Choose at least one subscription.")).toBeVisible();
  await page.getByRole("button", { name: "Sign in to see more" }).click();
  await byCodeInWindow(page);
  await page.getByRole("checkbox", { name: /Contoso Test/ }).check();
  await accessible(page);
  await toSummary(page);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: /backup-sql/, level: 1 })).toBeVisible();
  await expect(page.getByRole("heading", { name: /^Edit account/ })).toHaveCount(0);
  const account = await demo.api<Account>("GET", "/accounts/backup-sql");
  expect(account.subscriptions.map((s) => s.name)).toEqual(["Contoso Test"]);
});

async function byCodeInWindow(page: Page): Promise<void> {
  const window = page.getByRole("dialog", { name: "Logon to Microsoft Azure" });
  await window.getByRole("button", { name: "Sign in", exact: true }).click();
  await signIn(page);
  await expect(page.getByText(/You see what owner@contoso.example reaches/)).toBeVisible();
}

test("somebody else was quicker: what they changed is shown, and both can stay", async ({ page, demo }) => {
  await edit(page, "backup-prod");
  await page.getByLabel("Description").fill("Mine");
  await toSummary(page);
  await expect(page.getByRole("list", { name: "Here, in Evercred" })).toContainText("Mine");
  const before = await demo.api<Account>("GET", "/accounts/backup-prod");
  await patch(demo, before.version, { description: "Theirs", policy: { lifetime: "60d" } });
  await page.getByRole("button", { name: "Save" }).click();
  const region = page.getByRole("region", { name: "What somebody else changed" });
  await expect(region).toContainText("Somebody else changed this account");
  await expect(region.getByRole("radio", { name: "Mine: Mine" })).toBeChecked();
  await expect(region.getByRole("radio", { name: "Theirs: Theirs" })).toBeVisible();
  await expect(region).toContainText("Lifetime of new credentials: 60d");
  await accessible(page);
  expect(await demo.api<Account>("GET", "/accounts/backup-prod")).toMatchObject({ description: "Theirs" });
  await region.getByRole("button", { name: "Go on with what is chosen" }).click();
  await expect(page.getByRole("list", { name: "Here, in Evercred" })).toContainText("Mine");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "backup-prod", level: 1, exact: true })).toBeVisible();
  expect(await demo.api<Account>("GET", "/accounts/backup-prod")).toMatchObject({ description: "Mine", policy: { lifetime: "60d" } });
});

test("somebody else was quicker: theirs is taken", async ({ page, demo }) => {
  await edit(page, "backup-prod");
  await page.getByLabel("Description").fill("Mine");
  await toSummary(page);
  const before = await demo.api<Account>("GET", "/accounts/backup-prod");
  await patch(demo, before.version, { description: "Theirs" });
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Take theirs" }).click();
  await expect(page.getByText(/Nothing was changed/)).toBeVisible();
  await page.getByRole("button", { name: "Close" }).click();
  await expect(page.getByRole("heading", { name: "backup-prod", level: 1, exact: true })).toBeVisible();
});

async function patch(demo: { url: string; token: string }, version: number, body: unknown): Promise<void> {
  const answer = await fetch(`${demo.url}/api/v1/accounts/backup-prod`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${demo.token}`, "content-type": "application/json", "if-match": `"${version}"` },
    body: JSON.stringify(body),
  });
  expect(answer.ok, await answer.text()).toBe(true);
}

test("a secret is converted to a certificate in the Logon step, and what was typed elsewhere stays", async ({ page, demo }) => {
  await edit(page, "backup-prod");
  await page.getByLabel("Description").fill("Kept meanwhile");
  await next(page, "Logon");
  await page.getByRole("button", { name: "Convert to a certificate" }).click();
  await signIn(page);
  await expect(said(page, "proven and in use")).toBeVisible();
  await logonWindow(page).getByRole("button", { name: "OK" }).click();
  expect((await demo.api<Account>("GET", "/accounts/backup-prod")).credential.kind).toBe("certificate");
  await expect(page.getByRole("button", { name: "Convert to a secret" })).toBeVisible();
  await toSummary(page);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "backup-prod", level: 1, exact: true })).toBeVisible();
  expect((await demo.api<Account>("GET", "/accounts/backup-prod")).description).toBe("Kept meanwhile");
});

test("a reload goes on, leaving asks, and nothing changed is nothing saved", async ({ page, demo }) => {
  const before = await demo.api<Account>("GET", "/accounts/backup-dev");
  await edit(page, "backup-dev");
  await page.getByLabel("Description").fill("Half-way");
  await next(page, "Logon");
  await page.reload();
  await at(page, "Logon");
  await back(page, "Info");
  await expect(page.getByLabel("Description")).toHaveValue("Half-way");
  const dialog = page.getByRole("alertdialog", { name: "Leave without finishing?" });
  await page.getByRole("button", { name: "Cancel" }).click();
  await dialog.getByRole("button", { name: "Stay" }).click();
  await page.getByRole("link", { name: "Service accounts" }).click();
  await dialog.getByRole("button", { name: "Leave" }).click();
  await expect(page.getByRole("heading", { name: "Service accounts" })).toBeVisible();
  await edit(page, "backup-dev");
  await expect(page.getByLabel("Description")).toHaveValue(before.description);
  await toSummary(page);
  await expect(page.getByText(/Nothing was changed/)).toBeVisible();
  await page.getByRole("button", { name: "Close" }).click();
  await expect(page.getByRole("heading", { name: "backup-dev", level: 1, exact: true })).toBeVisible();
  expect((await demo.api<Account>("GET", "/accounts/backup-dev")).version).toBe(before.version);
});
