import { edit, expect, logonWindow, said, signIn, test } from "./fixtures";

interface Account {
  credential: { id: string };
}

test("after a renewal, one click goes back to the former secret, and another forward again", async ({ page, demo }) => {
  const before = await demo.api<Account>("GET", "/accounts/backup-prod");
  await edit(page, "backup-prod");
  await expect(page.getByRole("button", { name: "Go back to it" })).toHaveCount(0);
  await page.getByRole("button", { name: "Renew", exact: true }).click();
  await signIn(page);
  await expect(said(page, "proven and in use")).toBeVisible();
  await logonWindow(page).getByRole("button", { name: "OK" }).click();
  const renewed = await demo.api<Account>("GET", "/accounts/backup-prod");

  await page.getByRole("button", { name: "Go back to it" }).click();
  await expect(logonWindow(page).getByRole("button", { name: "OK" })).toBeVisible();
  expect((await demo.api<Account>("GET", "/accounts/backup-prod")).credential.id).toBe(before.credential.id);
  await logonWindow(page).getByRole("button", { name: "OK" }).click();
  await expect(page.getByRole("region", { name: "Hand-over" })).toContainText("once more");

  await page.getByRole("button", { name: "Go back to it" }).click();
  await expect(logonWindow(page).getByRole("button", { name: "OK" })).toBeVisible();
  expect((await demo.api<Account>("GET", "/accounts/backup-prod")).credential.id).toBe(renewed.credential.id);
});

test("a certificate rolls itself: nobody signs in", async ({ page, demo }) => {
  const before = await demo.api<{ credential: { thumbprint: string } }>("GET", "/accounts/backup-cert");
  await edit(page, "backup-cert");
  await page.getByRole("button", { name: "Renew", exact: true }).click();
  await expect(said(page, "new certificate, proven and in use")).toBeVisible();
  await expect(logonWindow(page).getByRole("timer")).toHaveCount(0);
  const after = await demo.api<{ credential: { thumbprint: string } }>("GET", "/accounts/backup-cert");
  expect(after.credential.thumbprint).not.toBe(before.credential.thumbprint);
  await logonWindow(page).getByRole("button", { name: "Hand over the new credential" }).click();
  await expect(page.getByRole("region", { name: "Hand-over" })).toContainText("The new certificate works.");
});
