package account

import (
	"slices"
	"time"
)

// OperationKind is what an operation does.
type OperationKind string

// The kinds of operations.
const (
	OpRenew     OperationKind = "renew"     // replace the current secret of the same application
	OpRecreate  OperationKind = "recreate"  // restore or replace the application
	OpAdd       OperationKind = "add"       // a new account: application, service principal, secret and roles are made
	OpConnect   OperationKind = "connect"   // specify an existing application, or a new value for the same one
	OpCheck     OperationKind = "check"     // look at the account
	OpRemove    OperationKind = "remove"    // forget the account, and delete its application if asked
	OpRetire    OperationKind = "retire"    // remove a retiring credential whose soak is over
	OpRollback  OperationKind = "rollback"  // go back to the credential that was in use before
	OpReconcile OperationKind = "reconcile" // hold what is known against what is on the application
	OpGrant     OperationKind = "grant"     // give the application what its purposes need in Azure
	OpTidy      OperationKind = "tidy"      // look for what an unanswered call may have left in Entra, and remove it
)

// Noun is the kind in a sentence.
func (k OperationKind) Noun() string {
	switch k {
	case OpRenew:
		return "renewal"
	case OpRecreate:
		return "re-creation"
	case OpAdd:
		return "creation"
	case OpConnect:
		return "connection"
	case OpCheck:
		return "check"
	case OpRemove:
		return "removal"
	case OpRetire:
		return "removal of an old credential"
	case OpRollback:
		return "rollback"
	case OpReconcile:
		return "reconciliation"
	case OpGrant:
		return "grant of permissions"
	case OpTidy:
		return "last look for an unanswered call"
	}
	return string(k)
}

// OperationState is where an operation stands.
type OperationState string

// The states of an operation. Closed ones stay as they are.
const (
	OpRunning       OperationState = "running"
	OpWaitingSignIn OperationState = "waiting_sign_in" // a code is shown; a person has to enter it
	OpWaitingChoice OperationState = "waiting_choice"  // a person has to choose; see Choice
	OpNeedsSignIn   OperationState = "needs_sign_in"   // it was interrupted and has no rights left; resume it with a sign-in
	OpDone          OperationState = "done"            // closed
	OpFailed        OperationState = "failed"          // closed; Problem says why; what it made is rolled back
	OpCancelled     OperationState = "cancelled"       // closed by a person before anything was changed
)

// Closed reports whether the operation has ended.
func (s OperationState) Closed() bool { return s == OpDone || s == OpFailed || s == OpCancelled }

// InBackground reports whether the operation works on its own, beside what a person starts: it does not hold the account.
func (k OperationKind) InBackground() bool { return k == OpRetire || k == OpTidy }

// Holds reports whether the operation has the account for itself. What works in the background and a check that only reads
// do not.
func (o *Operation) Holds() bool {
	return !o.Kind.InBackground() && (o.Kind != OpCheck || o.Params.WithSignIn)
}

// Touched reports whether the operation has changed something in Azure, or may have.
func (o *Operation) Touched() bool {
	f := &o.Facts
	return f.Unanswered || len(f.Attempts) > 0 || len(f.Former) > 0 || f.AppTag != "" || f.MadeApp || f.MadeSP || f.SPRestored || f.AppRestored || f.AppDeleted ||
		slices.ContainsFunc(f.Grants, func(g Grant) bool {
			// A removal only lists them until it takes one back, and a grant those that it takes back.
			return g.Made && g.Done && (o.Kind != OpRemove && !g.Revoke || g.Undone) || g.Intended && !g.Done
		}) ||
		slices.ContainsFunc(f.CustomRoles, func(c CustomRole) bool {
			return (c.Intended || c.Stored) && (o.Kind != OpRemove || c.Undone)
		})
}

// Operation is a journal: what is being done to one account, each step written down before its remote call.
// It holds no secret: the material of a new credential and a person's refresh token are sealed beside it.
type Operation struct {
	ID          string
	Kind        OperationKind
	State       OperationState
	AccountID   string // empty until the account exists
	AccountName string
	Params      Params
	Facts       Facts
	Steps       []Step
	SignIn      *SignIn
	Choice      *Choice
	Problem     *Problem
	Summary     string // one sentence on how it ended, for people
	StartedBy   string
	CreatedAt   time.Time
	UpdatedAt   time.Time
	ClosedAt    *time.Time
	NextAt      *time.Time // when the next try of a waiting step is due
	Version     int64
}

// Step is one line of the journal. An intent has no EndedAt.
type Step struct {
	Name      string     `json:"name"`  // machine name, e.g. add_secret
	Title     string     `json:"title"` // for people, e.g. "Adding a secret to application backup-prod"
	Rights    string     `json:"rights,omitempty"`
	StartedAt time.Time  `json:"started_at"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
	Outcome   string     `json:"outcome,omitempty"` // done, failed, skipped
	Detail    string     `json:"detail,omitempty"`
	Tries     int        `json:"tries,omitempty"`
}

// Outcomes of a step.
const (
	StepDone    = "done"
	StepFailed  = "failed"
	StepSkipped = "skipped"
)

// SignIn is the interactive sign-in of an operation, as a person sees it. The device code itself is sealed elsewhere.
type SignIn struct {
	State           string    `json:"state"` // waiting, signed_in, ended
	UserCode        string    `json:"user_code,omitempty"`
	VerificationURI string    `json:"verification_uri,omitempty"`
	Message         string    `json:"message,omitempty"`
	ExpiresAt       time.Time `json:"expires_at"`
	IntervalSeconds int       `json:"interval_seconds"`
	Person          string    `json:"person,omitempty"`    // user principal name, once signed in
	PersonID        string    `json:"person_id,omitempty"` // object id
}

// States of a sign-in.
const (
	SignInWaiting = "waiting"
	SignInDone    = "signed_in"
	SignInEnded   = "ended"
)

// Choice is a question that an operation asks.
type Choice struct {
	Question string   `json:"question"`
	Options  []string `json:"options"` // machine names, e.g. restore, new
	Hint     string   `json:"hint,omitempty"`
}

// Problem is the fault that an operation met, as stored and as shown.
type Problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Meaning string `json:"meaning,omitempty"`
	Remedy  string `json:"remedy,omitempty"`
	Field   string `json:"field,omitempty"`
	Source  string `json:"source,omitempty"`
}

// Left says what an interrupted operation still has to do, for people.
func (o *Operation) Left() string {
	if o.Problem != nil && o.Problem.Meaning != "" {
		return o.Problem.Meaning
	}
	for _, v := range slices.Backward(o.Steps) {
		if s := v; s.Outcome != StepDone && s.Outcome != StepSkipped {
			return lowerFirst(s.Title)
		}
	}
	return "the rest of the " + o.Kind.Noun()
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return string(s[0]|0x20) + s[1:]
}

// Caller is who asks: every method of the store takes one and writes it into the audit row of each change.
type Caller struct {
	Name string // e.g. "admin", "evercred"
	Via  string // api, session, job, setup
}

// System is Evercred itself, when it resumes and cleans up.
func System() Caller { return Caller{Name: "evercred", Via: "job"} }
