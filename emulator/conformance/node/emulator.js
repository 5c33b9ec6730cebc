// The emulator that the tests talk to: what emulator.env says, and its controls.
import { readFileSync } from "node:fs";

const file = process.env.EMULATOR_ENV;
if (!file) throw new Error("EMULATOR_ENV must name an emulator.env; ./run starts an emulator and sets it");

export const env = Object.fromEntries(
  readFileSync(file, "utf8").split("\n").filter(Boolean).map((line) => {
    const at = line.indexOf("=");
    return [line.slice(0, at), line.slice(at + 1)];
  }),
);

export const azureCLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
export const graphScope = "https://graph.microsoft.com/.default";
export const armScope = "https://management.azure.com/.default";

/** ask makes a request to the emulator and returns the JSON of a good answer. */
export async function ask(method, path, { token, body } = {}) {
  const response = await fetch(env.BASE_URL + path, {
    method,
    headers: { ...(token && { authorization: `Bearer ${token}` }), ...(body && { "content-type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/** approve signs a person in with a device code. */
export const approve = (code, user) => ask("POST", `/_emulator/devicecodes/${code}/approve`, { body: { user } });

/** claims are those of an access token, unchecked. */
export const claims = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));

/** application makes an application with a service principal, as the test application, and removes it at the end. */
export async function application(t, token, body = {}) {
  const app = await ask("POST", "/v1.0/applications", { token, body: { displayName: t.name, ...body } });
  t.after(async () => {
    await ask("DELETE", `/v1.0/applications/${app.id}`, { token });
    await ask("DELETE", `/v1.0/directory/deletedItems/${app.id}`, { token });
  });
  const principal = await ask("POST", "/v1.0/servicePrincipals", { token, body: { appId: app.appId } });
  return { ...app, principalId: principal.id };
}
