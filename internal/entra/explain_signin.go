package entra

import "github.com/evercred/evercred/internal/fault"

// ofSignIn explains the codes that a person meets when signing in, and later when the sign-in is used.
func (e *Error) ofSignIn() *fault.Error {
	fail := func(message, meaning, remedy string) *fault.Error {
		return &fault.Error{Code: fault.SignIn, Message: message, Meaning: meaning, Remedy: remedy}
	}
	const again = "Begin the sign-in again."
	if blocked(e.Code) {
		meaning, remedy := e.blockedWay()
		return fail(e.blockedHow(), meaning, remedy)
	}
	if e.SubError == "cancel" { // what a browser brings back after Cancel, with the code of a consent that was declined
		return fail("The sign-in was cancelled.", "Somebody chose Cancel on Microsoft's page. Nothing was changed.", "Sign in again if it is still wanted.")
	}
	switch e.Code {
	case 50158:
		return fail("The organization asks for a proof from another provider that was not given.",
			"A policy sends people to a service outside of Microsoft Entra before they may go on. A code that is entered elsewhere often cannot do that.",
			"Sign in with the browser, which can go there: `evercred sign-in --browser`.")
	case 50072, 50074, 50076, 50079:
		return fail("The sign-in needs a second factor that was not given.",
			"Your organization asks for multifactor authentication, for this person or for changes in Azure.",
			"Sign in again and complete the second factor; if none is set up, do that first at https://aka.ms/mfasetup. A sign-in at the tenant itself asks for it: `evercred sign-in --browser`.")
	case 50173, 700082, 70008, 70043, 700084, 50078, 50133, 50089:
		return fail("The sign-in is no longer valid.",
			"It was revoked or has ended: a password was changed, sessions were revoked, or the organization limits how long a sign-in lasts.", "Sign in again.")
	case 70019, 70020:
		return codeExpired()
	case 70018, 54005:
		return fail("The code of the sign-in is not known or was used already.", "Each code works once.", again)
	case 65001, 65004, 90094, 90095:
		return fail("The person's organization has not agreed that Evercred's sign-in application may act for its people.",
			"Consent was not given or was declined.",
			"Let an administrator consent to the application in Microsoft Entra (Enterprise applications, Permissions), or configure another client id for sign-ins.")
	case 65002:
		return fail("The application that Evercred signs people in with may not be used for this service.",
			"Microsoft allows its own applications only for services that have agreed to it.", "Configure the client id of an application of your organization for sign-ins.")
	case 50034, 50020, 90072:
		return fail("The person's account is not in this tenant.",
			"The sign-in was made with an account of another organization, or the tenant is another one than meant.",
			"Sign in with an account of the tenant, or check the tenant.")
	case 50126:
		return fail("User name or password is wrong.", "", again)
	case 50053:
		return fail("The person's account is locked.", "There were too many failed sign-ins, or they came from an address that Microsoft distrusts.", "Wait, or let an administrator unlock it, then sign in again.")
	case 50055, 50144:
		return fail("The person's password has expired.", "", "Change the password, then sign in again.")
	case 50057:
		return fail("The person's account is disabled.", "", "Sign in as somebody else, or let an administrator enable the account.")
	case 50105, 501051:
		return fail("The person is not assigned to the application that Evercred signs people in with.", "",
			"Let an administrator assign the person to it in Microsoft Entra (Enterprise applications, Users and groups).")
	case 50097, 50155, 50187, 50129:
		return fail("The sign-in was not made from a device that the organization knows.",
			"A policy asks for a registered device. A code that is entered elsewhere does not show which device it is.",
			"Sign in with the browser of a registered device: `evercred sign-in --browser`.")
	case 50194:
		f := fail("The application that Evercred signs people in with is of one tenant, and no tenant is named.",
			"Only an application of several tenants lets people sign in without saying where.",
			"Name the tenant, or start the server with --sign-in-tenant ID.")
		f.Field = "tenant_id"
		return f
	case 50011, 500113:
		return fail("The application that Evercred signs people in with does not know the address to come back to.",
			"Microsoft sends browsers only to addresses that are registered on the application.",
			"Register the address that Evercred names on that application, under Authentication, Mobile and desktop applications; or sign in with a code.")
	case 9002327:
		return fail("The application that Evercred signs people in with has its address registered for single-page applications.",
			"Microsoft then gives tokens to the browser alone.", "Register the address under Mobile and desktop applications instead.")
	case 50148, 501481, 500112:
		return fail("Microsoft does not accept the answer that the browser brought.", "It belongs to another sign-in, or was changed on its way.", "Sign in again.")
	}
	switch e.OAuth {
	case "authorization_declined":
		return fail("The sign-in was declined.", "Somebody chose Cancel or No on Microsoft's page. Nothing was changed.", again+" Only enter a code that you asked for yourself.")
	case "expired_token", "code_expired":
		return codeExpired()
	case "bad_verification_code":
		return fail("The code of the sign-in is not known.", "It has ended or was started at another tenant.", again)
	}
	return nil
}

func codeExpired() *fault.Error {
	return &fault.Error{
		Code: fault.SignIn, Message: "The code was not entered in time.", Meaning: "A code is good for about 15 minutes. Nothing was changed.",
		Remedy: "Begin again and enter the new code in time.",
	}
}

// blockedWay says what a block means and what is left to try, by the way that was tried. A refresh token keeps the mark of the
// device code that it came from (Microsoft Entra Conditional Access, authentication flows: protocol tracking).
func (e *Error) blockedWay() (meaning, remedy string) {
	const (
		without = " To only use what exists already, connect the account with an application and its secret or certificate: that needs no sign-in."
		ask     = " Else ask who owns the policy (Conditional Access in Microsoft Entra; the sign-in log names it) to exclude the person"
	)
	if e.grant == authorizationCode {
		return "Your organization's policy decides who may sign in how and from where. Nothing was changed.",
			"Sign in from a device and network that the policy allows, or as a person whom it allows. On a machine where the Azure CLI is signed in, its login can be used: `evercred sign-in --azure-cli`." +
				ask + "." + without
	}
	return "Your organization's policy decides who may sign in how and from where; many organizations block sign-in by device code altogether. Nothing was changed.",
		"Sign in with the browser instead: `evercred sign-in --browser`. On a machine where the Azure CLI is signed in, its login can be used: `evercred sign-in --azure-cli`." +
			ask + " or to allow the device code flow." + without
}

// blockedHow names the policy that blocks (list of codes, 53000 to 53011 and 5300xx).
func (e *Error) blockedHow() string {
	switch e.Code {
	case 53000:
		return "A Conditional Access policy blocks the sign-in: the device is not compliant."
	case 53001:
		return "A Conditional Access policy blocks the sign-in: the device is not joined to the organization."
	case 53002:
		return "A Conditional Access policy blocks the sign-in: it asks for an approved application."
	case 53004, 53011, 530034:
		return "The sign-in is blocked because Microsoft Entra considers the person's account at risk."
	case 530032:
		return "A security policy of the tenant blocks the sign-in."
	case 530035:
		return "The security defaults of the tenant block the sign-in."
	}
	return "A Conditional Access policy blocks the sign-in."
}
