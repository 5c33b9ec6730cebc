// @azure/identity, unmodified, in a cloud of its own configuration.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ClientCertificateCredential, ClientSecretCredential, DeviceCodeCredential, EnvironmentCredential, ManagedIdentityCredential,
} from "@azure/identity";
import { application, approve, armScope, ask, azureCLI, claims, env, graphScope } from "./emulator.js";

const options = { authorityHost: env.BASE_URL, disableInstanceDiscovery: true };

test("a secret", async () => {
  const credential = new ClientSecretCredential(env.TENANT_ID, env.APP_ID, env.APP_SECRET, options);
  for (const scope of [graphScope, armScope, "https://management.core.windows.net//.default"]) {
    const { token, expiresOnTimestamp } = await credential.getToken(scope);
    assert.equal(claims(token).appid, env.APP_ID);
    assert.ok(expiresOnTimestamp > Date.now() + 30 * 60 * 1000);
  }
});

test("a secret, by the tenant's domain", async () => {
  const credential = new ClientSecretCredential(env.TENANT_DOMAIN, env.APP_ID, env.APP_SECRET, options);
  assert.equal(claims((await credential.getToken(graphScope)).token).tid, env.TENANT_ID);
});

test("a wrong secret", async () => {
  const credential = new ClientSecretCredential(env.TENANT_ID, env.APP_ID, "wrong", options);
  await assert.rejects(credential.getToken(graphScope), /AADSTS7000215/);
});

test("a certificate", async () => {
  for (const sendCertificateChain of [false, true]) {
    const credential = new ClientCertificateCredential(env.TENANT_ID, env.APP_ID, { certificatePath: env.APP_PEM }, { ...options, sendCertificateChain });
    assert.equal(claims((await credential.getToken(graphScope)).token).appidacr, "2");
  }
});

test("the settings of the environment", async (t) => {
  const names = { AZURE_TENANT_ID: env.TENANT_ID, AZURE_CLIENT_ID: env.APP_ID, AZURE_CLIENT_SECRET: env.APP_SECRET, AZURE_AUTHORITY_HOST: env.BASE_URL };
  Object.assign(process.env, names);
  t.after(() => Object.keys(names).forEach((name) => delete process.env[name]));
  const credential = new EnvironmentCredential({ disableInstanceDiscovery: true });
  assert.equal(claims((await credential.getToken(armScope)).token).appid, env.APP_ID);
});

test("a device code, then another resource without asking again", async () => {
  let asked = 0;
  const credential = new DeviceCodeCredential({
    ...options, tenantId: env.TENANT_ID, clientId: azureCLI,
    userPromptCallback: async ({ userCode }) => { asked++; await approve(userCode, "owner@contoso.example"); },
  });
  assert.equal(claims((await credential.getToken(armScope)).token).upn, "owner@contoso.example");
  const graph = await credential.getToken(graphScope);
  assert.equal((await ask("GET", "/v1.0/me", { token: graph.token })).userPrincipalName, "owner@contoso.example");
  assert.equal(asked, 1);
});

test("a device code of a person whom Conditional Access refuses", async () => {
  const credential = new DeviceCodeCredential({
    ...options, tenantId: env.TENANT_ID, clientId: azureCLI, userPromptCallback: ({ userCode }) => approve(userCode, "blocked@contoso.example"),
  });
  await assert.rejects(credential.getToken(armScope), /invalid_grant/); // MSAL shows no more of the answer
});

test("a new secret of a new application", async (t) => {
  const admin = await new ClientSecretCredential(env.TENANT_ID, env.APP_ID, env.APP_SECRET, options).getToken(graphScope);
  const app = await application(t, admin.token);
  const { secretText } = await ask("POST", `/v1.0/applications/${app.id}/addPassword`, { token: admin.token, body: { passwordCredential: { displayName: "node" } } });
  const credential = new ClientSecretCredential(env.TENANT_ID, app.appId, secretText, options);
  assert.equal(claims((await credential.getToken(armScope)).token).oid, app.principalId);
});

test("the managed identity of App Service", { skip: !env.MSI_ENDPOINT_URL && "emulator.env has no MSI_ENDPOINT_URL" }, async (t) => {
  Object.assign(process.env, { IDENTITY_ENDPOINT: env.MSI_ENDPOINT_URL, IDENTITY_HEADER: env.MSI_HEADER });
  t.after(() => { delete process.env.IDENTITY_ENDPOINT; delete process.env.IDENTITY_HEADER; });
  const { token } = await new ManagedIdentityCredential().getToken(armScope);
  assert.equal(claims(token).idtyp, "app");
  assert.equal((await ask("GET", "/subscriptions?api-version=2022-12-01", { token })).value.length > 0, true);
});
