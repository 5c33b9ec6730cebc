import { edit, expect, logonWindow, said, signIn, test } from "./fixtures";

test("closing, reloading and a second tab show the same operation", async ({ page, context }) => {
  await edit(page, "backup-prod");
  await page.getByRole("button", { name: "Renew", exact: true }).click();
  const code =
    (await logonWindow(page)
      .getByRole("img", { name: /^The code/ })
      .textContent()) ?? "";

  await logonWindow(page).getByRole("button", { name: "Close for now" }).click();
  await expect(page.getByText("Renewal: waiting for a sign-in.")).toBeVisible();
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await expect(logonWindow(page).getByRole("img", { name: /^The code/ })).toHaveText(code);

  await page.reload();
  await expect(logonWindow(page).getByRole("img", { name: /^The code/ })).toHaveText(code);

  const second = await context.newPage();
  await second.goto(page.url());
  await expect(logonWindow(second).getByRole("img", { name: /^The code/ })).toHaveText(code);
  await signIn(second);
  await expect(said(second, "proven and in use")).toBeVisible();
  await page.bringToFront();
  await expect(said(page, "proven and in use")).toBeVisible();

  // A finished operation can be looked at again, and has an address of its own.
  await logonWindow(page).getByRole("button", { name: "OK" }).click();
  await page.getByRole("region", { name: "Operations" }).getByRole("button", { name: "Renewal" }).click();
  await expect(said(page, "proven and in use")).toBeVisible();
  const id = new URL(page.url()).searchParams.get("operation") ?? "";
  await second.goto(new URL("/operations/" + id, page.url()).href);
  await expect(said(second, "proven and in use")).toBeVisible();
});

test("a server that is killed in mid-operation is waited for, and the operation goes on", async ({ page, demo }) => {
  await edit(page, "backup-prod");
  await page.getByRole("button", { name: "Renew", exact: true }).click();
  await expect(logonWindow(page).getByRole("timer")).toBeVisible();
  const start = await demo.kill();
  await expect(logonWindow(page).getByText("The Evercred server does not answer.")).toBeVisible();
  await start();
  await expect(logonWindow(page).getByText("The Evercred server does not answer.")).toHaveCount(0);
  await signIn(page);
  await expect(said(page, "proven and in use")).toBeVisible();
});

test("killed between the proof of the secret and the switch, the renewal ends after the restart", async ({ page, demo }) => {
  // The proof is held up, so that there is time to kill the server within it.
  await edit(page, "backup-prod");
  await page.getByRole("button", { name: "Renew", exact: true }).click();
  await demo.control("PUT", "/replication", { delay: "8s" });
  await signIn(page);
  await expect(said(page, "Proving the new secret")).toBeVisible();
  const start = await demo.kill();
  await start();
  await expect(said(page, "proven and in use")).toBeVisible({ timeout: 45_000 });
});

test("an ended session asks to sign in again over what was typed", async ({ page, demo, context }) => {
  await edit(page, "backup-sql");
  await page.getByLabel("Secret", { exact: true }).fill("typed before the session ended");
  await context.clearCookies();
  const dialog = page
    .getByRole("alertdialog", { name: "Your session has ended" })
    .or(page.getByRole("dialog", { name: "Your session has ended" }));
  await expect(dialog).toBeVisible();
  await dialog.getByRole("textbox", { name: "API token" }).fill("evc_wrong");
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await expect(dialog.getByText("not one of this server")).toBeVisible();
  await dialog.getByRole("textbox", { name: "API token" }).fill(demo.token);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByLabel("Secret", { exact: true })).toHaveValue("typed before the session ended");
});

test("an open window is usable again after signing in again", async ({ page, demo, context }) => {
  await edit(page, "backup-prod");
  await page.getByRole("button", { name: "Renew", exact: true }).click();
  await expect(logonWindow(page).getByRole("timer")).toBeVisible();
  await context.clearCookies();
  await expect(page.getByRole("heading", { name: "Your session has ended" })).toBeVisible({ timeout: 30_000 });
  const { url } = await demo.api<{ url: string }>("POST", "/session/links");
  await page.goto(new URL(url).origin + new URL(page.url()).pathname + new URL(page.url()).search + new URL(url).hash);
  await expect(page.getByRole("heading", { name: "Your session has ended" })).toHaveCount(0);
  await expect(logonWindow(page).getByRole("timer")).toBeVisible();
  await expect(page.getByRole("alert")).toHaveCount(0);
  await signIn(page);
  await expect(said(page, "proven and in use")).toBeVisible();
});

test("an operation of another account opens on that account's page; one that is not there is said once", async ({ page, demo }) => {
  const operation = await demo.api<{ id: string }>("POST", "/accounts/backup-cert/check", {});
  await page.goto(new URL("/accounts/backup-prod?operation=" + operation.id, page.url()).href);
  await expect(page.getByRole("heading", { name: "backup-cert", exact: true, level: 1, includeHidden: true })).toBeVisible();
  const asked: string[] = [];
  page.on("request", (request) => request.url().includes("/operations/op-0000") && asked.push(request.url()));
  await page.goto(new URL("/accounts/backup-prod?operation=op-0000", page.url()).href);
  await expect(logonWindow(page).getByRole("alert")).toBeVisible();
  await logonWindow(page).getByRole("button", { name: "Close the window" }).click();
  expect(asked.length).toBeLessThan(3);
});

test("a malformed login code shows the way in", async ({ page, demo, browser }) => {
  expect(page.url()).toContain(demo.url);
  const other = await (await browser.newContext()).newPage();
  await other.goto(demo.url + "/#login=%E0%A4%A");
  await expect(other.getByRole("heading", { name: "Sign in to Evercred" })).toBeVisible();
  await other.context().close();
});

test("a one-time address works once, and leaves no code behind", async ({ page, demo, browser }) => {
  expect(page.url()).not.toContain("login=");
  const other = await (await browser.newContext()).newPage();
  await other.goto(demo.login);
  await expect(other.getByRole("heading", { name: "Sign in to Evercred" })).toBeVisible();
  await expect(other.getByText(/evercred web/).first()).toBeVisible();
  const { url } = await demo.api<{ url: string }>("POST", "/session/links");
  // The tab is on that address already: only the fragment changes.
  await other.goto(url);
  await expect(other.getByRole("heading", { name: "Service accounts" })).toBeVisible();
  await other.context().close();
});

test("signing out ends the session at the server", async ({ page, context }) => {
  const cookies = await context.cookies();
  await page.getByRole("button", { name: /appearance and sign-out/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in to Evercred" })).toBeVisible();
  await context.addCookies(cookies);
  await page.reload();
  await expect(page.getByRole("heading", { name: "Sign in to Evercred" })).toBeVisible();
});

test("an account that is not there, and an address that is none", async ({ page }) => {
  await page.goto(new URL("/accounts/nobody", page.url()).href);
  await expect(page.getByRole("alert")).toContainText("nobody");
  await page.goto(new URL("/nowhere/at/all", page.url()).href);
  await expect(page.getByText("There is no page at this address.")).toBeVisible();
});

test.describe("far from Greenwich", () => {
  test.use({ timezoneId: "Asia/Tokyo" });

  test("a page has one kind of time, also where the server's texts tell it", async ({ page, demo }) => {
    await edit(page, "backup-prod");
    await page.getByRole("button", { name: "Renew", exact: true }).click();
    await signIn(page);
    await expect(said(page, "backup-prod has a new secret, proven and in use.")).toBeVisible();
    const steps = logonWindow(page).getByRole("list", { name: "Steps" });
    await expect(steps).toContainText(/ends \d{1,2} \w+ \d{4}, \d\d:\d\d/);
    await expect(logonWindow(page)).not.toContainText("UTC");
    await logonWindow(page).getByRole("button", { name: "Hand over the new credential" }).click();
    await page.getByRole("region", { name: "Hand-over" }).getByRole("button", { name: "The software has it" }).click();
    await expect(page.getByText("The software has it since")).toBeVisible();
    const { credentials } = await demo.api<{ credentials: { slot: string; fate: { at: string } | null }[] }>(
      "GET",
      "/accounts/backup-prod",
    );
    const until = credentials.find((c) => c.slot === "retiring")?.fate?.at ?? "";
    const local = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "Asia/Tokyo" });
    await expect(page.getByRole("region", { name: "Credentials" })).toContainText(`keeps working until ${local.format(new Date(until))}`);
    await expect(page.locator("main")).not.toContainText("UTC");
    await page.getByRole("link", { name: "History", exact: true }).first().click();
    await expect(page.getByRole("button", { name: "Renewal done", exact: true })).toBeVisible();
    await expect(page.locator("main")).not.toContainText("UTC");
  });
});
