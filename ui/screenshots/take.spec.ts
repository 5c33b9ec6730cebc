import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Page } from "@playwright/test";

import { edit, expect, logonWindow, said, signIn, test } from "../e2e/fixtures";

const folder = process.env.SCREENSHOTS ?? join(import.meta.dirname, "../../docs/images");

const take = (page: Page, name: string, fullPage = false) =>
  page.screenshot({ path: join(folder, name + ".png"), fullPage, animations: "disabled" });

async function appearance(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: /appearance and sign-out/ }).click();
  await page.getByRole("menuitemradio", { name }).click();
  await page.keyboard.press("Escape");
}

const checked = (page: Page) => expect(page.getByRole("row", { name: /backup-sql/ })).toContainText("Permissions missing");

test("accounts", async ({ page }) => {
  await checked(page);
  await take(page, "accounts");
  await appearance(page, "Dark");
  await take(page, "accounts-dark");
  await appearance(page, "High contrast");
  await take(page, "accounts-contrast");
  await appearance(page, "Light");
  await page.setViewportSize({ width: 390, height: 844 });
  await take(page, "accounts-narrow");
});

test("many at once", async ({ page }) => {
  await checked(page);
  for (const name of ["backup-cert", "backup-dev", "backup-prod"]) await page.getByRole("checkbox", { name: "Select " + name }).check();
  await page.getByRole("region", { name: "Selected accounts" }).getByRole("button", { name: "Renew" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Renew" }).click();
  const window = page.getByRole("dialog", { name: "Renewal of 3 accounts" });
  await window.getByRole("button", { name: "Sign in" }).click();
  await expect(window.getByText("proven and in use")).toBeVisible();
  await take(page, "bulk");
});

test("info and removal", async ({ page }) => {
  await edit(page, "backup-prod");
  const used = page.getByRole("region", { name: "Used by" });
  await used.getByRole("button", { name: "Edit what uses the account" }).click();
  await used.getByRole("textbox", { name: "What uses this account" }).fill("Veeam appliance vba-01\nNightly jobs of the file servers");
  await used.getByRole("button", { name: "Save" }).click();
  await expect(used.getByRole("listitem")).toHaveCount(2);
  await page.getByRole("button", { name: "View info" }).click();
  await expect(page.getByRole("heading", { name: "What it may do" })).toBeVisible();
  await take(page, "info");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("checkbox", { name: /delete the application/ }).check();
  await take(page, "remove");
});

test("history", async ({ page, demo }) => {
  await checked(page);
  // A life of some months: renewed twice, the second time because the first secret neared its end.
  for (const advance of ["3600h", "30h"]) {
    await edit(page, "backup-prod");
    await page.getByRole("button", { name: "Renew", exact: true }).click();
    await signIn(page);
    await expect(said(page, "proven and in use")).toBeVisible();
    await logonWindow(page).getByRole("button", { name: "OK" }).click();
    await page.getByRole("button", { name: "The software has it" }).click();
    await expect(page.getByText("The software has it since")).toBeVisible();
    await demo.control("POST", "/clock", { advance });
    await page.getByRole("link", { name: "Service accounts" }).click();
  }
  await edit(page, "backup-prod");
  await page.getByRole("button", { name: "Check now" }).click();
  await logonWindow(page).getByRole("button", { name: "OK" }).click();
  await page.getByRole("link", { name: "History", exact: true }).click();
  await expect(page.getByRole("group", { name: "Timeline" })).toBeVisible();
  await page.getByRole("toolbar", { name: "Operations" }).getByRole("button").first().click();
  await take(page, "history");
});

test("renewal", async ({ page }) => {
  await checked(page);
  await edit(page, "backup-prod");
  await take(page, "account", true);
  await page.getByRole("button", { name: "Renew", exact: true }).click();
  await expect(logonWindow(page).getByRole("timer")).toBeVisible();
  await take(page, "logon");
  await page.setViewportSize({ width: 390, height: 844 });
  await take(page, "logon-narrow");
  await page.setViewportSize({ width: 1280, height: 900 });
  await signIn(page);
  await expect(said(page, "proven and in use")).toBeVisible();
  await take(page, "renewed");
  await logonWindow(page).getByRole("button", { name: "Hand over the new credential" }).click();
  await take(page, "hand-over", true);
});

test("re-creation", async ({ page }) => {
  await edit(page, "backup-archive");
  await page.getByRole("button", { name: "Re-create" }).click();
  await signIn(page);
  await expect(said(page, "soft-deleted")).toBeVisible();
  await take(page, "restore");
});

test("a refusal", async ({ page }) => {
  await edit(page, "backup-prod");
  await page.getByRole("button", { name: "Renew", exact: true }).click();
  await signIn(page, "contributor@contoso.example");
  await expect(logonWindow(page).getByRole("alert")).toBeVisible();
  await take(page, "refused");
});

test("certificate", async ({ page, demo }) => {
  const { APP_ID = "", APP_PFX = "", APP_PFX_PASSWORD = "" } = demo.cloud;
  await edit(page, "backup-sql");
  await page.getByLabel("Application ID", { exact: true }).fill(APP_ID);
  await page.getByRole("radio", { name: "Certificate" }).check();
  await page
    .getByLabel("Certificate file")
    .setInputFiles({ name: "app.pfx", mimeType: "application/x-pkcs12", buffer: readFileSync(APP_PFX) });
  await page.getByLabel("Password", { exact: true }).fill(APP_PFX_PASSWORD);
  await expect(page.getByLabel("The chosen certificate")).toContainText("Yes.");
  await take(page, "certificate", true);
});

test("sign-in page", async ({ demo, browser }) => {
  const page = await browser.newPage();
  await page.goto(demo.url);
  await expect(page.getByRole("heading", { name: "Sign in to Evercred" })).toBeVisible();
  await take(page, "sign-in");
  await page.close();
});
