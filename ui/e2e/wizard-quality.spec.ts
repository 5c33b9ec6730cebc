import type { Page } from "@playwright/test";

import { accessible, edit, expect, test } from "./fixtures";
import { at, begin, byCode, next } from "./wizard";

const fits = async (page: Page, where: string) => {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(over, `${where} is wider than the screen`).toBeLessThanOrEqual(0);
};

async function choose(page: Page, appearance: string): Promise<void> {
  await page.getByRole("button", { name: /appearance and sign-out/ }).click();
  await page.getByRole("menuitemradio", { name: appearance }).click();
  await page.keyboard.press("Escape");
}

for (const [appearance, width] of [
  ["Dark", 390],
  ["High contrast", 700],
] as const) {
  test(`every step of the Add wizard: ${appearance}, ${width} px`, async ({ page }) => {
    test.setTimeout(120_000);
    await choose(page, appearance);
    await page.setViewportSize({ width, height: 844 });
    const look = async (where: string) => {
      await fits(page, where);
      await accessible(page);
    };
    await begin(page, "n".repeat(255), "automatically");
    await look("Logon");
    await page.getByRole("radio", { name: /^In this browser/ }).check();
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("button", { name: "The browser ended on a page it cannot reach" }).click();
    await look("Logon in this browser");
    await page.getByRole("button", { name: "Use a code instead" }).click();
    await expect(page.getByRole("timer")).toBeVisible();
    await look("Logon with a code");
    await byCode(page, "uaa@contoso.example", page, { begun: true });
    await next(page, "Scope");
    await page.getByRole("radio", { name: /^Contoso/ }).check();
    await page.getByRole("checkbox", { name: "Select all" }).check();
    await look("Scope: subscriptions");
    await page.getByRole("radio", { name: "Use a management group" }).check();
    await expect(page.getByRole("radio", { name: /Contoso Landing Zones/ })).toBeVisible();
    await look("Scope: management group");
    await page.getByRole("radio", { name: "Select subscriptions" }).check();
    await next(page, "Purposes");
    await page.getByRole("combobox", { name: "Permission profile" }).selectOption("veeam-backup-azure");
    await page.getByRole("radio", { name: "Only what I choose" }).check();
    await page.getByRole("checkbox", { name: "Operations" }).check();
    await page.getByRole("button", { name: /^What Azure VM: restore needs/ }).click();
    await look("Purposes");
    await next(page, "Permission check");
    await page.getByRole("button", { name: "Show every action" }).click();
    await look("Permission check");
    await next(page, "Credential");
    await page.getByLabel("Lifetime").selectOption("other");
    await look("Credential");
    await page.getByLabel("Days").fill("45");
    await next(page, "Summary");
    await look("Summary");
  });

  test(`every step of the Edit wizard, and the permission check: ${appearance}, ${width} px`, async ({ page }) => {
    test.setTimeout(120_000);
    await choose(page, appearance);
    await page.setViewportSize({ width, height: 844 });
    await edit(page, "backup-sql");
    await page
      .getByRole("navigation", { name: /^About/ })
      .getByRole("link", { name: "Permissions" })
      .click();
    await expect(page.getByRole("table", { name: "Permission check" })).toBeVisible();
    await fits(page, "Permission check");
    await accessible(page);
    await page.getByRole("button", { name: "Grant" }).click();
    await fits(page, "Grant");
    await accessible(page);
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("link", { name: "backup-sql" }).click();
    await page.getByRole("link", { name: "Edit", exact: true }).click();
    await at(page, "Info");
    await page.getByLabel("Description").fill("d".repeat(512));
    for (const step of ["Logon", "Scope", "Purposes", "Permission check", "Summary"]) {
      await fits(page, step);
      await accessible(page);
      await next(page, step);
    }
    await expect(page.getByRole("list", { name: "Here, in Evercred" })).toBeVisible();
    await fits(page, "Summary");
    await accessible(page);
  });
}

test("the Add wizard by keyboard alone, up to the sign-in", async ({ page }) => {
  const press = async (name: RegExp, key = "Enter") => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press("Tab");
      const focused = await page.evaluate(() => {
        const e = document.activeElement;
        return e === null ? "" : (e.getAttribute("aria-label") ?? e.textContent);
      });
      if (name.test(focused)) {
        await page.keyboard.press(key);
        return;
      }
    }
    throw new Error(`nothing named ${name.source} is reached by the Tab key`);
  };
  await press(/^Add$/);
  await at(page, "Info");
  await page.getByLabel("Name").focus();
  await page.keyboard.type("backup-keys");
  await page.keyboard.press("Enter");
  await at(page, "Type");
  // A new step is read from its title, and the keyboard goes on from there.
  await expect(page.getByRole("heading", { name: "Type", level: 2 })).toBeFocused();
  await page.getByRole("radio", { name: /automatically/ }).focus();
  await page.keyboard.press("Space");
  await press(/^Next$/);
  await at(page, "Logon");
  await press(/^Sign in$/);
  await expect(page.getByRole("timer")).toBeVisible();
  await press(/^Back$/);
  await at(page, "Type");
  await expect(page.getByRole("radio", { name: /automatically/ })).toBeChecked();
  await press(/^Cancel$/);
  await expect(page.getByRole("alertdialog", { name: "Leave without finishing?" }).getByRole("button", { name: "Stay" })).toBeFocused();
  await page.keyboard.press("Escape");
  await at(page, "Type");
});
