package account

import (
	"slices"
	"time"
)

// SignInMethod is how a person proves who they are.
type SignInMethod string

// The methods. Tenants block device codes; the other two are there for that.
const (
	ByDevice   SignInMethod = "device"    // a code that is entered in a browser on any machine
	ByBrowser  SignInMethod = "browser"   // authorization code with a proof key
	ByAzureCLI SignInMethod = "azure_cli" // tokens that the Azure CLI of the person's machine gave
)

// SignInFailed is the state of a sign-in that was refused, declined or not completed in time. The other states are those of
// an operation's sign-in: SignInWaiting, SignInDone, SignInEnded.
const SignInFailed = "failed"

// SignInSession is one sign-in of a person, of which several operations may make use. It holds no secret: what is redeemed
// and what it gave are sealed beside it. Times are Azure-facing.
type SignInSession struct {
	ID       string
	State    string
	Method   SignInMethod
	ClientID string // of the application that the person signs in to
	Cloud    string
	TenantID string // where it was begun: an id, a domain name, or organizations; once signed in of several, the person's own

	UserCode        string // device
	VerificationURI string // device
	Message         string // device: Microsoft's sentence that says what to do
	IntervalSeconds int    // device: least time between two questions
	RedirectURI     string // browser: where Microsoft sends the person back to
	Returns         bool   // browser: that is an address of this server
	CodeExpiresAt   time.Time

	Person     string // user principal name
	PersonID   string // object id, in the tenant of the sign-in
	SignedInAt *time.Time
	EndsAt     *time.Time // when what it gave is destroyed
	Problem    *Problem   // why it failed

	CreatedBy string // only this caller may use it
	CreatedAt time.Time
	UpdatedAt time.Time
	Version   int64 // grows with each change
}

// Organizations is the tenant of a sign-in that may be of any organization.
const Organizations = "organizations"

// Over reports whether nothing will come of a sign-in any more.
func (s *SignInSession) Over() bool {
	return slices.Contains([]string{SignInFailed, SignInEnded}, s.State)
}
