import { expect, test } from "./fixtures";
import { add, at, begin, byCode, kept, next, signedIn } from "./wizard";

const wrongNames: readonly (readonly [string, RegExp])[] = [
  ["a b", /A space is not allowed/],
  ["backup.prod", /The character \. is not allowed/],
  ["bäckup", /The character ä is not allowed/],
  ["n".repeat(256), /has 256 characters; 255 are allowed/],
  ["BACKUP-PROD", /There is an account named BACKUP-PROD already/],
];

test("names are judged while they are typed, and duplicates are asked from the server", async ({ page }) => {
  await add(page);
  for (const [name, message] of wrongNames) {
    await page.getByLabel("Name").fill(name);
    await expect(page.getByText(message)).toBeVisible();
    await next(page);
    await at(page, "Info");
    await expect(page.getByLabel("Name")).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByLabel("Name")).toBeFocused();
  }
  await page.getByLabel("Name").fill("backup-free");
  await expect(page.getByLabel("It is free")).toBeVisible();
  await page.getByLabel("Description").fill("d".repeat(513));
  await next(page);
  await expect(page.getByText("The description has 513 characters; 512 are allowed.")).toBeVisible();
  await page.getByLabel("Description").fill("");
  await next(page, "Type");
  await next(page);
  await expect(page.getByText("Choose how the account gets its application.")).toBeVisible();
});

test("what is wrong in the Logon step is said at its field", async ({ page, demo }) => {
  await begin(page, "backup-wrong", "existing");
  await next(page);
  await expect(page.getByText("Enter the Application ID.")).toBeVisible();
  await expect(page.getByLabel("Application ID")).toBeFocused();
  await page.getByLabel("Application ID").fill("backup");
  await page.getByLabel("Tenant ID").fill("contoso");
  await page.getByLabel(/^Secret/).fill("abc8Q~not-the-secret-of-this-application");
  await next(page);
  await expect(page.getByText(/This is not an id/)).toBeVisible();
  await expect(page.getByText(/neither an id nor a domain name/)).toBeVisible();
  await page.getByLabel("Application ID").fill(demo.cloud["APP_ID"] ?? "");
  await page.getByLabel("Tenant ID").fill(demo.cloud["TENANT_ID"] ?? "");
  await next(page, "Scope");
  await expect(page.getByRole("alert")).toContainText(/does not accept the secret/);
  await page.getByRole("button", { name: "To the Logon step" }).click();
  await at(page, "Logon");
});

test("leaving asks first, ends the sign-in, and leaves nothing behind", async ({ page, demo }) => {
  const before = await demo.api<{ operations: unknown[] }>("GET", "/operations");
  await begin(page, "backup-left", "automatically");
  await byCode(page);
  await expect(signedIn(page, "owner@contoso.example")).toBeVisible();
  const signIn = /"signIn\\*":\\*"(si[^"\\]+|[0-9a-f-]+)/.exec(await kept(page))?.[1] ?? "";
  expect(signIn).not.toBe("");

  const dialog = page.getByRole("alertdialog", { name: "Leave without finishing?" });
  await page.getByRole("button", { name: "Cancel" }).click();
  await dialog.getByRole("button", { name: "Stay" }).click();
  await at(page, "Logon");
  await page.getByRole("link", { name: "Evercred" }).click();
  await expect(dialog).toBeVisible();
  await dialog.getByRole("button", { name: "Stay" }).click();
  await page.goBack();
  await dialog.getByRole("button", { name: "Leave" }).click();
  await expect(page.getByRole("heading", { name: "Service accounts" })).toBeVisible();

  expect(await kept(page)).not.toContain("backup-left");
  const state = await demo.api<{ state: string }>("GET", `/sign-ins/${signIn}`).then(
    (s) => s.state,
    () => "ended",
  );
  expect(state).toBe("ended");
  expect((await demo.api<{ operations: unknown[] }>("GET", "/operations")).operations).toHaveLength(before.operations.length);
  await add(page);
  await expect(page.getByLabel("Name")).toHaveValue("");
});

test("nothing is asked when nothing was entered", async ({ page }) => {
  await add(page);
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("heading", { name: "Service accounts" })).toBeVisible();
});

test("a reload goes on where one was, without secrets, and says what must be given again", async ({ page, demo }) => {
  await begin(page, "backup-reload", "existing");
  await page.getByLabel("Application ID").fill(demo.cloud["APP_ID"] ?? "");
  await page.getByLabel("Tenant ID").fill(demo.cloud["TENANT_ID"] ?? "");
  const secret = demo.cloud["APP_SECRET"] ?? "";
  await page.getByLabel(/^Secret/).fill(secret);
  await next(page, "Scope");
  await expect(page.getByText("(2 now)")).toBeVisible();
  expect(await kept(page)).toContain("backup-reload");
  expect(await kept(page)).not.toContain(secret);
  await page.reload();
  await at(page, "Scope");
  await page.getByRole("button", { name: "To the Logon step" }).click();
  await expect(page.getByText(/The page was reloaded/)).toBeVisible();
  await expect(page.getByLabel("Application ID")).toHaveValue(demo.cloud["APP_ID"] ?? "");
  await next(page);
  await expect(page.getByText(/Enter the secret again/)).toBeVisible();
  await page.getByLabel(/^Secret/).fill(secret);
  await next(page, "Scope");
  await expect(page.getByText("(2 now)")).toBeVisible();
  for (const step of ["Purposes", "Permission check"]) await next(page, step);
  await expect(page.getByRole("button", { name: "Recheck" })).toBeVisible();
  await page.reload();
  await at(page, "Permission check");
  // What happened, what it means, what to do, and a way there.
  const notice = page.getByRole("alert");
  await expect(notice).toContainText("The secret or certificate is not here any more");
  await expect(notice).toContainText("The page was reloaded");
  await expect(notice).toContainText("Go back to the Logon step");
  await expect(page.getByRole("button", { name: "Recheck" })).toHaveCount(0);
  await page.getByRole("button", { name: "To the Logon step" }).click();
  await at(page, "Logon");
});

test("a reload keeps the sign-in, and the operation that was begun", async ({ page }) => {
  await begin(page, "backup-again", "automatically");
  await byCode(page);
  await expect(signedIn(page, "owner@contoso.example")).toBeVisible();
  await page.reload();
  await expect(signedIn(page, "owner@contoso.example")).toBeVisible();
  await next(page, "Scope");
  await page.getByRole("radio", { name: /^Contoso/ }).check();
  await page.getByRole("checkbox", { name: "Select all" }).check();
  for (const step of ["Purposes", "Permission check", "Credential", "Summary"]) await next(page, step);
  await page.getByRole("button", { name: "Create" }).click();
  await at(page, "Adding backup-again");
  await page.reload();
  await at(page, "Adding backup-again");
  await expect(page.getByText(/^backup-again was created/).last()).toBeVisible();
  // The wizard has ended: none of its steps is the one at which somebody is.
  await expect(page.getByRole("navigation", { name: "Steps of the wizard" }).locator("[aria-current]")).toHaveCount(0);
});

test("a session that ends in mid-wizard loses nothing", async ({ page, demo, context }) => {
  await begin(page, "backup-session", "existing");
  await page.getByLabel("Application ID").fill(demo.cloud["APP_ID"] ?? "");
  await page.getByLabel("Tenant ID").fill(demo.cloud["TENANT_ID"] ?? "");
  await page.getByLabel(/^Secret/).fill(demo.cloud["APP_SECRET"] ?? "");
  await context.clearCookies();
  // Whatever the page asks next meets the end of the session: it may be the one or the other.
  await page.getByRole("button", { name: "Next", exact: true, includeHidden: true }).dispatchEvent("click");
  const dialog = page.getByRole("alertdialog", { name: "Your session has ended" });
  await dialog.getByRole("textbox", { name: "API token" }).fill(demo.token);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText("(2 now)")).toBeVisible();
});

test("a server that is away is waited for", async ({ page, demo }) => {
  await begin(page, "backup-away", "automatically");
  await byCode(page);
  await expect(signedIn(page, "owner@contoso.example")).toBeVisible();
  const start = await demo.kill();
  await next(page, "Scope");
  await expect(page.getByText(/The server does not answer/)).toBeVisible();
  await start();
  await expect(page.getByRole("radio", { name: /^Contoso/ })).toBeVisible({ timeout: 30_000 });
});

test("a file that is dropped beside a field does not take the page away", async ({ page }) => {
  await add(page);
  await page.getByLabel("Name").fill("backup-drop");
  const transfer = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(["text"], "notes.txt", { type: "text/plain" }));
    return data;
  });
  await page.getByRole("heading", { level: 1 }).dispatchEvent("dragover", { dataTransfer: transfer });
  await page.getByRole("heading", { level: 1 }).dispatchEvent("drop", { dataTransfer: transfer });
  await expect(page.getByRole("alert")).toContainText("notes.txt was not taken");
  await expect(page.getByLabel("Name")).toHaveValue("backup-drop");
});

for (const [name, message] of [
  ["notes.txt", /notes\.txt is not a PFX or P12 file/],
  ["app.pfx", /not a PFX\/P12/],
] as const) {
  test(`dropped where a certificate is asked for: ${name}`, async ({ page }) => {
    await begin(page, "backup-drop", "existing");
    await page.getByRole("radio", { name: "Certificate" }).check();
    const transfer = await page.evaluateHandle((fileName) => {
      const data = new DataTransfer();
      data.items.add(new File(["this is no certificate"], fileName));
      return data;
    }, name);
    const place = page.getByRole("button", { name: "Select File" });
    await place.dispatchEvent("dragover", { dataTransfer: transfer });
    await place.dispatchEvent("drop", { dataTransfer: transfer });
    await expect(page.getByText(message).first()).toBeVisible();
  });
}
