import { readFile } from "node:fs/promises";

import type { Locator, Page } from "@playwright/test";

import type { Demo } from "./evercred";
import { accessible, edit, expect, test } from "./fixtures";
import { byCode } from "./wizard";

interface Report {
  rows: { scope_name: string; result: string }[];
}

/** Opens the permission check of an account from its page, as a person does. */
async function open(page: Page, account: string): Promise<void> {
  await edit(page, account);
  await page
    .getByRole("navigation", { name: /^About/ })
    .getByRole("link", { name: "Permissions" })
    .click();
  await expect(page.getByRole("heading", { name: `Permission check of ${account}`, level: 1 })).toBeVisible();
}

const table = (page: Page): Locator => page.getByRole("table", { name: "Permission check" });
const grantWindow = (page: Page): Locator => page.getByRole("dialog", { name: "Grant what is missing" });

test("what is held and what is missing, scope by scope, to search and filter", async ({ page }) => {
  await open(page, "backup-sql");
  const missing = table(page)
    .getByRole("row", { name: /Key Vault Crypto Officer/ })
    .filter({ hasText: "Contoso Test" });
  await expect(missing).toContainText("Missing");
  await expect(missing.getByRole("list", { name: /^Missing for/ })).toContainText("Microsoft.KeyVault/");
  await accessible(page);
  await page.getByLabel("Show", { exact: true }).selectOption("success");
  await expect(missing).toHaveCount(0);
  await page.getByLabel("Show", { exact: true }).selectOption("");
  await page.getByLabel("Search").fill("KEYVAULT test");
  await expect(table(page).getByRole("row")).toHaveCount(2);
  await page.getByLabel("Search").fill("nothing like it");
  await expect(page.getByText("Nothing matches.")).toBeVisible();
  await expect(page.getByText(/up to 15 minutes/)).toBeVisible();
});

test("it is checked again, and says when", async ({ page }) => {
  await open(page, "backup-sql");
  await page.getByRole("button", { name: "Recheck" }).click();
  await expect(page.getByRole("dialog").getByRole("button", { name: "OK" })).toBeVisible();
  await page.getByRole("dialog").getByRole("button", { name: "OK" }).click();
  await expect(page.getByText(/checked just now/)).toBeVisible();
});

/** Lets an account ask for what a product needs, and waits until that was checked. */
async function useProfile(demo: Demo, account: string, profile: string): Promise<void> {
  const answer = await fetch(`${demo.url}/api/v1/accounts/${account}`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${demo.token}`, "content-type": "application/json", "if-match": "*" },
    body: JSON.stringify({ profile }),
  });
  expect(answer.ok, await answer.text()).toBe(true);
  await demo.api("POST", `/accounts/${account}/check`, {});
  await expect
    .poll(async () => (await demo.api<Report>("GET", `/accounts/${account}/permissions`)).rows.length, { timeout: 30_000 })
    .toBeGreaterThan(10);
}

test("what is missing, and all that is needed, is exported as a custom role of Azure", async ({ page, demo }) => {
  await useProfile(demo, "backup-sql", "veeam-backup-azure");
  await open(page, "backup-sql");
  const sizes: number[] = [];
  for (const item of [/^What is missing/, /^All that is needed/]) {
    await page.getByRole("button", { name: "Export" }).click();
    await accessible(page);
    const download = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: item }).click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(/^backup-sql-.*\.json$/);
    const text = await readFile(await file.path(), "utf8");
    const role = JSON.parse(text) as { AssignableScopes: string[]; Actions: string[]; DataActions: string[] };
    expect(role.AssignableScopes.length).toBe(2);
    expect(role.DataActions.length).toBeGreaterThan(0);
    sizes.push(text.length);
  }
  expect(sizes[1]).toBeGreaterThan(sizes[0] ?? 0);
});

test("an account that asks for built-in roles has no custom role to export", async ({ page }) => {
  await open(page, "backup-sql");
  await expect(page.getByRole("button", { name: "Export" })).toBeDisabled();
});

test("what is missing is granted through a sign-in, and held after", async ({ page, demo }) => {
  await open(page, "backup-sql");
  await page.getByRole("button", { name: "Grant" }).click();
  const window = grantWindow(page);
  await expect(window.getByRole("checkbox", { name: "Contoso Test" })).toBeChecked();
  await expect(window.getByRole("checkbox", { name: "Contoso Production" })).toHaveCount(0);
  await accessible(page);
  await byCode(page, "owner@contoso.example", window);
  await window.getByRole("button", { name: "Grant" }).click();
  await expect(window.getByRole("list", { name: "Steps" })).toContainText("Assigning Key Vault Crypto Officer");
  await expect(window.getByRole("button", { name: "Recheck" })).toBeVisible();
  await accessible(page);
  await window.getByRole("button", { name: "Recheck" }).click();
  await expect(page.getByRole("dialog").getByRole("button", { name: "OK" })).toBeVisible();
  await page.getByRole("dialog").getByRole("button", { name: "OK" }).click();
  await expect(table(page).getByText("Missing")).toHaveCount(0);
  const report = await demo.api<Report>("GET", "/accounts/backup-sql/permissions");
  expect(new Set(report.rows.map((row) => row.result))).toEqual(new Set(["success"]));
});

test("a person who may not assign roles is told so, and nothing is granted", async ({ page, demo }) => {
  await open(page, "backup-sql");
  await page.getByRole("button", { name: "Grant" }).click();
  const window = grantWindow(page);
  await byCode(page, "contributor@contoso.example", window);
  await window.getByRole("button", { name: "Grant" }).click();
  await expect(window.getByRole("alert")).toContainText(/may not assign roles/);
  await accessible(page);
  await window.getByRole("button", { name: "OK" }).click();
  const report = await demo.api<Report>("GET", "/accounts/backup-sql/permissions");
  expect(report.rows.some((row) => row.result === "missing")).toBe(true);
});

test("a grant that closes with its window goes on at the server", async ({ page, demo }) => {
  await open(page, "backup-sql");
  await page.getByRole("button", { name: "Grant" }).click();
  const window = grantWindow(page);
  await byCode(page, "owner@contoso.example", window);
  await demo.control("PUT", "/faults", [{ service: "arm", method: "PUT", path: "*/roleAssignments/*", delay: "3s", times: 1 }]);
  await window.getByRole("button", { name: "Grant" }).click();
  await window.getByRole("button", { name: "Close; it goes on" }).click();
  await expect(grantWindow(page)).toHaveCount(0);
  await expect
    .poll(async () => {
      const { operations } = await demo.api<{ operations: { kind: string; state: string }[] }>("GET", "/accounts/backup-sql/operations");
      return operations.find((o) => o.kind === "grant")?.state;
    })
    .toBe("done");
});

test("an account that has everything has nothing to grant", async ({ page }) => {
  await open(page, "backup-prod");
  await expect(table(page).getByText("Success").first()).toBeVisible();
  await page.getByRole("button", { name: "Recheck" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "OK" }).click();
  await expect(page.getByRole("button", { name: "Grant" })).toBeDisabled();
});
