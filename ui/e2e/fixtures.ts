import { rm } from "node:fs/promises";

import { AxeBuilder } from "@axe-core/playwright";
import { expect, test as base, type Locator, type Page } from "@playwright/test";

import { Demo } from "./evercred";

export { expect };

interface Fixtures {
  demo: Demo;
  /** A page that the demo's one-time address has signed in. It must not log an error or break its own policy. */
  page: Page;
  errors: string[];
}

export const test = base.extend<Fixtures, { seed: string }>({
  // Playwright reads the pattern to know what a fixture needs.
  seed: [
    async ({}, provide) => {
      const seed = await Demo.seed();
      await provide(seed);
      await rm(seed, { recursive: true, force: true });
    },
    { scope: "worker" },
  ],
  demo: async ({ seed }, provide) => {
    const demo = await Demo.start(seed);
    await provide(demo);
    await demo.stop();
  },
  errors: async ({}, provide) => {
    const errors: string[] = [];
    await provide(errors);
    expect(errors, "errors in the browser's console").toEqual([]);
  },
  page: async ({ page, demo, errors }, provide) => {
    page.on("console", (message) => {
      // An answer with an error status is logged by the browser itself; tests look at what the page makes of it.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) errors.push(message.text());
    });
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(demo.login);
    await expect(page.getByRole("heading", { name: "Service accounts" })).toBeVisible();
    await provide(page);
  },
});

/** Opens the Logon step of an account from the list, as a person does. */
export async function edit(page: Page, account: string): Promise<void> {
  await page.getByRole("link", { name: account, exact: true }).click();
  await expect(page.getByRole("heading", { name: account, exact: true, level: 1 })).toBeVisible();
}

export function logonWindow(page: Page): Locator {
  return page.getByRole("dialog");
}

/** What the window says to those who cannot see it; the same stands on it for those who can. */
export function said(page: Page, text: string): Locator {
  return logonWindow(page).getByRole("status").filter({ hasText: text });
}

/** Goes through Microsoft's sign-in page (the emulator's) by clicking: code, account, confirmation. */
export async function signIn(page: Page, person = "owner@contoso.example", decision: "Continue" | "Cancel" = "Continue"): Promise<void> {
  const window = logonWindow(page);
  const code = ((await window.getByRole("img", { name: /^The code/ }).textContent()) ?? "").trim();
  const [microsoft] = await Promise.all([page.waitForEvent("popup"), window.getByRole("link", { name: /devicelogin/ }).click()]);
  await microsoft.getByLabel("Code").fill(code);
  await microsoft.getByRole("button", { name: "Next" }).click();
  await microsoft.getByRole("button", { name: new RegExp(person) }).click();
  await microsoft.getByRole("button", { name: decision }).click();
  await expect(
    microsoft.getByRole("heading", { name: decision === "Continue" ? "You have signed in" : "You cancelled the sign-in" }),
  ).toBeVisible();
  await microsoft.close();
}

/** Finds nothing that axe knows to keep people out. */
export async function accessible(page: Page): Promise<void> {
  // Colours are judged as they are in the end, not on their way there.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter((a) => a.effect?.getComputedTiming().iterations !== Infinity)
        .map((a) => a.finished),
    ),
  );
  // Fluent's focus guards are hidden and focusable on purpose: they pass the focus on and never keep it.
  const result = await new AxeBuilder({ page }).exclude("[data-tabster-dummy]").analyze();
  expect(result.violations.map((v) => `${v.id}: ${v.help} ${v.nodes.map((n) => n.html).join("; ")}`)).toEqual([]);
}
