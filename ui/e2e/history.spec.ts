import type { Page } from "@playwright/test";

import { accessible, edit, expect, logonWindow, said, signIn, test } from "./fixtures";

async function renewed(page: Page): Promise<void> {
  await edit(page, "backup-prod");
  await page.getByRole("button", { name: "Renew", exact: true }).click();
  await signIn(page);
  await expect(said(page, "proven and in use")).toBeVisible();
  await logonWindow(page).getByRole("button", { name: "OK" }).click();
  await page.getByRole("link", { name: "History", exact: true }).click();
  await expect(page.getByRole("heading", { name: "History of backup-prod" })).toBeVisible();
}

test("a renewal is seen in the picture and in the list of events", async ({ page }) => {
  await renewed(page);
  const timeline = page.getByRole("group", { name: "Timeline" });
  await expect(timeline.getByRole("img", { name: /secret, in use/ })).toBeVisible();
  await expect(timeline.getByRole("img", { name: /secret, retiring/ })).toBeVisible();
  const operations = timeline.getByRole("toolbar", { name: "Operations" });
  await operations.getByRole("button").last().click();
  const chosen = page.getByRole("region", { name: "Chosen in the picture" });
  await expect(chosen).toContainText("Renewal");
  await accessible(page);
  await chosen.getByRole("button", { name: "Renewal" }).first().click();
  await expect(said(page, "proven and in use")).toBeVisible();
  await logonWindow(page).getByRole("button", { name: "OK" }).click();
  const events = page.getByRole("region", { name: "Events" });
  await events
    .getByRole("button", { name: /^\d+ steps?$/ })
    .first()
    .click();
  await expect(events).toContainText("owner@contoso.example");
});

test("the picture is walked through by keyboard", async ({ page }) => {
  await renewed(page);
  await page.getByRole("tab", { name: "Week" }).click();
  const marks = page.getByRole("toolbar", { name: "Operations" }).getByRole("button");
  await marks.last().focus();
  await page.keyboard.press("Home");
  await expect(marks.first()).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: "Chosen in the picture" })).toBeVisible();
  await expect(marks.first()).toHaveAttribute("aria-pressed", "true");
});

test("the same as a table", async ({ page }) => {
  await renewed(page);
  await page.getByRole("tab", { name: "Table" }).click();
  const table = page.getByRole("region", { name: "Table of the credentials" }).getByRole("table");
  await expect(table.getByRole("row")).toHaveCount(3);
  await expect(table.getByRole("row", { name: /secret In use/ })).toBeVisible();
  await expect(table.getByRole("row", { name: /secret Retiring/ })).toBeVisible();
  await accessible(page);
});

for (const appearance of ["Dark", "High contrast"]) {
  test(`the history in ${appearance.toLowerCase()}, on a narrow screen`, async ({ page }) => {
    await page.getByRole("button", { name: /appearance and sign-out/ }).click();
    await page.getByRole("menuitemradio", { name: appearance }).click();
    await page.keyboard.press("Escape");
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(new URL("/accounts/backup-cert/history", page.url()).href);
    await expect(page.getByRole("group", { name: "Timeline" })).toBeVisible();
    await accessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
  });
}

test("a history that cannot be read says so, and can be asked for again", async ({ page }) => {
  await page.route("**/api/v1/**/history*", (route) => route.fulfill({ status: 500, body: "" }));
  await page.goto(new URL("/accounts/backup-cert/history", page.url()).href);
  await expect(page.getByRole("alert")).toContainText("status 500");
  await page.unroute("**/api/v1/**/history*");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("alert")).toHaveCount(0);
  await expect(page.getByRole("region", { name: "Events" }).getByRole("listitem").first()).toBeVisible();
});

test("the history of no account", async ({ page }) => {
  await page.goto(new URL("/accounts/nobody/history", page.url()).href);
  await expect(page.getByRole("alert")).toContainText("nobody");
});
