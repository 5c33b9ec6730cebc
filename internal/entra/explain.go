package entra

import (
	"fmt"
	"net/http"

	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/fault"
)

// Explain says what an error of a Client means and what to do about it. nil stays nil.
func Explain(err error) *fault.Error { return azure.Explain(err, service) }

// Fault says what the answer means to people.
func (e *Error) Fault() *fault.Error {
	f := e.ofCredential()
	if f == nil {
		f = e.ofSignIn()
	}
	if f == nil {
		f = e.other()
	}
	f.Source = e.source()
	return f
}

// forApplication is true where it is certain that an application authenticated, forPerson where a person did.
func (e *Error) forApplication() bool { return e.grant == clientCredentials }
func (e *Error) forPerson() bool      { return e.grant != "" && e.grant != clientCredentials }

// ofCredential explains the codes that an application's own credential meets.
func (e *Error) ofCredential() *fault.Error {
	fail := func(field, message, meaning, remedy string) *fault.Error {
		return &fault.Error{Code: fault.Credential, Field: field, Message: message, Meaning: meaning, Remedy: remedy}
	}
	switch {
	case e.Code == 7000215 && e.secretIsID:
		return fail("secret", "What was given is the id of a secret, not the secret itself.",
			"The portal shows both beside each other: the column Secret ID has this form, the column Value has the secret, and shows it only when the secret is made.",
			"Give the text of the column Value. If it is no longer shown, add a new secret to the application and give that.")
	case e.Code == 7000215:
		return fail("secret", "Microsoft Entra does not accept the secret.",
			"It was removed from the application, it was never this application's, or the secret's id was given in place of its value. A secret that is only minutes old may also not have reached all of Microsoft's servers.",
			"Give the secret's value (the portal shows it in the column Value, only when the secret is made), or renew the secret.")
	case e.Code == 7000222:
		return fail("secret", "The application's secret has expired.", "Nothing can sign in with it any more.",
			"Renew the secret, or give one that is still good.")
	case e.keyExpired():
		return fail("certificate", "The application's certificate has expired.", "Nothing can sign in with it any more.",
			"Make a new certificate, upload it to the application, and connect the account with it.")
	case e.Code == 700027:
		return fail("certificate", "The certificate is not registered on the application.",
			"Microsoft Entra finds certificates by their thumbprint: another certificate of the same key, or the same certificate on another application, does not count. One that was uploaded minutes ago may not have reached all of Microsoft's servers.",
			"Upload the certificate (without its key) to the application under Certificates & secrets, or give the certificate that is registered there.")
	case e.Code == 50012:
		return fail("certificate", "The signature made with the certificate's key is not accepted.",
			"The key does not belong to the certificate that is registered on the application.", "Give the certificate that is registered on the application, with its own key.")
	case e.Code == 700024:
		return fail("", "Microsoft Entra says that the proof made with the certificate is not valid at this time.",
			"The clock of the Evercred server differs from Microsoft's by minutes.", "Set the clock of the Evercred server right, best by time synchronization, then try again.")
	case e.Code == 700021 || e.Code == 700023:
		return fail("certificate", "Microsoft Entra does not accept for whom the proof made with the certificate is.",
			"The application id, the tenant or the cloud do not fit each other.", "Check the application id, the tenant and the cloud of the account.")
	case e.Code == 700016 && e.forPerson():
		return fail("tenant_id", "The application that Evercred signs people in with is not in the tenant.",
			"The tenant or the cloud is another one than meant, or the tenant does not allow that application.",
			"Check the tenant and the cloud of the account, or configure another client id for sign-ins.")
	case e.Code == 700016:
		return fail("application_id", "The application was not found in the tenant.",
			"The application id or the tenant is wrong, they belong to another cloud, or the application was deleted. One that is only minutes old may not have reached all of Microsoft's servers.",
			"Compare the application (client) id and the directory (tenant) id with the application's overview page in the portal. If the application was deleted, re-create the account or connect another application.")
	case e.Code == 7000229:
		return fail("application_id", "The application has no service principal in the tenant.",
			"The application is there, but what represents it in the tenant and holds its roles was deleted or never made.",
			"Re-create the account; or let an administrator restore the enterprise application, or make one with `az ad sp create --id APPLICATION_ID`.")
	case tenantUnknown(e.Code):
		return fail("tenant_id", "The tenant was not found.",
			"The tenant id or domain name is mistyped, the tenant was deleted, or it is in another cloud.",
			"Copy the directory (tenant) id from the portal, and check that the account's cloud (global, usgov, china) is the tenant's.")
	case disabled(e.Code):
		return fail("application_id", "The application is disabled.", "It gets no tokens until it is enabled, whatever its credentials are.",
			"Let an administrator set \"Enabled for users to sign-in\" to Yes on the enterprise application in Microsoft Entra; if Microsoft disabled it, ask Microsoft's support.")
	case e.Code == 700025:
		return fail("application_id", "The application is a public client and must not authenticate with a secret or certificate.", "",
			"Give the id of an application that has a secret or certificate.")
	case e.Code == 7000218 && e.forPerson():
		return fail("", "The application that Evercred signs people in with is not a public client.",
			"A device code can only be used with an application that allows public client flows.",
			"Allow public client flows on that application (Authentication page in the portal), or configure another client id for sign-ins.")
	case e.Code == 7000218:
		return fail("", "Microsoft Entra found no credential in the request.", "", "Give a secret or a certificate.")
	case e.Code == 70021 || e.Code >= 700211 && e.Code <= 700213 || e.Code == 7002137:
		return fail("application_id", "No federated identity credential of the application fits.",
			"Issuer, subject and audience must be the same to the letter. A new one takes minutes to reach all of Microsoft's servers.",
			"Compare issuer, subject and audience with the application's federated credentials.")
	case e.forApplication() && blocked(e.Code):
		return fail("application_id", "A Conditional Access policy blocks the application.",
			"The credential may be right; a policy for workload identities refuses it, most often for where the request comes from.",
			"Ask who owns the policy to allow the address of the Evercred server or to exclude the application's service principal.")
	case e.forApplication() && (e.Code == 50105 || e.Code == 501051):
		return fail("application_id", "The application is not assigned to what it asks a token for.", "",
			"Let an administrator assign it, or turn off \"Assignment required\" on the enterprise application.")
	}
	return nil
}

// other explains what is of neither kind, and codes that are not known, by the standard part of the answer.
func (e *Error) other() *fault.Error {
	switch {
	case e.Status == http.StatusTooManyRequests || e.Code == 90055:
		return fault.New(fault.Azure, "Microsoft Entra refuses requests for the moment because there were too many.").
			WithRemedy("%s", azure.TryAgain(e.RetryAfter))
	case e.Transient():
		return fault.New(fault.Azure, "Microsoft Entra has a problem of its own at the moment.").
			WithMeaning("Nothing is wrong with the account as far as can be told.").WithRemedy("%s", azure.TryAgain(e.RetryAfter))
	case e.Code == 500011 || e.Code == 650057 || e.Code == 70011 || e.Code == 700022 || e.Code == 1002012:
		return fault.New(fault.Azure, "Microsoft Entra does not give tokens for what Evercred asked.").
			WithMeaning("Azure Resource Manager or Microsoft Graph is not known in the tenant by that name; most often the cloud is another one than the tenant's.").
			WithRemedy("Check the cloud of the account.")
	case e.OAuth == "":
		return azure.Foreign(service, fmt.Sprintf(" (HTTP %d)", e.Status))
	case e.OAuth == "invalid_client" || e.forApplication():
		return fault.New(fault.Credential, "Microsoft Entra does not accept the application's credential.").
			WithRemedy("Look at what Microsoft says; check the application id, the tenant and the credential.")
	case e.OAuth == "invalid_grant" || e.OAuth == "interaction_required" || e.OAuth == "access_denied" || e.OAuth == "consent_required":
		return fault.New(fault.SignIn, "Microsoft Entra refused the sign-in.").
			WithRemedy("Look at what Microsoft says, then sign in again.")
	}
	return fault.New(fault.Azure, "Microsoft Entra refused the request.").WithRemedy("Look at what Microsoft says, then try again.")
}
