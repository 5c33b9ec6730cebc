"""MSAL and azure-identity for Python, and two of its Azure libraries, as Debian packages them, against the emulator.

run starts the emulator, names its emulator.env in EMULATOR_ENV and its CA in REQUESTS_CA_BUNDLE, and sets HTTPS_PROXY:
this azure-identity asks login.microsoftonline.com before it goes to any other authority, so it is left on the real host
names. MSAL is pointed at the emulator's own address.
"""

import json
import os
import ssl
import threading
import unittest
import urllib.request
import uuid

import msal
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import CertificateCredential, ClientSecretCredential, DeviceCodeCredential, ManagedIdentityCredential
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.resource.subscriptions import SubscriptionClient

AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
ARM = "https://management.azure.com/.default"
GRAPH = "https://graph.microsoft.com/.default"

with open(os.environ["EMULATOR_ENV"], encoding="utf-8") as file:
    ENV = dict(line.rstrip("\n").split("=", 1) for line in file)
BASE = ENV["BASE_URL"]
AUTHORITY = f"{BASE}/{ENV['TENANT_ID']}"
TLS = ssl.create_default_context(cafile=ENV["CA_FILE"])


def ask(method, path, token=None, body=None):
    """Makes a request to the emulator and returns the JSON of a good answer."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(BASE + path, method=method, headers=headers, data=data)
    with urllib.request.urlopen(request, context=TLS) as response:
        text = response.read()
    return json.loads(text) if text else None


def approve(code, user):
    ask("POST", f"/_emulator/devicecodes/{code}/approve", body={"user": user})


def pem():
    with open(ENV["APP_PEM"], encoding="utf-8") as content:
        return content.read()


class MSAL(unittest.TestCase):
    def confidential(self, credential, client_id=ENV["APP_ID"]):
        return msal.ConfidentialClientApplication(client_id, authority=AUTHORITY, client_credential=credential, instance_discovery=False)

    def test_secret(self):
        result = self.confidential(ENV["APP_SECRET"]).acquire_token_for_client([GRAPH])
        self.assertEqual(result["token_type"], "Bearer", result)
        self.assertEqual(result["expires_in"], 3599)

    def test_wrong_secret(self):
        result = self.confidential("wrong").acquire_token_for_client([GRAPH])
        self.assertEqual((result["error"], result["error_codes"]), ("invalid_client", [7000215]))

    def test_certificate(self):
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        thumbprint = x509.load_pem_x509_certificate(pem()[pem().index("-----BEGIN CERTIFICATE"):].encode()).fingerprint(hashes.SHA1()).hex()
        for more in ({}, {"public_certificate": pem()[pem().index("-----BEGIN CERTIFICATE"):]}):
            result = self.confidential({"private_key": pem(), "thumbprint": thumbprint, **more}).acquire_token_for_client([ARM])
            self.assertIn("access_token", result, result)

    def test_device_code_and_silent_renewal(self):
        app = msal.PublicClientApplication(AZURE_CLI, authority=f"{BASE}/organizations", instance_discovery=False)
        flow = app.initiate_device_flow([ARM])
        approve(flow["user_code"], "owner@contoso.example")
        result = app.acquire_token_by_device_flow(flow)
        self.assertEqual(result["id_token_claims"]["preferred_username"], "owner@contoso.example", result)
        account = app.get_accounts()[0]
        self.assertEqual(account["username"], "owner@contoso.example")
        self.assertIn("access_token", app.acquire_token_silent([GRAPH], account=account))
        self.assertIn("access_token", app.acquire_token_silent([ARM], account=account, force_refresh=True))


class Identity(unittest.TestCase):
    def secret(self):
        return ClientSecretCredential(ENV["TENANT_ID"], ENV["APP_ID"], ENV["APP_SECRET"])

    def test_secret(self):
        self.assertTrue(self.secret().get_token(GRAPH).token)

    def test_wrong_secret(self):
        with self.assertRaisesRegex(ClientAuthenticationError, "7000215"):
            ClientSecretCredential(ENV["TENANT_ID"], ENV["APP_ID"], "wrong").get_token(GRAPH)

    def test_certificates(self):
        for more in ({"certificate_path": ENV["APP_PEM"]}, {"certificate_path": ENV["APP_PFX"], "password": ENV["APP_PFX_PASSWORD"]},
                     {"certificate_path": ENV["APP_PEM"], "send_certificate_chain": True}):
            self.assertTrue(CertificateCredential(ENV["TENANT_ID"], ENV["APP_ID"], **more).get_token(ARM).token)

    def test_device_code(self):
        def prompt(_uri, code, _expires):
            threading.Timer(0, approve, (code, "reader@contoso.example")).start()
        credential = DeviceCodeCredential(AZURE_CLI, tenant_id=ENV["TENANT_ID"], prompt_callback=prompt)
        me = ask("GET", "/v1.0/me", token=credential.get_token(GRAPH).token)
        self.assertEqual(me["userPrincipalName"], "reader@contoso.example")

    @unittest.skipUnless(ENV.get("MSI_ENDPOINT_URL"), "emulator.env has no MSI_ENDPOINT_URL")
    def test_managed_identity(self):
        os.environ["IDENTITY_ENDPOINT"], os.environ["IDENTITY_HEADER"] = ENV["MSI_ENDPOINT_URL"], ENV["MSI_HEADER"]
        try:
            token = ManagedIdentityCredential().get_token(ARM).token
        finally:
            del os.environ["IDENTITY_ENDPOINT"], os.environ["IDENTITY_HEADER"]
        self.assertTrue(ask("GET", "/subscriptions?api-version=2022-12-01", token=token)["value"])

    def test_subscriptions(self):
        client = SubscriptionClient(self.secret())
        self.assertEqual({s.subscription_id for s in client.subscriptions.list()}, set(ENV["SUBSCRIPTION_IDS"].split(",")))
        self.assertEqual([t.tenant_id for t in client.tenants.list()], [ENV["TENANT_ID"]])
        self.assertIn("westeurope", [location.name for location in client.subscriptions.list_locations(ENV["SUBSCRIPTION_ID"])])

    def test_roles(self):
        credential = self.secret()
        token = credential.get_token(GRAPH).token
        app = ask("POST", "/v1.0/applications", token, {"displayName": "python"})
        self.addCleanup(ask, "DELETE", f"/v1.0/applications/{app['id']}", token)
        principal = ask("POST", "/v1.0/servicePrincipals", token, {"appId": app["appId"]})["id"]
        client = AuthorizationManagementClient(credential, ENV["SUBSCRIPTION_ID"])
        scope = f"/subscriptions/{ENV['SUBSCRIPTION_ID']}"
        role = next(iter(client.role_definitions.list(scope, filter="roleName eq 'Reader'")))
        self.assertEqual(role.role_type, "BuiltInRole")
        name = str(uuid.uuid4())
        made = client.role_assignments.create(scope, name, {"role_definition_id": role.id, "principal_id": principal, "principal_type": "ServicePrincipal"})
        self.assertEqual(made.principal_id, principal)
        with self.assertRaisesRegex(HttpResponseError, "RoleAssignmentExists"):
            client.role_assignments.create(scope, str(uuid.uuid4()), {"role_definition_id": role.id, "principal_id": principal})
        self.assertEqual([a.name for a in client.role_assignments.list_for_scope(scope, filter=f"principalId eq '{principal}'")], [name])
        self.assertEqual(client.role_assignments.delete(scope, name).name, name)
        with self.assertRaises(ResourceNotFoundError):
            client.role_assignments.get(scope, name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
