import { accessible, edit, expect, logonWindow, said, signIn, test } from "./fixtures";
import { begin, byCode, inBrowser, signedIn } from "./wizard";

test("a tenant that blocks codes is explained, and the browser is the way out", async ({ page }) => {
  await begin(page, "backup-blocked", "automatically");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  const code = ((await page.getByRole("img", { name: /^The code/ }).textContent()) ?? "").trim();
  const [microsoft] = await Promise.all([page.waitForEvent("popup"), page.getByRole("link", { name: /devicelogin/ }).click()]);
  await microsoft.getByLabel("Code").fill(code);
  await microsoft.getByRole("button", { name: "Next" }).click();
  await microsoft.getByRole("button", { name: /^blocked@/ }).click();
  await microsoft.getByRole("button", { name: "Continue" }).click();
  await expect(microsoft.getByRole("heading", { name: /^You have signed in/ })).toBeVisible();
  await microsoft.close();
  await expect(page.getByRole("alert")).toContainText("AADSTS53003");
  await expect(page.getByText("Your organisation blocks sign-in with a code.")).toBeVisible();
  await expect(page.getByRole("radio", { name: /^In this browser/ })).toBeChecked();
  await accessible(page);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await accessible(page);
  await inBrowser(page, "blocked@contoso.example");
  await expect(signedIn(page, "blocked@contoso.example")).toBeVisible();
});

test("one can change between the ways while one waits, and to another person after", async ({ page }) => {
  await begin(page, "backup-ways", "automatically");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("timer")).toBeVisible();
  await page.getByRole("button", { name: "Use this browser instead" }).click();
  await expect(page.getByRole("link", { name: /^Open the sign-in page/ })).toBeVisible();
  await page.getByRole("button", { name: "Use a code instead" }).click();
  const code = page.getByRole("img", { name: /^The code/ });
  const first = (await code.textContent()) ?? "";
  await page.getByRole("button", { name: "New code" }).click();
  await expect(code).not.toHaveText(first);
  await page.getByRole("button", { name: "Use this browser instead" }).click();
  await inBrowser(page);
  await expect(signedIn(page, "owner@contoso.example")).toBeVisible();
  await page.getByRole("button", { name: "Sign in as somebody else" }).click();
  await inBrowser(page, "uaa@contoso.example");
  await expect(signedIn(page, "uaa@contoso.example")).toBeVisible();
});

test("where the browser cannot come back to the server, the address is pasted", async ({ page, context }) => {
  await begin(page, "backup-paste", "automatically");
  await page.getByRole("radio", { name: /^In this browser/ }).check();
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  // As on another machine than the server's: nothing answers at the address that Microsoft sends the browser to.
  let address = "";
  await context.route(/\/oauth2\/v2\.0\/authorize/, async (route) => {
    const answer = await route.fetch({ maxRedirects: 0 });
    const to = answer.headers()["location"] ?? "";
    if (!to.includes("code=")) {
      await route.fulfill({ response: answer });
      return;
    }
    address = to;
    await route.fulfill({ status: 200, contentType: "text/plain", body: "This site can’t be reached" });
  });
  await inBrowser(page);
  await expect.poll(() => address).toContain("code=");
  await page.getByRole("button", { name: "The browser ended on a page it cannot reach" }).click();
  const field = page.getByLabel("The address you were sent to");
  const goOn = page.getByRole("button", { name: "Go on" });
  for (const [pasted, message] of [
    ["", /Paste the whole address/],
    ["some text", /This is not an address/],
    [address.split("?")[0] ?? "", /no answer of Microsoft/],
    ["https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize", /sign-in page itself/],
  ] as const) {
    await field.fill(pasted);
    await goOn.click();
    await expect(page.getByText(message)).toBeVisible();
  }
  await accessible(page);
  await field.fill(address.replace(/([?&]state=)[^&]+/, "$1of-another-sign-in"));
  await goOn.click();
  await expect(page.getByRole("alert")).toBeVisible();
  await field.fill(address);
  await field.press("Enter");
  await expect(signedIn(page, "owner@contoso.example")).toBeVisible();
});

test("a code that nobody entered in time is said, and a new one works", async ({ page, demo }) => {
  await begin(page, "backup-late", "automatically");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("timer")).toBeVisible();
  await demo.control("POST", "/clock", { advance: "16m" });
  await expect(page.getByRole("alert")).toContainText(/not entered in time/);
  await byCode(page);
});

test("a declined sign-in is said", async ({ page }) => {
  await begin(page, "backup-declined", "automatically");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  const code = ((await page.getByRole("img", { name: /^The code/ }).textContent()) ?? "").trim();
  const [microsoft] = await Promise.all([page.waitForEvent("popup"), page.getByRole("link", { name: /devicelogin/ }).click()]);
  await microsoft.getByLabel("Code").fill(code);
  await microsoft.getByRole("button", { name: "Next" }).click();
  await microsoft.getByRole("button", { name: /^owner@/ }).click();
  await microsoft.getByRole("button", { name: "Cancel" }).click();
  await expect(microsoft.getByRole("heading", { name: /^You cancelled/ })).toBeVisible();
  await expect(page.getByRole("alert")).toContainText(/declined/);
});

test("a renewal that waits for a code goes on with the browser", async ({ page }) => {
  await edit(page, "backup-prod");
  await page.getByRole("button", { name: "Renew", exact: true }).click();
  const window = logonWindow(page);
  await expect(window.getByRole("timer")).toBeVisible();
  await window.getByRole("button", { name: "Use this browser instead" }).click();
  await inBrowser(page, "owner@contoso.example", window);
  await expect(said(page, "proven and in use")).toBeVisible();
});

test("a renewal whose code was blocked is offered the browser, and succeeds there", async ({ page }) => {
  await edit(page, "backup-prod");
  await page.getByRole("button", { name: "Renew", exact: true }).click();
  await signIn(page, "blocked@contoso.example");
  const window = logonWindow(page);
  await expect(window.getByText("There is another way to sign in.")).toBeVisible();
  await accessible(page);
  await window.getByRole("button", { name: "Use this browser" }).click();
  await inBrowser(page, "blocked@contoso.example", window);
  await expect(said(page, "proven and in use")).toBeVisible();
});
