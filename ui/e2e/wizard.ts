import type { Locator, Page } from "@playwright/test";

import { expect } from "./fixtures";

/** Opens the Add wizard from the list, as a person does. */
export async function add(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Add", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Add account", level: 1 })).toBeVisible();
  await at(page, "Info");
}

/** Waits until a step of a wizard is shown. */
export async function at(page: Page, step: string): Promise<void> {
  await expect(page.getByRole("heading", { name: step, level: 2, exact: true })).toBeVisible();
}

export async function next(page: Page, to?: string): Promise<void> {
  await page.getByRole("button", { name: "Next", exact: true }).click();
  if (to !== undefined) await at(page, to);
}

export async function back(page: Page, to: string): Promise<void> {
  await page.getByRole("button", { name: "Back", exact: true }).click();
  await at(page, to);
}

/** Begins an account, to the Logon step. */
export async function begin(page: Page, name: string, type: "automatically" | "existing"): Promise<void> {
  await add(page);
  await page.getByLabel("Name").fill(name);
  await next(page, "Type");
  await page.getByRole("radio", { name: new RegExp(type) }).check();
  await next(page, "Logon");
}

/** Signs in with a code, on Microsoft's page (the emulator's), where the page or a window asks for it. */
export async function byCode(
  page: Page,
  person = "owner@contoso.example",
  within: Page | Locator = page,
  how: { begun?: boolean; ofOperation?: boolean } = {},
): Promise<void> {
  if (!how.begun) await within.getByRole("button", { name: "Sign in", exact: true }).click();
  const code = ((await within.getByRole("img", { name: /^The code/ }).textContent()) ?? "").trim();
  const [microsoft] = await Promise.all([page.waitForEvent("popup"), within.getByRole("link", { name: /devicelogin/ }).click()]);
  await microsoft.getByLabel("Code").fill(code);
  await microsoft.getByRole("button", { name: "Next" }).click();
  await microsoft.getByRole("button", { name: new RegExp(`^${person}`) }).click();
  await microsoft.getByRole("button", { name: "Continue" }).click();
  await expect(microsoft.getByRole("heading", { name: /^You have signed in/ })).toBeVisible();
  await microsoft.close();
  // Microsoft is asked again every few seconds. An operation shows it in its steps.
  if (!how.ofOperation) await expect(signedIn(within, person)).toBeVisible();
}

/** Opens the sign-in page in a tab and signs in there; gives back the tab, which has been sent to where it was to return. */
export async function inBrowser(page: Page, person = "owner@contoso.example", within: Page | Locator = page): Promise<Page> {
  const [microsoft] = await Promise.all([page.waitForEvent("popup"), within.getByRole("link", { name: /^Open the sign-in page/ }).click()]);
  await microsoft.getByRole("button", { name: new RegExp(`^${person}`) }).click();
  return microsoft;
}

export function signedIn(within: Page | Locator, person: string): Locator {
  return within.getByRole("status").filter({ hasText: `Signed in as ${person}` });
}

/** What the tab keeps of a wizard. */
export function kept(page: Page): Promise<string> {
  return page.evaluate(() => JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)]));
}
