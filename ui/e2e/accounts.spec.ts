import { readFile } from "node:fs/promises";

import type { Locator, Page } from "@playwright/test";

import { accessible, expect, logonWindow, said, test } from "./fixtures";
import type { Demo } from "./evercred";

interface Summary {
  id: string;
  name: string;
  state: string;
}

const rows = (page: Page): Locator =>
  page
    .getByRole("table", { name: "Service accounts" })
    .getByRole("row")
    .filter({ has: page.getByRole("rowheader") });
const names = (page: Page) => rows(page).getByRole("rowheader").getByRole("link").allTextContents();
const row = (page: Page, name: string) => rows(page).filter({ has: page.getByRole("link", { name, exact: true }) });
const search = (page: Page) => page.getByRole("searchbox", { name: "Search accounts" });
const bar = (page: Page) => page.getByRole("region", { name: "Selected accounts" });

/** Many accounts that were there before, of one application. */
async function many(demo: Demo, count: number): Promise<void> {
  const { APP_ID, TENANT_ID, APP_SECRET } = demo.cloud;
  for (let i = 0; i < count; i++) {
    await demo.api("POST", "/accounts", {
      kind: "existing",
      name: `vault-${String(i).padStart(3, "0")}`,
      application_id: APP_ID,
      tenant_id: TENANT_ID,
      secret: APP_SECRET,
    });
  }
}

test("the search narrows the list as one types, and stands in the address", async ({ page }) => {
  await search(page).pressSequentially("backup-prod");
  await expect(rows(page)).toHaveCount(1);
  await expect(row(page, "backup-prod")).toBeVisible();
  await expect(page).toHaveURL(/search=backup-prod/);
  await expect(page.getByText(/^1 of \d+ accounts$/)).toBeVisible();
  await page.reload();
  await expect(search(page)).toHaveValue("backup-prod");
  await expect(rows(page)).toHaveCount(1);
  await search(page).fill("no such thing");
  await expect(page.getByRole("heading", { name: "No account matches" })).toBeVisible();
  await expect(page.getByText("“no such thing”")).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Show all accounts" }).click();
  await expect(row(page, "backup-dr")).toBeVisible();
  await expect(search(page)).toHaveValue("");
});

test("every column that can be sorted sorts, both ways", async ({ page }) => {
  const heading = (name: string) => page.getByRole("columnheader", { name, exact: true });
  const before = await names(page);
  expect(before).toEqual([...before].sort());
  await heading("Name").getByRole("button").click();
  await expect(heading("Name")).toHaveAttribute("aria-sort", "descending");
  await expect.poll(() => names(page)).toEqual([...before].reverse());
  for (const column of ["Authentication", "Expiration", "State", "Permissions", "Last check"]) {
    await heading(column).getByRole("button").click();
    await expect(heading(column)).toHaveAttribute("aria-sort", "ascending");
    await heading(column).getByRole("button").click();
    await expect(heading(column)).toHaveAttribute("aria-sort", "descending");
  }
  await heading("Expiration").getByRole("button").click();
  await expect.poll(async () => (await names(page))[0]).toBe("backup-dev");
  await expect(page).toHaveURL(/sort=expires/);
});

test("states are counted, and filter", async ({ page, demo }) => {
  const { accounts } = await demo.api<{ accounts: Summary[] }>("GET", "/accounts");
  const gone = accounts.filter((a) => a.state === "app_not_found").length;
  const states = page.getByRole("group", { name: "Filter by state" });
  const chip = states.getByRole("button", { name: /Application not found/ });
  await expect(chip).toContainText(String(gone));
  await chip.click();
  await expect(chip).toHaveAttribute("aria-pressed", "true");
  await expect(rows(page)).toHaveCount(gone);
  await states.getByRole("button", { name: /Expired/ }).click();
  await expect(rows(page)).toHaveCount(gone + 1);
  await expect(page).toHaveURL(/state=app_not_found%2Cexpired/);
  await chip.click();
  await expect(rows(page)).toHaveCount(1);
});

test("more filters, and a way back", async ({ page }) => {
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByLabel("Authentication").selectOption("certificate");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Filter: 1 set" })).toBeFocused();
  await expect.poll(() => names(page)).toEqual(["backup-cert"]);
  await page.getByRole("button", { name: "Filter: 1 set" }).click();
  await accessible(page);
  const clear = page.getByRole("button", { name: "Clear these filters" });
  await clear.click();
  await expect(clear).toBeDisabled();
  await expect(clear).toBeFocused(); // a button that cannot have the focus would take the keyboard with it
  await page.keyboard.press("Escape");
  await expect(row(page, "backup-prod")).toBeVisible();
});

test("columns are chosen, and the choice is kept", async ({ page }) => {
  const heading = (name: string) => page.getByRole("columnheader", { name, exact: true });
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Tenant" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Permissions" }).click();
  await page.keyboard.press("Escape");
  await expect(heading("Tenant")).toBeVisible();
  await expect(heading("Permissions")).toHaveCount(0);
  await page.reload();
  await expect(heading("Tenant")).toBeVisible();
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("menuitem", { name: "The usual columns" }).click();
  await expect(heading("Permissions")).toBeVisible();
  await expect(heading("Tenant")).toHaveCount(0);
});

test("what is listed is exported, and what is selected", async ({ page }) => {
  await search(page).fill("backup-d");
  await expect(rows(page)).toHaveCount(2);
  const csv = page.waitForEvent("download");
  await page.getByRole("search").getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: "As a table (CSV)" }).click();
  const table = await readFile(await (await csv).path(), "utf8");
  expect(table.trim().split("\n")).toHaveLength(3);
  expect(table).toContain("backup-dev");
  expect(table).not.toContain("backup-prod");

  await row(page, "backup-dr").getByRole("checkbox").check();
  const json = page.waitForEvent("download");
  await bar(page).getByRole("button", { name: "Export" }).click();
  await expect(page.getByText("1 selected account", { exact: true })).toBeVisible();
  await page.getByRole("menuitem", { name: "As JSON" }).click();
  const file = await json;
  expect(file.suggestedFilename()).toMatch(/\.json$/);
  const text = await readFile(await file.path(), "utf8");
  expect(text).toContain("backup-dr");
  expect(text).not.toContain("backup-dev");
  expect(text).not.toMatch(/"secret"\s*:/);
});

test("a failed export says so", async ({ page }) => {
  await page.route("**/accounts/export*", (route) => route.abort());
  await page.getByRole("search").getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: "As JSON" }).click();
  await expect(page.getByRole("alert")).toContainText("does not answer");
});

test("a selection survives a search, a range is marked with shift, and all that match at once", async ({ page }) => {
  await row(page, "backup-archive").getByRole("checkbox").check();
  await row(page, "backup-dr")
    .getByRole("checkbox")
    .click({ modifiers: ["Shift"] });
  await expect(bar(page)).toContainText("4 accounts selected");
  await row(page, "backup-dev").getByRole("checkbox").uncheck();
  await expect(bar(page)).toContainText("3 accounts selected");
  await search(page).fill("backup-prod");
  await expect(rows(page)).toHaveCount(1);
  await expect(bar(page)).toContainText("3 accounts selected");
  await search(page).fill("");
  await expect(rows(page)).toHaveCount(6);
  await bar(page)
    .getByRole("button", { name: /^Select all/ })
    .click();
  await expect(bar(page)).toContainText("all that are listed");
  await row(page, "backup-dev").getByRole("checkbox").uncheck();
  await expect(bar(page)).toContainText("all that are listed but some");
  await accessible(page);
  await bar(page).getByRole("button", { name: "Select nothing" }).click();
  await expect(bar(page)).toHaveCount(0);
});

test("the keyboard goes from account to account, and past the list at once", async ({ page }) => {
  const all = await names(page);
  await row(page, all[0] ?? "")
    .getByRole("link", { name: all[0], exact: true })
    .focus();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("link", { name: all[1], exact: true })).toBeFocused();
  await page.keyboard.press("Control+End");
  await expect(page.getByRole("link", { name: all.at(-1), exact: true })).toBeFocused();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Shift+Tab");
  await expect(row(page, all[0] ?? "").getByRole("checkbox")).toBeFocused();
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  await expect(bar(page)).toContainText("2 accounts selected");
  // The bar comes next after the row, not after all rows.
  for (let i = 0; i < 8; i++) {
    await page.keyboard.press("Tab");
    if (await bar(page).evaluate((b) => b.contains(document.activeElement))) return;
  }
  throw new Error("the bar is not reached from the list");
});

test("many accounts are checked at once", async ({ page, demo }) => {
  await page.getByRole("checkbox", { name: /^Select all/ }).check();
  await bar(page).getByRole("button", { name: "Check", exact: true }).click();
  const question = page.getByRole("dialog", { name: /^Check \d accounts$/ });
  await accessible(page);
  await question.getByRole("button", { name: "Check", exact: true }).dblclick();
  const progress = page.getByRole("dialog", { name: /^Check of \d accounts$/ });
  await expect(progress.getByRole("listitem")).not.toHaveCount(0);
  await expect(progress.getByRole("status")).toContainText(/\d of \d done/);
  await expect(progress.getByRole("button", { name: "OK" })).toBeVisible({ timeout: 30_000 });
  // What was found is told of each, and counted: not that a check was made.
  await expect(progress.getByRole("status")).toContainText(/Found: 2 application not found, 1 expired, .*1 valid/);
  const dev = progress.getByRole("listitem").filter({ hasText: "backup-dev" });
  await expect(dev).toContainText("Expired");
  await expect(dev).toContainText("nothing can sign in with it");
  await expect(progress).not.toContainText("Checked");
  await accessible(page);
  await page.reload();
  await expect(progress.getByRole("button", { name: "OK" })).toBeVisible();
  await progress.getByRole("button", { name: "OK" }).click();
  await expect(progress).toHaveCount(0);
  await expect(page).not.toHaveURL(/bulk=/);
  // The double click began it once.
  const { accounts } = await demo.api<{ accounts: Summary[] }>("GET", "/accounts");
  for (const account of accounts) {
    const { operations } = await demo.api<{ operations: { kind: string }[] }>("GET", `/accounts/${account.name}/operations`);
    expect(operations.filter((o) => o.kind === "check").length).toBeLessThanOrEqual(2);
  }
});

test("many accounts are renewed with one sign-in", async ({ page, demo }) => {
  for (const name of ["backup-prod", "backup-dev"]) await row(page, name).getByRole("checkbox").check();
  await bar(page).getByRole("button", { name: "Renew" }).click();
  await page.getByRole("dialog", { name: "Renew 2 accounts" }).getByRole("button", { name: "Renew" }).click();
  const window = page.getByRole("dialog", { name: "Renewal of 2 accounts" });
  const tenant = window.getByRole("region", { name: /^Sign-in for tenant/ });
  await expect(tenant).toHaveCount(1);
  await expect(tenant).toContainText("backup-dev, backup-prod");
  await expect(window.getByRole("status").first()).toContainText("2 wait for a sign-in");
  await tenant.getByRole("button", { name: "Sign in" }).click();
  await accessible(page);
  await tenant.getByRole("button", { name: "Sign in" }).click();
  await microsoft(page, window);
  await expect(tenant).toHaveCount(0);
  await expect(window.getByRole("button", { name: "OK" })).toBeVisible({ timeout: 45_000 });
  await expect(window.getByRole("status").first()).toContainText("2 of 2 done");
  await expect(window.getByRole("listitem")).toHaveCount(2);
  await accessible(page);
  await window.getByRole("button", { name: "OK" }).click();
  for (const name of ["backup-prod", "backup-dev"]) {
    await expect(row(page, name)).toContainText("Valid");
    expect((await demo.api<Summary>("GET", "/accounts/" + name)).state).toBe("valid");
  }
});

/** Goes through Microsoft's sign-in page with the code of a sign-in. */
async function microsoft(page: Page, window: Locator): Promise<void> {
  const code = ((await window.getByRole("img", { name: /^The code/ }).textContent()) ?? "").trim();
  const [other] = await Promise.all([page.waitForEvent("popup"), window.getByRole("link", { name: /devicelogin/ }).click()]);
  await other.getByLabel("Code").fill(code);
  await other.getByRole("button", { name: "Next" }).click();
  await other.getByRole("button", { name: /owner@contoso.example/ }).click();
  await other.getByRole("button", { name: "Continue" }).click();
  await expect(other.getByRole("heading", { name: "You have signed in" })).toBeVisible();
  await other.close();
}

test("a row's menu begins a check and leads everywhere", async ({ page }) => {
  await row(page, "backup-prod").getByRole("button", { name: "More about backup-prod" }).click();
  for (const item of ["View info", "Permissions", "History", "Check now", "Renew", "Edit", "Remove"])
    await expect(page.getByRole("menuitem", { name: item, exact: true })).toBeVisible();
  await accessible(page);
  await page.getByRole("menuitem", { name: "Check now" }).click();
  await expect(said(page, "backup-prod")).toBeVisible();
  await logonWindow(page).getByRole("button", { name: "OK" }).click();
  await expect(page).not.toHaveURL(/operation=/);
});

test("view info says all there is, from the list and from the account", async ({ page, demo }) => {
  await row(page, "backup-sql").getByRole("button", { name: "More about backup-sql" }).click();
  await page.getByRole("menuitem", { name: "View info" }).click();
  const info = page.getByRole("dialog", { name: "backup-sql" });
  for (const part of ["State", "What it may do", "Application", "Credential in use", "Policy"])
    await expect(info.getByRole("heading", { name: part, exact: true })).toBeVisible();
  const account = await demo.api<{ application_id: string; tenant_id: string }>("GET", "/accounts/backup-sql");
  await expect(info).toContainText(account.application_id);
  await expect(info).toContainText(account.tenant_id);
  await accessible(page);
  await page.reload();
  await expect(info).toContainText(account.application_id);
  await page.keyboard.press("Escape");
  await expect(info).toHaveCount(0);
  await page.getByRole("link", { name: "backup-sql", exact: true }).click();
  await page.getByRole("button", { name: "View info" }).click();
  await expect(info).toContainText(account.application_id);
});

test("an account that is gone is said in its info", async ({ page }) => {
  await page.goto(new URL("/?info=nobody", page.url()).href);
  await expect(page.getByRole("dialog").getByRole("alert")).toContainText("nobody");
});

test("a server that is away is said, and the list comes back by itself", async ({ page, demo }) => {
  await expect(row(page, "backup-prod")).toBeVisible();
  const start = await demo.kill();
  await expect(page.getByText("The Evercred server does not answer.")).toBeVisible();
  await expect(row(page, "backup-prod")).toBeVisible();
  await start();
  await expect(page.getByText("The Evercred server does not answer.")).toHaveCount(0);
});

test("a newer server asks to reload", async ({ page }) => {
  await page.clock.install();
  await page.reload();
  await expect(row(page, "backup-prod")).toBeVisible();
  await page.route("**/api/v1/server", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), version: "99.0.0" } });
  });
  await page.clock.runFor(31_000);
  await expect(page.getByText("The server now runs Evercred 99.0.0.")).toBeVisible();
  await page.getByRole("button", { name: "Not now" }).click();
  await expect(page.getByText("The server now runs Evercred 99.0.0.")).toHaveCount(0);
});

test("an ended session in the midst of a selection loses nothing", async ({ page, demo, context }) => {
  await search(page).fill("backup");
  await row(page, "backup-prod").getByRole("checkbox").check();
  await context.clearCookies();
  const dialog = page.getByRole("heading", { name: "Your session has ended" });
  await expect(dialog).toBeVisible();
  await page.getByRole("textbox", { name: "API token" }).fill(demo.token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(bar(page)).toContainText("1 account selected");
  await expect(search(page)).toHaveValue("backup");
});

test("more than a page is read as it is scrolled to", async ({ page, demo }) => {
  test.setTimeout(120_000);
  await many(demo, 130);
  await page.reload();
  await expect(page.getByText(/^136 accounts$/)).toBeVisible();
  expect(await rows(page).count()).toBeLessThan(60);
  await page.mouse.wheel(0, 100_000);
  await expect(row(page, "vault-129")).toBeVisible();
  await page.getByRole("checkbox", { name: "Select all 136 that are listed" }).check();
  await expect(bar(page)).toContainText("136 accounts selected");
  await accessible(page);
});

test("an address that asks for what there is not leads back to all accounts", async ({ page }) => {
  await page.goto(new URL("/?sort=colour", page.url()).href);
  await expect(page.getByRole("alert")).toContainText("colour");
  await page.getByRole("button", { name: "Show all accounts" }).click();
  await expect(row(page, "backup-prod")).toBeVisible();
  await expect(page).not.toHaveURL(/sort=/);
});

test("polling costs next to nothing while nothing changes", async ({ page }) => {
  const codes: number[] = [];
  page.on("response", (answer) => answer.url().includes("/api/v1/accounts?") && codes.push(answer.status()));
  await expect.poll(() => codes.filter((code) => code === 304).length, { timeout: 20_000 }).toBeGreaterThan(1);
});

test("on a narrow screen each account is a card, and can be sorted and selected", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(row(page, "backup-archive")).toBeVisible();
  await expect(page.getByRole("columnheader")).toHaveCount(0);
  await page.getByLabel("Sort by").selectOption("-name");
  await expect.poll(async () => (await names(page))[0]).toBe("backup-sql");
  await row(page, "backup-sql").getByRole("checkbox").check();
  await expect(bar(page)).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
  await accessible(page);
});

test("the tenants to filter by are those that there are", async ({ page, demo }) => {
  const tenant = demo.cloud["TENANT_ID"] ?? "";
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  const choice = page.getByRole("combobox", { name: "Tenant" });
  await expect(choice.getByRole("option")).toHaveText(["Any", `${tenant} (6 accounts)`]);
  await choice.selectOption(tenant);
  await expect(page).toHaveURL(new RegExp(`tenant=${tenant}`));
  await accessible(page);
});

test("an account is made the steward of its tenant, and is shown as that", async ({ page, demo }) => {
  const stewardship = page.getByRole("region", { name: "Steward of the tenant" });
  await page.getByRole("link", { name: "backup-prod", exact: true }).click();
  await expect(stewardship).toContainText("There is none");
  await stewardship.getByRole("button", { name: "Make this account the steward" }).click();
  await expect(stewardship.getByRole("alert")).toContainText("may not change other applications");
  await demo.api("POST", "/accounts", {
    kind: "existing",
    name: "keeper",
    application_id: demo.cloud["APP_ID"],
    tenant_id: demo.cloud["TENANT_ID"],
    secret: demo.cloud["APP_SECRET"],
    allow_missing: true,
  });
  await expect(async () => {
    await demo.api("GET", "/accounts/keeper");
  }).toPass();
  await page.goto(new URL("/accounts/keeper", page.url()).href);
  await stewardship.getByRole("button", { name: "Make this account the steward" }).click();
  await expect(stewardship).toContainText("This account");
  await accessible(page);
  await page.goto(new URL("/accounts/backup-prod", page.url()).href);
  await expect(stewardship.getByRole("link", { name: "keeper" })).toBeVisible();
  await page.getByRole("link", { name: "Service accounts" }).first().click();
  await expect(row(page, "keeper")).toContainText("Steward of its tenant");
  await row(page, "keeper").getByRole("link", { name: "keeper", exact: true }).click();
  await stewardship.getByRole("button", { name: "End this" }).click();
  await expect(stewardship).toContainText("There is none");
});
