import { join } from "node:path";

import type { Page } from "@playwright/test";

import { edit, expect, test } from "../e2e/fixtures";
import { begin, byCode, next } from "../e2e/wizard";

const folder = process.env.SCREENSHOTS ?? join(import.meta.dirname, "../../docs/images");

const take = (page: Page, name: string) => page.screenshot({ path: join(folder, name + ".png"), fullPage: true, animations: "disabled" });

test("add an account", async ({ page }) => {
  await begin(page, "backup-vms", "automatically");
  await page.getByRole("radio", { name: /^In this browser/ }).check();
  await take(page, "add-logon");
  await page.getByRole("radio", { name: /^With a code/ }).check();
  await byCode(page, "uaa@contoso.example");
  await next(page, "Scope");
  await page.getByRole("radio", { name: /^Contoso/ }).check();
  await page.getByRole("checkbox", { name: /Contoso Production/ }).check();
  await take(page, "add-scope");
  await next(page, "Purposes");
  await page.getByRole("combobox", { name: "Permission profile" }).selectOption("veeam-backup-azure");
  await page.getByRole("radio", { name: "Only what I choose" }).check();
  await page.getByRole("checkbox", { name: "Azure VM: snapshot and backup" }).check();
  await page.getByRole("checkbox", { name: "Azure VM: restore" }).check();
  await take(page, "add-purposes");
  for (const step of ["Permission check", "Credential", "Summary"]) await next(page, step);
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page.getByText(/^backup-vms was created/).last()).toBeVisible();
  await take(page, "added");
});

test("edit an account, and what it lacks", async ({ page }) => {
  await edit(page, "backup-sql");
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByLabel("Description").fill("Nightly export of databases");
  for (const step of ["Logon", "Scope", "Purposes"]) await next(page, step);
  await page.getByRole("combobox", { name: "Permission profile" }).selectOption("veeam-backup-azure");
  await page.getByRole("radio", { name: "Only what I choose" }).check();
  await page.getByRole("checkbox", { name: "Repository management" }).check();
  await page.getByRole("checkbox", { name: "Azure SQL: backup" }).check();
  for (const step of ["Permission check", "Summary"]) await next(page, step);
  await expect(page.getByRole("list", { name: "In Azure" })).toBeVisible();
  await take(page, "edit-preview");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Permission check of backup-sql" })).toBeVisible();
  await expect(
    page
      .getByRole("table", { name: "Permission check" })
      .getByRole("row", { name: /Repository management/ })
      .first(),
  ).toBeVisible();
  await expect(page.getByRole("button", { name: "Recheck" })).toBeEnabled();
  await take(page, "permissions");
});
