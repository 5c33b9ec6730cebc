import { accessible, edit, expect, logonWindow, said, signIn, test } from "./fixtures";

interface Account {
  state: string;
  credential: { id: string; key_id: string; acknowledged_at: string | null };
}

test("an administrator renews backup-prod and hands the secret over", async ({ page, demo, context }) => {
  const before = await demo.api<Account>("GET", "/accounts/backup-prod");
  const row = page.getByRole("row", { name: /backup-prod/ });
  await expect(row).toContainText("in 9 days");
  await expect(row).toContainText("Expiring");
  await edit(page, "backup-prod");
  await page.getByRole("button", { name: "Renew", exact: true }).click();

  const window = logonWindow(page);
  await expect(window.getByRole("heading", { name: "Logon to Microsoft Azure" })).toBeVisible();
  await expect(window.getByRole("timer")).toContainText(/^1[45]:\d\d$/);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const code = (await window.getByRole("img", { name: /^The code/ }).textContent()) ?? "";
  await window.getByRole("button", { name: "Copy Code to Clipboard" }).click();
  await expect(window.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(code);
  await accessible(page);

  await signIn(page);
  const steps = window.getByRole("list", { name: "Steps" });
  await expect(steps.getByText("Signed in as owner@contoso.example")).toBeVisible();
  await expect(steps.getByText("Checking what owner@contoso.example may do")).toBeVisible();
  await expect(steps.getByText("3 good answers in a row")).toBeVisible();
  await expect(said(page, "backup-prod has a new secret, proven and in use.")).toBeVisible();
  await accessible(page);
  await window.getByRole("button", { name: "Hand over the new credential" }).click();

  const handOver = page.getByRole("region", { name: "Hand-over" });
  await expect(handOver).toContainText("does not have it yet");
  await handOver.getByRole("button", { name: "Reveal secret" }).click();
  const shown = (await handOver.getByRole("region", { name: "The secret" }).textContent())?.trim() ?? "";
  expect(shown.length).toBeGreaterThan(30);
  const disclosed = await demo.api<{ secret: string }>("POST", "/accounts/backup-prod/hand-over", {});
  expect(shown).toBe(disclosed.secret);
  await handOver.getByRole("button", { name: "Hide secret" }).click();
  await expect(handOver.getByRole("region", { name: "The secret" })).toHaveCount(0);
  await handOver.getByRole("button", { name: "Copy secret" }).click();
  await expect(handOver.getByText("on the clipboard")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(shown);
  const download = page.waitForEvent("download");
  await handOver.getByRole("button", { name: "Download" }).click();
  expect((await download).suggestedFilename()).toBe("backup-prod.secret");
  await accessible(page);

  await handOver.getByRole("button", { name: "The software has it" }).click();
  await expect(handOver.getByText("The software has it since")).toBeVisible();
  await expect(handOver.getByText("The old secret:")).toBeVisible();
  await expect(page.getByRole("region", { name: "Credentials" })).toContainText("Retiring");

  const after = await demo.api<Account>("GET", "/accounts/backup-prod");
  expect(after.state).toBe("valid");
  expect(after.credential.key_id).not.toBe(before.credential.key_id);
  expect(after.credential.acknowledged_at).not.toBeNull();
  await page.getByRole("link", { name: "Service accounts" }).click();
  await expect(page.getByRole("row", { name: /backup-prod/ })).toContainText("Valid");
});

test("a secret that is on show is not taken for the new one", async ({ page, demo }) => {
  await edit(page, "backup-prod");
  const handOver = page.getByRole("region", { name: "Hand-over" });
  await handOver.getByRole("button", { name: "Reveal secret" }).click();
  await page.getByRole("button", { name: /^Reveal the secret/ }).click();
  await expect(page.getByLabel("Secret", { exact: true })).toHaveValue(/^[A-Za-z0-9~._-]{30,}$/);
  const old = await page.getByLabel("Secret", { exact: true }).inputValue();
  await expect(handOver.getByRole("region", { name: "The secret" })).toHaveText(old);
  await page.getByRole("button", { name: "Renew", exact: true }).click();
  await signIn(page);
  await expect(said(page, "proven and in use")).toBeVisible();
  await logonWindow(page).getByRole("button", { name: "Hand over the new credential" }).click();
  await expect(handOver).toContainText("does not have it yet");
  await expect(handOver.getByRole("region", { name: "The secret" })).toHaveCount(0);
  expect(await page.content()).not.toContain(old);
  await handOver.getByRole("button", { name: "Reveal secret" }).click();
  await expect(handOver.getByRole("region", { name: "The secret" })).not.toHaveText(old);
  await expect(handOver).toContainText((await demo.api<{ application_id: string }>("GET", "/accounts/backup-prod")).application_id);
});

test("a double click on Renew renews once", async ({ page, demo }) => {
  await edit(page, "backup-prod");
  await page.getByRole("button", { name: "Renew", exact: true }).dblclick();
  await expect(logonWindow(page).getByRole("timer")).toBeVisible();
  const { operations } = await demo.api<{ operations: { kind: string }[] }>("GET", "/accounts/backup-prod/operations");
  expect(operations.filter((o) => o.kind === "renew")).toHaveLength(1);
  await expect(logonWindow(page)).toBeVisible();
});

test("the focus goes into the window, stays in it, and comes back", async ({ page }) => {
  await edit(page, "backup-prod");
  const renew = page.getByRole("button", { name: "Renew", exact: true });
  await renew.focus();
  await page.keyboard.press("Enter");
  await expect(logonWindow(page).getByRole("timer")).toBeVisible();
  const within = () => logonWindow(page).evaluate((window) => window.contains(document.activeElement));
  await expect.poll(within).toBe(true);
  await page.keyboard.press("Escape");
  await expect(logonWindow(page)).toHaveCount(0);
  await expect(renew).toBeFocused();
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await signIn(page);
  await expect(said(page, "proven and in use")).toBeVisible();
  await expect.poll(within).toBe(true);
  await page.keyboard.press("Escape");
  await expect(logonWindow(page)).toHaveCount(0);
  await page.getByRole("button", { name: "Change" }).click();
  await expect(page.getByLabel("Application ID", { exact: true })).toBeFocused();
});

test("a certificate is handed over as a PFX under a chosen password", async ({ page }) => {
  await edit(page, "backup-cert");
  const handOver = page.getByRole("region", { name: "Hand-over" });
  const button = handOver.getByRole("button", { name: "Download certificate (PFX)" });
  await expect(button).toBeDisabled();
  await handOver.getByLabel("Password for the file").fill("Grüße 1");
  await handOver.getByLabel("The same password again").fill("Grüße 2");
  await expect(handOver.getByText("The passwords differ.")).toBeVisible();
  await expect(button).toBeDisabled();
  await handOver.getByLabel("The same password again").fill("Grüße 1");
  const download = page.waitForEvent("download");
  await button.click();
  const file = await download;
  expect(file.suggestedFilename()).toBe("backup-cert.pfx");

  // What was downloaded is a certificate that this page reads back under that password.
  await page.getByRole("button", { name: "Change" }).click();
  await page.getByLabel("Certificate file").setInputFiles(await file.path());
  await page.getByLabel("Password", { exact: true }).fill("Grüße 1");
  const facts = page.getByLabel("The chosen certificate");
  await expect(facts).toContainText("CN=backup-cert");
  await expect(facts).toContainText("Yes.");
});
