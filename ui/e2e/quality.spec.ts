import { gzipSync } from "node:zlib";

import { accessible, edit, expect, logonWindow, said, signIn, test } from "./fixtures";

test("the list shows what authenticates each account, and when it ends", async ({ page }) => {
  const table = page.getByRole("table", { name: "Service accounts" });
  for (const name of ["Name", "Authentication", "Expiration", "State", "Permissions", "Last check"]) {
    await expect(table.getByRole("columnheader", { name, exact: true })).toBeVisible();
  }
  const row = (name: string) => table.getByRole("row", { name: new RegExp(name) });
  await expect(row("backup-dev")).toContainText("ended yesterday");
  await expect(row("backup-dev")).toContainText("Choose Renew");
  await expect(row("backup-dr")).toContainText("Application not found");
  await expect(row("backup-dr")).toContainText("Choose Re-create");
  await expect(row("backup-cert")).toContainText("Certificate");
  await expect(row("backup-cert")).toContainText("in 40 days");
  await expect(row("backup-sql")).toContainText("Permissions missing");
  await expect(row("backup-sql")).toContainText("Not known");
  await row("backup-dr").getByRole("link", { name: "Re-create" }).click();
  await expect(page.getByRole("heading", { name: "backup-dr", exact: true, level: 1 })).toBeVisible();
  await expect(page.getByRole("button", { name: "Re-create" })).toBeVisible();
});

for (const appearance of ["Light", "Dark", "High contrast"]) {
  test(`axe finds nothing on any page: ${appearance}`, async ({ page }) => {
    await page.getByRole("button", { name: /appearance and sign-out/ }).click();
    await accessible(page);
    await page.getByRole("menuitemradio", { name: appearance }).click();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("row", { name: /backup-sql/ })).toContainText("Permissions missing");
    await accessible(page);
    for (const account of ["backup-sql", "backup-cert", "backup-dr"]) {
      await edit(page, account);
      await expect(page.getByRole("region", { name: "Operations" }).getByRole("button").first()).toBeVisible();
      await accessible(page);
      await page.getByRole("link", { name: "Service accounts" }).click();
    }
    await edit(page, "backup-prod");
    await page.getByRole("button", { name: "Renew", exact: true }).click();
    await expect(logonWindow(page).getByRole("timer")).toBeVisible();
    await accessible(page);
  });
}

test("forced colours keep the states legible", async ({ page }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await expect(page.getByRole("row", { name: /backup-dr/ })).toContainText("Application not found");
  await accessible(page);
});

for (const width of [390, 700, 1024, 1920]) {
  test(`nothing is cut off at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 844 });
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await expect(page.getByRole("row", { name: /backup-sql/ })).toContainText("Permissions missing");
    expect(await overflow()).toBeLessThanOrEqual(0);
    await accessible(page);
    await edit(page, "backup-sql");
    expect(await overflow()).toBeLessThanOrEqual(0);
    await page.getByRole("link", { name: "Service accounts" }).click();
    await edit(page, "backup-prod");
    await page.getByRole("button", { name: "Renew", exact: true }).click();
    await expect(logonWindow(page).getByRole("timer")).toBeVisible();
    await expect.poll(() => logonWindow(page).evaluate((window) => window.contains(document.activeElement))).toBe(true);
    expect(await overflow()).toBeLessThanOrEqual(0);
    await accessible(page);
  });
}

test("long names and descriptions fit every width", async ({ page, demo }) => {
  const { APP_ID, TENANT_ID, APP_SECRET } = demo.cloud;
  const name = "n".repeat(255);
  await demo.api("POST", "/accounts", {
    kind: "existing",
    name,
    description: "d".repeat(255),
    application_id: APP_ID,
    tenant_id: TENANT_ID,
    secret: APP_SECRET,
  });
  await expect(page.getByRole("link", { name })).toBeVisible();
  for (const width of [390, 1280, 1920]) {
    await page.setViewportSize({ width, height: 844 });
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await overflow(), `list at ${width} px`).toBeLessThanOrEqual(0);
    await page.getByRole("link", { name }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
    await expect(page.getByRole("region", { name: "Operations" }).getByRole("button").first()).toBeVisible();
    expect(await overflow(), `account at ${width} px`).toBeLessThanOrEqual(0);
    await page.getByRole("link", { name: "Service accounts" }).click();
  }
});

test("a renewal by keyboard alone", async ({ page, context }) => {
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
  await press(/^backup-archive$/, "ArrowDown");
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("link", { name: "backup-prod", exact: true })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "backup-prod", exact: true, level: 1 })).toBeVisible();
  await press(/^Renew$/);
  const dialog = logonWindow(page);
  await expect(dialog.getByRole("timer")).toBeVisible();
  const code = ((await dialog.getByRole("img", { name: /^The code/ }).textContent()) ?? "").trim();
  const popup = context.waitForEvent("page");
  await press(/devicelogin/);
  const microsoft = await popup;
  await microsoft.bringToFront();
  await expect(microsoft.getByLabel("Code")).toBeFocused(); // by the page itself, once it has loaded
  await microsoft.keyboard.type(code);
  await microsoft.keyboard.press("Enter");
  await microsoft.getByRole("button", { name: /^owner@contoso.example/ }).focus();
  await microsoft.keyboard.press("Enter");
  await microsoft.getByRole("button", { name: "Continue" }).focus();
  await microsoft.keyboard.press("Enter");
  await microsoft.waitForURL(/devicelogin/);
  await page.bringToFront();
  await expect(said(page, "proven and in use")).toBeVisible();
  await press(/^OK$/);
  await expect(dialog).toHaveCount(0);
});

test("the page keeps to a strict policy and a small size", async ({ page, demo }) => {
  const answer = await page.request.get(demo.url + "/");
  const policy = answer.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toMatch(/style-src 'self' 'nonce-[^']+'/);
  expect(policy).not.toContain("unsafe");
  const scripts = [...(await answer.text()).matchAll(/<script[^>]+src="([^"]+)"/g)].map((match) => match[1] ?? "");
  expect(scripts.length).toBeGreaterThan(0);
  let sum = 0;
  for (const script of scripts) sum += gzipSync(await (await page.request.get(demo.url + script)).body()).length;
  expect(sum).toBeLessThanOrEqual(300_000);
});

test("a secret that was shown is gone from the page when it is hidden", async ({ page, demo }) => {
  await edit(page, "backup-prod");
  const { secret } = await demo.api<{ secret: string }>("POST", "/accounts/backup-prod/hand-over", {});
  await page.getByRole("button", { name: /^Reveal the secret/ }).click();
  await expect(page.getByLabel("Secret", { exact: true })).toHaveValue(secret);
  await page.getByRole("button", { name: "Hide the secret" }).click();
  expect(await page.content()).not.toContain(secret);
  expect(await page.evaluate(() => JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)]))).not.toContain(secret);
});

test("the empty list helps to begin", async ({ page, demo }) => {
  const { accounts } = await demo.api<{ accounts: { name: string }[] }>("GET", "/accounts");
  for (const { name } of accounts) await demo.api("DELETE", "/accounts/" + name);
  await expect(page.getByRole("heading", { name: "There are no service accounts yet" })).toBeVisible();
  await accessible(page);
});

test("renewing one account does not slow the list: it follows by itself", async ({ page }) => {
  await edit(page, "backup-dev");
  await page.getByRole("button", { name: "Renew", exact: true }).click();
  await signIn(page);
  await expect(said(page, "proven and in use")).toBeVisible();
  await logonWindow(page).getByRole("button", { name: "OK" }).click();
  await page.getByRole("link", { name: "Service accounts" }).click();
  await expect(page.getByRole("row", { name: /backup-dev/ })).toContainText("Valid");
});
