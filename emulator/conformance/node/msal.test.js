// @azure/msal-node, unmodified: what the credentials of @azure/identity do not show.
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";
import { ConfidentialClientApplication, CryptoProvider, PublicClientApplication } from "@azure/msal-node";
import { application, approve, armScope, ask, azureCLI, claims, env, graphScope } from "./emulator.js";

const authority = `${env.BASE_URL}/${env.TENANT_ID}`;
const knownAuthorities = [new URL(env.BASE_URL).host];
const pem = readFileSync(env.APP_PEM, "utf8");
const part = (name) => pem.match(new RegExp(`-----BEGIN ${name}-----[^-]+-----END ${name}-----`))[0];
const der = Buffer.from(part("CERTIFICATE").split("\n").slice(1, -1).join(""), "base64");

const confidential = (auth) => new ConfidentialClientApplication({ auth: { clientId: env.APP_ID, authority, knownAuthorities, ...auth } });

test("a secret, and the answer from the cache", async () => {
  const client = confidential({ clientSecret: env.APP_SECRET });
  const first = await client.acquireTokenByClientCredential({ scopes: [graphScope] });
  const second = await client.acquireTokenByClientCredential({ scopes: [graphScope] });
  assert.equal(first.fromCache, false);
  assert.equal(second.fromCache, true);
  const third = await client.acquireTokenByClientCredential({ scopes: [graphScope], skipCache: true });
  assert.equal(third.fromCache, false);
});

test("a certificate by its SHA-256 thumbprint (PS256, x5t#S256)", async () => {
  const thumbprintSha256 = createHash("sha256").update(der).digest("hex");
  const client = confidential({ clientCertificate: { thumbprintSha256, privateKey: part("PRIVATE KEY") } });
  const { accessToken } = await client.acquireTokenByClientCredential({ scopes: [armScope] });
  assert.equal(claims(accessToken).appidacr, "2");
});

test("a certificate that is not registered", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048, privateKeyEncoding: { type: "pkcs8", format: "pem" }, publicKeyEncoding: { type: "spki", format: "pem" } });
  const client = confidential({ clientCertificate: { thumbprintSha256: "ab".repeat(32), privateKey } });
  await assert.rejects(client.acquireTokenByClientCredential({ scopes: [armScope] }), /700027/);
});

test("a device code, silent renewal, and a person's account", async () => {
  const client = new PublicClientApplication({ auth: { clientId: azureCLI, authority: `${env.BASE_URL}/organizations`, knownAuthorities } });
  const result = await client.acquireTokenByDeviceCode({
    scopes: [armScope], deviceCodeCallback: ({ userCode }) => { void approve(userCode, "reader@contoso.example"); },
  });
  assert.equal(result.account.username, "reader@contoso.example");
  assert.equal(result.tenantId, env.TENANT_ID);
  const silent = await client.acquireTokenSilent({ scopes: [graphScope], account: result.account, authority });
  assert.equal(claims(silent.accessToken).oid, result.account.localAccountId);
  const renewed = await client.acquireTokenSilent({ scopes: [armScope], account: result.account, forceRefresh: true });
  assert.equal(renewed.fromCache, false);
});

test("an authorization code with PKCE", async () => {
  const client = new PublicClientApplication({ auth: { clientId: azureCLI, authority: `${env.BASE_URL}/organizations`, knownAuthorities } });
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const redirectUri = "http://localhost:8400";
  const address = await client.getAuthCodeUrl({ scopes: [armScope], redirectUri, codeChallenge: challenge, codeChallengeMethod: "S256", state: "st", loginHint: "owner@contoso.example" });
  const code = await choose(address, "owner@contoso.example", redirectUri);
  const { account, accessToken } = await client.acquireTokenByCode({ scopes: [armScope], redirectUri, code, codeVerifier: verifier });
  assert.equal(account.username, "owner@contoso.example");
  assert.equal(claims(accessToken).upn, "owner@contoso.example");
});

// choose does what a person does on the sign-in page: sends its form with that person chosen, until it redirects.
async function choose(address, person, redirectUri) {
  let response = await fetch(address, { redirect: "manual" });
  for (let pages = 0; pages < 4 && response.status === 200; pages++) {
    const page = await response.text();
    const form = page.match(/<form[^>]*>/)[0];
    const fields = new URLSearchParams();
    for (const [input] of page.matchAll(/<(?:input|button)[^>]*>/g)) {
      const value = (name) => decode(input.match(new RegExp(`${name}="([^"]*)"`))?.[1] ?? "");
      if (value("type") === "hidden" || value("value") === person) fields.set(value("name"), value("value"));
    }
    const action = new URL(decode(form.match(/action="([^"]*)"/)?.[1] ?? ""), address);
    response = await fetch(action, { method: "POST", body: fields, redirect: "manual", headers: { origin: new URL(address).origin } });
  }
  const location = response.headers.get("location");
  assert.ok(location?.startsWith(redirectUri), `redirected to ${location}, status ${response.status}`);
  assert.equal(new URL(location).searchParams.get("state"), "st");
  return new URL(location).searchParams.get("code");
}

const decode = (text) => text.replaceAll("&amp;", "&").replaceAll("&#34;", '"').replaceAll("&#39;", "'").replaceAll("&#43;", "+").replaceAll("&lt;", "<").replaceAll("&gt;", ">");

test("a federated assertion of another issuer", async (t) => {
  const issuer = await startIssuer(t);
  const admin = await confidential({ clientSecret: env.APP_SECRET }).acquireTokenByClientCredential({ scopes: [graphScope] });
  const app = await application(t, admin.accessToken);
  const subject = "system:serviceaccount:default:node", audience = "api://AzureADTokenExchange";
  await ask("POST", `/v1.0/applications/${app.id}/federatedIdentityCredentials`, {
    token: admin.accessToken, body: { name: "node", issuer: issuer.url, subject, audiences: [audience] },
  });
  const client = (sub) => new ConfidentialClientApplication({
    auth: { clientId: app.appId, authority, knownAuthorities, clientAssertion: issuer.assertion({ sub, aud: audience }) },
  });
  const { accessToken } = await client(subject).acquireTokenByClientCredential({ scopes: [armScope] });
  assert.equal(claims(accessToken).oid, app.principalId);
  await assert.rejects(client("system:serviceaccount:default:other").acquireTokenByClientCredential({ scopes: [armScope] }), /700213/);
});

// startIssuer is an OpenID provider that signs what it is given.
async function startIssuer(t) {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const server = createServer((request, response) => {
    const body = request.url.endsWith("/keys")
      ? { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "1", use: "sig", alg: "RS256" }] }
      : { issuer: url, jwks_uri: `${url}/keys` };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://localhost:${server.address().port}`;
  t.after(() => { server.closeAllConnections(); server.close(); });
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const assertion = (more) => {
    const now = Math.floor(Date.now() / 1000);
    const text = `${encode({ alg: "RS256", typ: "JWT", kid: "1" })}.${encode({ iss: url, iat: now, nbf: now, exp: now + 600, jti: crypto.randomUUID(), ...more })}`;
    return `${text}.${sign("sha256", Buffer.from(text), privateKey).toString("base64url")}`;
  };
  return { url, assertion };
}
