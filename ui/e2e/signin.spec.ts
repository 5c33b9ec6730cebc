import { accessible, edit, expect, logonWindow, said, signIn, test } from "./fixtures";

interface Account {
  credential: { id: string };
}

const refusals: readonly (readonly [string, RegExp, RegExp])[] = [
  ["contributor@contoso.example", /may not assign roles/, /Owner or User Access Administrator.*Privileged Identity Management/s],
  ["owner-noentra@contoso.example", /./, /Application Administrator|owner of the application/],
  ["blocked@contoso.example", /Conditional Access/, /./],
];
for (const [person, message, remedy] of refusals) {
  test(`a sign-in as ${person} is refused with a way out`, async ({ page, demo }) => {
    const before = await demo.api<Account>("GET", "/accounts/backup-prod");
    await edit(page, "backup-prod");
    await page.getByRole("button", { name: "Renew", exact: true }).click();
    await signIn(page, person);
    const alert = logonWindow(page).getByRole("alert");
    await expect(alert).toContainText(message);
    await expect(alert).toContainText(remedy);
    await accessible(page);
    await logonWindow(page).getByRole("button", { name: "OK" }).click();
    expect((await demo.api<Account>("GET", "/accounts/backup-prod")).credential).toEqual(before.credential);
    await expect(page.getByRole("button", { name: "Renew", exact: true })).toBeEnabled();
  });
}

test("a declined sign-in is said", async ({ page }) => {
  await edit(page, "backup-prod");
  await page.getByRole("button", { name: "Renew", exact: true }).click();
  await signIn(page, "owner@contoso.example", "Cancel");
  await expect(logonWindow(page).getByRole("alert")).toContainText(/declined/);
});

test("an expired code is said, and a new renewal works", async ({ page, demo }) => {
  await edit(page, "backup-prod");
  await page.getByRole("button", { name: "Renew", exact: true }).click();
  await expect(logonWindow(page).getByRole("timer")).toBeVisible();
  await demo.control("POST", "/clock", { advance: "16m" });
  await expect(logonWindow(page).getByRole("alert")).toContainText(/not entered in time/);
  await logonWindow(page).getByRole("button", { name: "Try again" }).click();
  await expect(logonWindow(page).getByRole("timer")).toBeVisible();
  await signIn(page);
  await expect(said(page, "proven and in use")).toBeVisible();
});

test("a new code takes the place of the old one", async ({ page }) => {
  await edit(page, "backup-prod");
  await page.getByRole("button", { name: "Renew", exact: true }).click();
  const code = logonWindow(page).getByRole("img", { name: /^The code/ });
  const first = (await code.textContent()) ?? "";
  await logonWindow(page).getByRole("button", { name: "New code" }).click();
  await expect(code).not.toHaveText(first);
  await signIn(page);
  await expect(said(page, "proven and in use")).toBeVisible();
});

test("cancelling before anybody signs in leaves nothing open", async ({ page, demo }) => {
  await edit(page, "backup-prod");
  await page.getByRole("button", { name: "Renew", exact: true }).click();
  await logonWindow(page).getByRole("button", { name: "Cancel", exact: true }).click();
  await expect(said(page, "cancelled")).toBeVisible();
  await logonWindow(page).getByRole("button", { name: "OK" }).click();
  const { operations } = await demo.api<{ operations: { state: string; kind: string }[] }>("GET", "/accounts/backup-prod/operations");
  expect(operations.find((o) => o.kind === "renew")?.state).toBe("cancelled");
});
