// @azure/arm-subscriptions and @azure/arm-authorization, unmodified.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { SubscriptionClient } from "@azure/arm-subscriptions";
import { ClientSecretCredential } from "@azure/identity";
import { application, armScope, env, graphScope } from "./emulator.js";

const credential = new ClientSecretCredential(env.TENANT_ID, env.APP_ID, env.APP_SECRET, { authorityHost: env.BASE_URL, disableInstanceDiscovery: true });
const options = { endpoint: env.BASE_URL, credentialScopes: armScope };
const scope = `/subscriptions/${env.SUBSCRIPTION_ID}`;
const reader = `${scope}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`;

async function all(pages) {
  const list = [];
  for await (const each of pages) list.push(each);
  return list;
}

test("subscriptions, tenants and locations", async () => {
  const client = new SubscriptionClient(credential, options);
  const ids = (await all(client.subscriptions.list())).map((s) => s.subscriptionId);
  assert.deepEqual(ids.sort(), env.SUBSCRIPTION_IDS.split(",").sort());
  assert.equal((await client.subscriptions.get(env.SUBSCRIPTION_ID)).state, "Enabled");
  assert.deepEqual((await all(client.tenants.list())).map((t) => t.tenantId), [env.TENANT_ID]);
  assert.ok((await all(client.subscriptions.listLocations(env.SUBSCRIPTION_ID))).some((l) => l.name === "westeurope"));
  await assert.rejects(client.subscriptions.get(randomUUID()), (err) => err.code === "SubscriptionNotFound" && err.statusCode === 404);
});

test("role definitions", async () => {
  const client = new AuthorizationManagementClient(credential, env.SUBSCRIPTION_ID, options);
  const [role] = await all(client.roleDefinitions.list(scope, { filter: "roleName eq 'Reader'" }));
  assert.equal(role.id, reader);
  assert.equal((await client.roleDefinitions.get(scope, role.name)).roleName, "Reader");
  const name = randomUUID();
  const made = await client.roleDefinitions.createOrUpdate(scope, name, {
    roleName: `node ${name}`, description: "By a test", roleType: "CustomRole", assignableScopes: [scope], permissions: [{ actions: ["Microsoft.Compute/*/read"] }],
  });
  assert.equal(made.roleType, "CustomRole");
  assert.equal((await client.roleDefinitions.delete(scope, name)).name, name);
});

test("role assignments", async (t) => {
  const { token } = await credential.getToken(graphScope);
  const { principalId } = await application(t, token);
  const client = new AuthorizationManagementClient(credential, env.SUBSCRIPTION_ID, options);
  const name = randomUUID();
  const made = await client.roleAssignments.create(scope, name, { principalId, roleDefinitionId: reader, principalType: "ServicePrincipal" });
  assert.equal(made.principalId, principalId);
  assert.equal((await client.roleAssignments.get(scope, name)).roleDefinitionId, reader);
  await assert.rejects(client.roleAssignments.create(scope, randomUUID(), { principalId, roleDefinitionId: reader }), (err) => err.code === "RoleAssignmentExists" && err.statusCode === 409);
  for (const filter of [`principalId eq '${principalId}'`, `assignedTo('${principalId}')`]) {
    assert.deepEqual((await all(client.roleAssignments.listForSubscription({ filter }))).map((a) => a.name), [name], filter);
  }
  assert.ok((await all(client.roleAssignments.listForScope(`${scope}/resourceGroups/rg1`, { filter: "atScope()" }))).some((a) => a.name === name));
  assert.equal((await client.roleAssignments.delete(scope, name)).name, name);
  await assert.rejects(client.roleAssignments.get(scope, name), (err) => err.code === "RoleAssignmentNotFound");
  await assert.rejects(client.roleAssignments.create(scope, name, { principalId: randomUUID(), roleDefinitionId: reader }), (err) => err.code === "PrincipalNotFound");
});

test("permissions of the caller", async () => {
  const client = new AuthorizationManagementClient(credential, env.SUBSCRIPTION_ID, options);
  assert.ok((await all(client.permissions.listForResourceGroup("rg1"))).some((p) => p.actions.includes("*")));
});
