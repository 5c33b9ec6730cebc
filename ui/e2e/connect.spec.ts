import { readFileSync } from "node:fs";

import type { Locator, Page } from "@playwright/test";

import { ellipticPair, pair, pfx, twoKeys } from "./certificates";
import type { Demo } from "./evercred";
import { accessible, edit, expect, logonWindow, test } from "./fixtures";

interface Account {
  state: string;
  application_id: string;
  version: number;
  credential: { kind: string; thumbprint: string };
}

const facts = (page: Page): Locator => page.getByLabel("The chosen certificate");
const save = (page: Page): Locator => page.getByRole("button", { name: "Save" });
const read = (demo: Demo): Promise<Account> => demo.api<Account>("GET", "/accounts/backup-sql");

async function choose(page: Page, content: Buffer, password = "", name = "app.pfx"): Promise<void> {
  await page.getByLabel("Certificate file").setInputFiles({ name, mimeType: "application/x-pkcs12", buffer: content });
  await page.getByLabel("Password", { exact: true }).fill(password);
}

test("backup-sql is connected by the PFX of another application", async ({ page, demo }) => {
  const { APP_ID = "", APP_PFX = "", APP_PFX_PASSWORD = "" } = demo.cloud;
  await edit(page, "backup-sql");
  await page.getByLabel("Application ID", { exact: true }).fill(APP_ID);
  await page.getByRole("radio", { name: "Certificate" }).check();
  await expect(save(page)).toBeDisabled();
  await choose(page, readFileSync(APP_PFX));
  await expect(page.getByText("enter its password")).toBeVisible();
  await page.getByLabel("Password", { exact: true }).fill(APP_PFX_PASSWORD);
  await expect(facts(page)).toContainText("Yes.");
  await expect(facts(page)).toContainText(/[0-9A-F]{40}/);
  await accessible(page);
  await save(page).click();
  const window = logonWindow(page);
  await expect(window.getByRole("button", { name: "OK" })).toBeVisible();
  await accessible(page);
  await window.getByRole("button", { name: "OK" }).click();
  const after = await read(demo);
  expect(after).toMatchObject({ state: "valid", application_id: APP_ID, credential: { kind: "certificate" } });
  await expect(page.getByText(after.credential.thumbprint).first()).toBeVisible();
});

test("a new value for the application that an account has", async ({ page, demo }) => {
  const { APP_ID = "", APP_SECRET = "" } = demo.cloud;
  await edit(page, "backup-sql");
  await page.getByLabel("Application ID", { exact: true }).fill(APP_ID);
  await page.getByLabel("Secret", { exact: true }).fill(APP_SECRET);
  await page.getByLabel(/^It ends on/).fill("2027-05-01");
  await save(page).click();
  await expect(logonWindow(page).getByRole("button", { name: "OK" })).toBeVisible();
  expect(await read(demo)).toMatchObject({ state: "valid", credential: { kind: "secret", expires_at: "2027-05-01T00:00:00Z" } });
});

const good = pair("files");
const bundle = good.key + good.certificate;

const refused: readonly (readonly [string, () => { file: Buffer; password?: string; name?: string }, RegExp])[] = [
  ["a wrong password", () => ({ file: pfx(bundle, "right"), password: "wrong" }), /does not open the certificate file/],
  ["no PFX, whatever its name", () => ({ file: Buffer.from(good.certificate), name: "app.pfx" }), /not a PFX\/P12/],
  ["a PFX without a key", () => ({ file: pfx(good.certificate, "p", "-nokeys"), password: "p" }), /no private key/],
  ["several keys", () => ({ file: twoKeys(good, pair("second"), "p"), password: "p" }), /several private keys/],
  [
    "an EC key",
    () => {
      const ec = ellipticPair("curve");
      return { file: pfx(ec.key + ec.certificate, "p"), password: "p" };
    },
    /not an RSA key/,
  ],
  ["a file over 1 MiB", () => ({ file: Buffer.alloc((1 << 20) + 1, 0x30) }), /too large/],
  ["a file far over 1 MiB", () => ({ file: Buffer.alloc(5 << 20) }), /too large/],
  ["an empty file", () => ({ file: Buffer.alloc(0) }), /is empty/],
];
for (const [name, make, message] of refused) {
  test(`before anything is sent to Azure: ${name}`, async ({ page, demo }) => {
    const before = await read(demo);
    await edit(page, "backup-sql");
    await page.getByRole("radio", { name: "Certificate" }).check();
    const { file, password = "", name: fileName = "app.pfx" } = make();
    await choose(page, file, password, fileName);
    await expect(page.getByText(message).first()).toBeVisible();
    expect((await read(demo)).version).toBe(before.version);
  });
}

const judged: readonly (readonly [string, () => { file: Buffer; password: string }, RegExp])[] = [
  [
    "that has ended",
    () => {
      const p = pair("ended", -30, -1);
      return { file: pfx(p.key + p.certificate, "p"), password: "p" };
    },
    /Ended/,
  ],
  [
    "that is not yet valid",
    () => {
      const p = pair("early", 10, 40);
      return { file: pfx(p.key + p.certificate, "p"), password: "p" };
    },
    /Begins/,
  ],
  ["that the application does not have", () => ({ file: pfx(bundle, "p"), password: "p" }), /not registered|has no certificate/],
];
for (const [name, make, message] of judged) {
  test(`a certificate ${name} does not fit, and is refused when saved all the same`, async ({ page, demo }) => {
    const before = await read(demo);
    await edit(page, "backup-sql");
    await page.getByRole("radio", { name: "Certificate" }).check();
    const { file, password } = make();
    await choose(page, file, password);
    await expect(facts(page)).toContainText(message);
    await expect(facts(page)).toContainText("No.");
    await save(page).click();
    await expect(page.getByRole("alert").first()).toBeVisible();
    expect((await read(demo)).credential).toEqual(before.credential);
  });
}

const legible: readonly (readonly [string, () => { file: Buffer; password: string }])[] = [
  ["legacy RC2 and 3DES", () => ({ file: pfx(bundle, "p", "-legacy"), password: "p" })],
  [
    "AES-256 and SHA-256",
    () => ({ file: pfx(bundle, "p", "-keypbe", "AES-256-CBC", "-certpbe", "AES-256-CBC", "-macalg", "sha256"), password: "p" }),
  ],
  ["an empty password", () => ({ file: pfx(bundle, ""), password: "" })],
  ["a password that is not ASCII", () => ({ file: pfx(bundle, "Grüße"), password: "Grüße" })],
  ["the leaf last in the chain", () => ({ file: pfx(good.key + pair("authority").certificate + good.certificate, "p"), password: "p" })],
];
test("certificate files of every kind are read", async ({ page }) => {
  await edit(page, "backup-sql");
  await page.getByRole("radio", { name: "Certificate" }).check();
  for (const [name, make] of legible) {
    const { file, password } = make();
    await choose(page, file, password, name.replaceAll(" ", "-") + ".p12");
    await expect(page.getByText(name.replaceAll(" ", "-") + ".p12")).toBeVisible();
    await expect(facts(page), name).toContainText("CN=files");
  }
});

interface Wrong {
  name: string;
  fill: (page: Page, demo: Demo) => Promise<void>;
  message: RegExp;
  /** The input that is marked. */
  field: string;
}
const wrong: readonly Wrong[] = [
  {
    name: "a wrong secret",
    fill: (page) => page.getByLabel("Secret", { exact: true }).fill("abc8Q~not-the-secret-of-this-application"),
    message: /does not accept the secret/,
    field: "Secret",
  },
  {
    name: "the secret's id in place of its value",
    fill: (page) => page.getByLabel("Secret", { exact: true }).fill("0c1de3c2-37cc-4a3d-b8f0-0d3a0a0d8a11"),
    message: /the secret.s id, not its value/,
    field: "Secret",
  },
  {
    name: "an application that is not there",
    fill: async (page, demo) => {
      await page.getByLabel("Application ID", { exact: true }).fill("11111111-2222-4333-8444-555555555555");
      await page.getByLabel("Secret", { exact: true }).fill(demo.cloud["APP_SECRET"] ?? "");
    },
    message: /The application was not found in the tenant/,
    field: "Application ID",
  },
  {
    name: "a tenant of another cloud, or of none",
    fill: async (page, demo) => {
      await page.getByLabel("Tenant ID", { exact: true }).fill("11111111-2222-4333-8444-555555555555");
      await page.getByLabel("Secret", { exact: true }).fill(demo.cloud["APP_SECRET"] ?? "");
    },
    message: /The tenant was not found/,
    field: "Tenant ID",
  },
  {
    name: "an application id that is none",
    fill: async (page, demo) => {
      await page.getByLabel("Application ID", { exact: true }).fill("backup-sql");
      await page.getByLabel("Secret", { exact: true }).fill(demo.cloud["APP_SECRET"] ?? "");
    },
    message: /is not an id/,
    field: "Application ID",
  },
];
for (const { name, fill, message, field } of wrong) {
  test(`saving ${name} stores nothing and marks the field`, async ({ page, demo }) => {
    const before = await read(demo);
    await edit(page, "backup-sql");
    await fill(page, demo);
    await save(page).click();
    const window = logonWindow(page);
    // What the server refuses at once has no window; what Entra refuses has one with its steps.
    await expect(page.getByText(message).first()).toBeVisible();
    if (await window.isVisible()) await window.getByRole("button", { name: "OK" }).click();
    await expect(page.getByLabel(field, { exact: true })).toHaveAttribute("aria-invalid", "true");
    await accessible(page);
    expect((await read(demo)).credential).toEqual(before.credential);
  });
}

test("a failure is forgotten once what it was about is changed, and is not told of what is typed later", async ({ page, demo }) => {
  await edit(page, "backup-sql");
  await page.getByLabel("Secret", { exact: true }).fill("abc8Q~not-the-secret-of-this-application");
  await save(page).click();
  await logonWindow(page).getByRole("button", { name: "OK" }).click();
  await expect(page.getByRole("alert").first()).toContainText("does not accept the secret");
  await page.getByLabel("Secret", { exact: true }).fill("another");
  await expect(page.getByRole("alert")).toHaveCount(0);
  await page.reload();
  await page.getByLabel("Secret", { exact: true }).fill("a third");
  await expect(page.getByText("a third")).toHaveCount(0);
  await expect(page.getByRole("alert")).toHaveCount(0);
  expect((await read(demo)).state).toBe("permissions_missing");
});

test("a typed-in credential of a created account can be acknowledged", async ({ page, demo }) => {
  const { APP_ID = "", APP_SECRET = "" } = demo.cloud;
  await edit(page, "backup-prod");
  await page.getByRole("button", { name: "Change" }).click();
  await page.getByLabel("Application ID", { exact: true }).fill(APP_ID);
  await page.getByLabel("Secret", { exact: true }).fill(APP_SECRET);
  await save(page).click();
  await logonWindow(page).getByRole("button", { name: "OK" }).click();
  const handOver = page.getByRole("region", { name: "Hand-over" });
  await expect(handOver).toContainText(APP_ID);
  await handOver.getByRole("button", { name: "The software has it" }).click();
  await expect(handOver).toContainText("The software has it since");
});

test("missing roles refuse an application, unless that is accepted", async ({ page, demo }) => {
  // The account's own application lacks a role on one subscription; its present secret is a good one.
  const { secret } = await demo.api<{ secret: string }>("POST", "/accounts/backup-sql/hand-over", {});
  await edit(page, "backup-sql");
  await page.getByLabel("Secret", { exact: true }).fill(secret);
  await save(page).click();
  const window = logonWindow(page);
  await expect(window.getByRole("alert")).toContainText("The application lacks roles");
  await window.getByRole("button", { name: "OK" }).click();
  await page.getByRole("checkbox", { name: "Store it although roles are missing" }).check();
  await save(page).click();
  await expect(logonWindow(page).getByRole("button", { name: "OK" })).toBeVisible();
  expect(await read(demo)).toMatchObject({ state: "permissions_missing" });
});
