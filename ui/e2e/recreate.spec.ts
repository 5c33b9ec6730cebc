import { edit, expect, logonWindow, said, signIn, test } from "./fixtures";

interface Account {
  state: string;
  application_id: string;
}

test("backup-dr gets a new application", async ({ page, demo }) => {
  const before = await demo.api<Account>("GET", "/accounts/backup-dr");
  await edit(page, "backup-dr");
  await page.getByRole("button", { name: "Re-create" }).click();
  await signIn(page);
  const window = logonWindow(page);
  await expect(window.getByRole("button", { name: "OK" })).toBeVisible();
  await expect(window.getByRole("status").first()).not.toBeEmpty();
  const after = await demo.api<Account>("GET", "/accounts/backup-dr");
  expect(after.application_id).not.toBe(before.application_id);
  expect(after.state).toBe("valid");
  await window.getByRole("button", { name: "OK" }).click();
  await expect(page.getByLabel("Application ID", { exact: true })).toHaveValue(after.application_id);
});

test("backup-archive is told to be deleted only, and is restored", async ({ page, demo }) => {
  const before = await demo.api<Account>("GET", "/accounts/backup-archive");
  await edit(page, "backup-archive");
  await page.getByRole("button", { name: "Re-create" }).click();
  await signIn(page);
  const window = logonWindow(page);
  await expect(said(page, "only soft-deleted")).toBeVisible();
  await expect(window.getByRole("radio", { name: /Restore the deleted application/ })).toBeChecked();
  await window.getByRole("button", { name: "Continue" }).click();
  await expect(window.getByRole("button", { name: "OK" })).toBeVisible();
  const after = await demo.api<Account>("GET", "/accounts/backup-archive");
  expect(after.application_id).toBe(before.application_id);
  expect(after.state).toBe("valid");
});

test("of a deleted application a new one can be chosen instead", async ({ page, demo }) => {
  const before = await demo.api<Account>("GET", "/accounts/backup-archive");
  await edit(page, "backup-archive");
  await page.getByRole("button", { name: "Re-create" }).click();
  await signIn(page);
  const window = logonWindow(page);
  await window.getByRole("radio", { name: /Make a new application/ }).check();
  await window.getByRole("button", { name: "Continue" }).click();
  await expect(window.getByRole("button", { name: "OK" })).toBeVisible();
  expect((await demo.api<Account>("GET", "/accounts/backup-archive")).application_id).not.toBe(before.application_id);
});

test("a living application is not re-created", async ({ page }) => {
  await edit(page, "backup-prod");
  await expect(page.getByRole("button", { name: "Renew", exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "Re-create" })).toHaveCount(0);
});
