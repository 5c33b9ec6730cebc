package resource

import (
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
)

// Operation is what is being done, or was done, to an account.
type Operation struct {
	ID        string                 `json:"id"`
	Kind      account.OperationKind  `json:"kind" enum:"renew,recreate,add,connect,check,remove,retire,rollback,reconcile,grant,tidy"`
	State     account.OperationState `json:"state" enum:"running,waiting_sign_in,waiting_choice,needs_sign_in,done,failed,cancelled"`
	Account   AccountRef             `json:"account"`
	SignIn    *SignIn                `json:"sign_in" doc:"The sign-in it asks or asked for; null if none"`
	Choice    *Choice                `json:"choice" doc:"The question it asks; null if none"`
	Steps     []Step                 `json:"steps" nullable:"false" doc:"The journal: a step without ended_at is under way"`
	Problem   *Failure               `json:"problem" doc:"Why it failed, or what it waits for; null if nothing is wrong"`
	Left      string                 `json:"left" doc:"What is left to do while it needs a sign-in"`
	Summary   string                 `json:"summary" doc:"How it ended, in a sentence"`
	StartedBy string                 `json:"started_by"`
	CreatedAt time.Time              `json:"created_at"`
	UpdatedAt time.Time              `json:"updated_at"`
	ClosedAt  *time.Time             `json:"closed_at"`
	Version   int64                  `json:"version" doc:"Grows with each change"`
}

// AccountRef names an account. The id is empty until the account exists.
type AccountRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// SignIn is an interactive sign-in by device code.
type SignIn struct {
	State           string    `json:"state" enum:"waiting,signed_in,ended"`
	Message         string    `json:"message" doc:"What to do, in a sentence"`
	UserCode        string    `json:"user_code"`
	VerificationURI string    `json:"verification_uri"`
	ExpiresAt       time.Time `json:"expires_at"`
	Person          string    `json:"person" doc:"Who signed in"`
}

// Choice is a question that an operation asks.
type Choice struct {
	Question string   `json:"question"`
	Options  []string `json:"options" nullable:"false" enum:"restore,new" doc:"What it can be answered with"`
	Hint     string   `json:"hint" doc:"What helps to decide"`
}

// Step is one step of an operation.
type Step struct {
	Name      string     `json:"name"`
	Title     string     `json:"title"`
	Rights    string     `json:"rights" enum:"person,own,steward,none" doc:"Whose rights it uses: the person's who signed in, the account's own, those of the tenant's steward, or nobody's"`
	StartedAt time.Time  `json:"started_at"`
	EndedAt   *time.Time `json:"ended_at"`
	Outcome   string     `json:"outcome" enum:",done,failed,skipped" doc:"Empty while under way"`
	Detail    string     `json:"detail" doc:"What came of it, or what it waits for"`
	Tries     int        `json:"tries" doc:"How often it was begun; 0 of one that comes next and was not begun yet"`
}

// Failure is the fault an operation met.
type Failure struct {
	Code    string `json:"code" enum:"invalid,unauthorized,not_found,conflict,refused,needs_choice,needs_sign_in,sign_in,credential,permission,azure,unreachable,interrupted,internal"`
	Message string `json:"message"`
	Meaning string `json:"meaning"`
	Remedy  string `json:"remedy"`
	Field   string `json:"field"`
	Source  string `json:"source" doc:"Microsoft's own code and text"`
}

// Fault is the failure as an error.
func (f *Failure) Fault() *fault.Error {
	return &fault.Error{
		Code: fault.Code(f.Code), Message: f.Message, Meaning: f.Meaning, Remedy: f.Remedy, Field: f.Field, Source: f.Source,
	}
}

// Closed reports whether the operation has ended.
func (o *Operation) Closed() bool { return o.State.Closed() }

// OfOperation makes the resource of an operation.
func OfOperation(o *account.Operation) Operation {
	out := Operation{
		ID: o.ID, Kind: o.Kind, State: o.State, Account: AccountRef{ID: o.AccountID, Name: o.AccountName},
		Steps: []Step{}, Summary: o.Summary, StartedBy: o.StartedBy,
		CreatedAt: second(o.CreatedAt), UpdatedAt: second(o.UpdatedAt), ClosedAt: seconds(o.ClosedAt), Version: o.Version,
	}
	if s := o.SignIn; s != nil {
		out.SignIn = &SignIn{
			State: s.State, Message: s.Message, UserCode: s.UserCode, VerificationURI: s.VerificationURI,
			ExpiresAt: second(s.ExpiresAt), Person: s.Person,
		}
	}
	if c := o.Choice; c != nil {
		out.Choice = &Choice{Question: c.Question, Options: list(c.Options), Hint: c.Hint}
	}
	if o.State == account.OpNeedsSignIn {
		out.Left = o.Left()
	}
	for _, s := range o.Steps {
		out.Steps = append(out.Steps, Step{
			Name: s.Name, Title: s.Title, Rights: s.Rights, StartedAt: second(s.StartedAt), EndedAt: seconds(s.EndedAt),
			Outcome: s.Outcome, Detail: s.Detail, Tries: s.Tries,
		})
	}
	if p := o.Problem; p != nil {
		f := Failure(*p)
		out.Problem = &f
	}
	return out
}
