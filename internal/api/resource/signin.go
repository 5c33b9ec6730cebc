package resource

import (
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/signin"
)

// SignInRequest asks for a sign-in of which several operations may make use.
type SignInRequest struct {
	Method      account.SignInMethod `json:"method" enum:"device,browser,azure_cli" doc:"device: a code to be entered in a browser on any machine; browser: authorization code with a proof key; azure_cli: the tokens of the Azure CLI's login"`
	Cloud       string               `json:"cloud,omitempty" doc:"The server's default if left out"`
	TenantID    string               `json:"tenant_id,omitempty" doc:"An id or a domain name; if left out, the tenant of whoever signs in"`
	RedirectURI string               `json:"redirect_uri,omitempty" doc:"browser only: a loopback address at which the caller listens; if left out, the server sees to it"`
	Tokens      *SignInTokens        `json:"tokens,omitempty" doc:"azure_cli only, and needed there"`
}

// SignInTokens are what the Azure CLI gives: az account get-access-token, for each of the two services.
type SignInTokens struct {
	Management AccessToken `json:"management" doc:"For Azure Resource Manager"`
	Graph      AccessToken `json:"graph" doc:"For Microsoft Graph"`
}

// AccessToken is an access token and its end.
type AccessToken struct {
	AccessToken *Secret    `json:"access_token" writeOnly:"true"`
	ExpiresAt   *time.Time `json:"expires_at,omitempty" doc:"Where the token itself is good for longer, this counts"`
}

// SignInReturn is where a browser was sent back to.
type SignInReturn struct {
	URL *Secret `json:"url" writeOnly:"true" doc:"The whole address, with code= and state= in it"`
}

// SignInSession is one sign-in of a person, of which several operations may make use. It belongs to who began it.
type SignInSession struct {
	ID              string               `json:"id"`
	State           string               `json:"state" enum:"waiting,signed_in,failed,ended"`
	Method          account.SignInMethod `json:"method" enum:"device,browser,azure_cli"`
	ClientID        string               `json:"client_id" doc:"The application that the person signs in to"`
	Cloud           string               `json:"cloud"`
	TenantID        string               `json:"tenant_id" doc:"Where it was begun; organizations where that is not one; once signed in, the person's own in its place"`
	UserCode        string               `json:"user_code" doc:"device: what to enter at verification_uri"`
	VerificationURI string               `json:"verification_uri"`
	Message         string               `json:"message" doc:"device: what to do, in a sentence"`
	AuthorizeURL    Secret               `json:"authorize_url" doc:"browser, while it waits: what to open; else empty. It is for the person who signs in and nobody else"`
	RedirectURI     string               `json:"redirect_uri" doc:"browser: where Microsoft sends the browser back to"`
	Returns         bool                 `json:"returns" doc:"browser: that is this server, which goes on by itself; where it is false, the address is to be given to /redirect"`
	ExpiresAt       time.Time            `json:"expires_at" doc:"Until when somebody may sign in"`
	IntervalSeconds int                  `json:"interval_seconds"`
	Person          string               `json:"person" doc:"Who signed in"`
	PersonID        string               `json:"person_id" doc:"Object id of the person in the tenant of the sign-in"`
	SignedInAt      *time.Time           `json:"signed_in_at"`
	EndsAt          *time.Time           `json:"ends_at" doc:"When what it gave is destroyed"`
	Problem         *Failure             `json:"problem" doc:"Why it failed; null if it did not"`
	CreatedAt       time.Time            `json:"created_at"`
	Version         int64                `json:"version" doc:"Grows with each change"`
}

// SignInSessions are the caller's sign-ins, newest first.
type SignInSessions struct {
	SignIns []SignInSession `json:"sign_ins" nullable:"false"`
}

// Over reports whether the sign-in waits for nothing any more: somebody has signed in, or nobody will.
func (s *SignInSession) Over() bool { return s.State != account.SignInWaiting }

// OfSignIn makes the resource of a sign-in. authorize is where its person goes; empty where there is nowhere to go.
func OfSignIn(v *account.SignInSession, authorize secret.Value) SignInSession {
	out := SignInSession{
		ID: v.ID, State: v.State, Method: v.Method, ClientID: v.ClientID, Cloud: v.Cloud, TenantID: v.TenantID,
		UserCode: v.UserCode, VerificationURI: v.VerificationURI, Message: v.Message, AuthorizeURL: Secret{authorize},
		RedirectURI: v.RedirectURI, Returns: v.Returns, ExpiresAt: second(v.CodeExpiresAt), IntervalSeconds: v.IntervalSeconds,
		Person: v.Person, PersonID: v.PersonID, SignedInAt: seconds(v.SignedInAt), EndsAt: seconds(v.EndsAt),
		CreatedAt: second(v.CreatedAt), Version: v.Version,
	}
	if p := v.Problem; p != nil {
		f := Failure(*p)
		out.Problem = &f
	}
	return out
}

// SignInTenant is a tenant that the person of a sign-in is in.
type SignInTenant struct {
	ID           string        `json:"id"`
	Name         string        `json:"name"`
	Domain       string        `json:"domain"`
	Home         bool          `json:"home" doc:"The person's own"`
	Access       signin.Access `json:"access" enum:"available,mfa_required,guest_disabled,token_error,unknown"`
	Registration string        `json:"app_registration" enum:"allowed,not_allowed,unknown" doc:"Whether the person may register applications there"`
	Reason       string        `json:"reason" doc:"Why something is not available, not allowed or not known"`
}

// SignInTenants are the tenants that the person of a sign-in is in: the person's own first, then by name.
type SignInTenants struct {
	Tenants []SignInTenant `json:"tenants" nullable:"false"`
}

// OfTenant makes the resource of a tenant.
func OfTenant(t signin.Tenant) SignInTenant {
	registration := "unknown"
	switch t.Register {
	case signin.Yes:
		registration = "allowed"
	case signin.No:
		registration = "not_allowed"
	case signin.Unknown:
	}
	return SignInTenant{ID: t.ID, Name: t.Name, Domain: t.Domain, Home: t.Home, Access: t.Access, Registration: registration, Reason: t.Reason}
}

// SignInSubscription is a subscription that the person of a sign-in sees.
type SignInSubscription struct {
	ID             string        `json:"id"`
	Name           string        `json:"name"`
	State          string        `json:"state" doc:"As Azure says it: Enabled, Warned, PastDue, Disabled or Deleted"`
	MayAssignRoles signin.Answer `json:"may_assign_roles" enum:"yes,no,unknown"`
	Reason         string        `json:"reason" doc:"Why it is no or unknown"`
}

// SignInSubscriptions are the subscriptions that the person of a sign-in sees, by name.
type SignInSubscriptions struct {
	Subscriptions []SignInSubscription `json:"subscriptions" nullable:"false"`
}

// OfSubscription makes the resource of a subscription.
func OfSubscription(s signin.Subscription) SignInSubscription {
	return SignInSubscription{ID: s.ID, Name: s.Name, State: s.State, MayAssignRoles: s.AssignRoles, Reason: s.Reason}
}

// SignInManagementGroup is a management group that the person of a sign-in sees.
type SignInManagementGroup struct {
	ID             string                 `json:"id"`
	Name           string                 `json:"name"`
	Parent         string                 `json:"parent" doc:"Id of the group above; empty for the topmost that is seen"`
	MayAssignRoles signin.Answer          `json:"may_assign_roles" enum:"yes,no,unknown"`
	Reason         string                 `json:"reason" doc:"Why it is no or unknown"`
	Subscriptions  []account.Subscription `json:"subscriptions" nullable:"false" doc:"Those directly in it that the person sees"`
}

// SignInManagementGroups are the management groups that the person of a sign-in sees, by name.
type SignInManagementGroups struct {
	ManagementGroups []SignInManagementGroup `json:"management_groups" nullable:"false"`
}

// OfManagementGroup makes the resource of a management group.
func OfManagementGroup(g signin.ManagementGroup) SignInManagementGroup {
	return SignInManagementGroup{
		ID: g.ID, Name: g.Name, Parent: g.Parent, MayAssignRoles: g.AssignRoles, Reason: g.Reason, Subscriptions: list(g.Subscriptions),
	}
}

// SignInSettings is how people sign in at this server.
type SignInSettings struct {
	ClientID    string                 `json:"client_id" doc:"The application that people sign in to"`
	ClientName  string                 `json:"client_name" doc:"Its name, where it is one of Microsoft's; else empty"`
	TenantID    string                 `json:"tenant_id" doc:"Where people sign in if no tenant is named; organizations for their own"`
	OwnRedirect bool                   `json:"own_redirect" doc:"A browser that signs in comes back to this server by itself"`
	Methods     []account.SignInMethod `json:"methods" nullable:"false" enum:"device,browser,azure_cli" doc:"azure_cli needs the command line on the person's machine"`
}
