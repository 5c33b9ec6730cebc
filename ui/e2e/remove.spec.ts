import { accessible, edit, expect, logonWindow, said, signIn, test } from "./fixtures";

interface Accounts {
  accounts: { name: string }[];
}

test("an account whose application others made is forgotten, and its application stays", async ({ page, demo }) => {
  await edit(page, "backup-sql");
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  const window = page.getByRole("dialog", { name: "Remove backup-sql?" });
  await expect(window.getByRole("checkbox", { name: /delete the application/ })).toBeDisabled();
  await accessible(page);
  await window.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(said(page, "backup-sql")).toBeVisible();
  await logonWindow(page).getByRole("button", { name: "OK" }).click();
  await expect(page.getByRole("heading", { name: "Service accounts" })).toBeVisible();
  await expect(page.getByRole("link", { name: "backup-sql", exact: true })).toHaveCount(0);
  expect((await demo.api<Accounts>("GET", "/accounts")).accounts.map((a) => a.name)).not.toContain("backup-sql");
});

test("to delete the application its account's name has to be typed, and somebody signs in", async ({ page, demo }) => {
  await page.getByRole("button", { name: "More about backup-prod" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  const window = page.getByRole("dialog", { name: "Remove backup-prod?" });
  await window.getByRole("checkbox", { name: /delete the application/ }).check();
  const button = window.getByRole("button", { name: "Remove and delete" });
  await expect(button).toBeDisabled();
  await window.getByRole("textbox", { name: /type the account's name/ }).fill("backup-dev");
  await expect(button).toBeDisabled();
  await window.getByRole("textbox", { name: /type the account's name/ }).fill("backup-prod");
  await accessible(page);
  await button.click();
  await signIn(page);
  await expect(said(page, "backup-prod")).toBeVisible();
  await expect(logonWindow(page).getByRole("button", { name: "OK" })).toBeVisible();
  await logonWindow(page).getByRole("button", { name: "OK" }).click();
  expect((await demo.api<Accounts>("GET", "/accounts")).accounts.map((a) => a.name)).not.toContain("backup-prod");
});

test("what uses the account is said before it is removed", async ({ page }) => {
  await edit(page, "backup-cert");
  const used = page.getByRole("region", { name: "Used by" });
  await used.getByRole("button", { name: "Edit what uses the account" }).click();
  await used.getByRole("textbox", { name: "What uses this account" }).fill("Veeam appliance vba-01\nnightly jobs");
  await used.getByRole("button", { name: "Save" }).click();
  await expect(used.getByRole("listitem")).toHaveCount(2);
  await expect(used.getByRole("button", { name: "Edit what uses the account" })).toBeFocused();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(page.getByRole("dialog")).toContainText("Veeam appliance vba-01");
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("button", { name: "Remove", exact: true })).toBeFocused();
});

test("a removal that is refused says why, and removes nothing", async ({ page, demo }) => {
  await edit(page, "backup-cert");
  await page.route("**/api/v1/accounts/*", (route) =>
    route.request().method() === "DELETE"
      ? route.fulfill({
          status: 409,
          contentType: "application/problem+json",
          body: JSON.stringify({
            status: 409,
            code: "conflict",
            detail: "A renewal is under way.",
            meaning: "",
            remedy: "Wait for its end.",
          }),
        })
      : route.continue(),
  );
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await expect(page.getByRole("dialog").getByRole("alert")).toContainText("Wait for its end.");
  expect((await demo.api<Accounts>("GET", "/accounts")).accounts.map((a) => a.name)).toContain("backup-cert");
});

test("an edit of what was changed meanwhile is shown, not saved over", async ({ page, demo }) => {
  await edit(page, "backup-cert");
  const used = page.getByRole("region", { name: "Used by" });
  await used.getByRole("button", { name: "Edit what uses the account" }).click();
  await used.getByRole("textbox", { name: "What uses this account" }).fill("mine");
  const { version } = await demo.api<{ version: number }>("GET", "/accounts/backup-cert");
  const answer = await fetch(demo.url + "/api/v1/accounts/backup-cert", {
    method: "PATCH",
    headers: { authorization: "Bearer " + demo.token, "content-type": "application/json", "if-match": `"${version}"` },
    body: JSON.stringify({ used_by: ["theirs"] }),
  });
  expect(answer.status).toBe(200);
  await used.getByRole("button", { name: "Save" }).click();
  await expect(used.getByRole("button", { name: "Save mine over it" })).toBeVisible();
  await expect(used.getByRole("textbox", { name: "What uses this account" })).toHaveValue("mine");
  await accessible(page);
  await used.getByRole("button", { name: "Show what is there now" }).click();
  await expect(used.getByRole("textbox", { name: "What uses this account" })).toHaveValue("theirs");
});

test("an ended session keeps what was typed into the window", async ({ page, demo, context }) => {
  await edit(page, "backup-prod");
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("checkbox", { name: /delete the application/ }).check();
  await page.getByRole("textbox", { name: /type the account's name/ }).fill("backup-pro");
  await context.clearCookies();
  await expect(page.getByRole("heading", { name: "Your session has ended" })).toBeVisible();
  await page.getByRole("textbox", { name: "API token" }).fill(demo.token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Your session has ended" })).toHaveCount(0);
  await expect(page.getByRole("textbox", { name: /type the account's name/ })).toHaveValue("backup-pro");
  await page.getByRole("textbox", { name: /type the account's name/ }).fill("backup-prod");
  await expect(page.getByRole("button", { name: "Remove and delete" })).toBeEnabled();
});
