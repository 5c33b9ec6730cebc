package account

import "time"

// Params are what a person asked an operation to do.
type Params struct {
	Description       string    `json:"description,omitempty"`
	Cloud             string    `json:"cloud,omitempty"`
	TenantID          string    `json:"tenant_id,omitempty"`
	ApplicationID     string    `json:"application_id,omitempty"` // that a connection points the account at
	Subscriptions     []string  `json:"subscriptions,omitempty"`
	RoleSet           []string  `json:"role_set,omitempty"`
	Soak              *Duration `json:"soak,omitempty"`
	Lifetime          *Duration `json:"lifetime,omitempty"`
	Choice            string    `json:"choice,omitempty"` // restore or new
	AllowMissing      bool      `json:"allow_missing,omitempty"`
	DeleteApplication bool      `json:"delete_application,omitempty"`
	CredentialID      string    `json:"credential_id,omitempty"` // what a rollback goes back to
	Kind              Kind      `json:"kind,omitempty"`          // of the credential a renewal makes; empty: a secret
	Own               bool      `json:"own,omitempty"`           // the account's certificate signs for the change: no person
	Actor             string    `json:"actor,omitempty"`         // account by whose Graph permissions the operation works: itself, or a steward
	WithSignIn        bool      `json:"with_sign_in,omitempty"`  // a check that also asks Graph for the ends of credentials
	SignInID          string    `json:"sign_in_id,omitempty"`    // a sign-in made before, whose rights the operation uses
	Profile           string    `json:"profile,omitempty"`       // permission profile of a new account
	Purposes          []string  `json:"purposes,omitempty"`
	ManagementGroup   string    `json:"management_group,omitempty"`
	UsedBy            []string  `json:"used_by,omitempty"`
	Scopes            []string  `json:"scopes,omitempty"`       // a grant is for these of the account's scopes alone; none: for all
	DeleteRoles       bool      `json:"delete_roles,omitempty"` // a removal also takes back what Evercred made in Azure
}

// What is known of the application an operation works on.
const (
	AppAlive       = "alive"
	AppSoftDeleted = "soft_deleted"
	AppGone        = "gone"
)

// Facts are what an operation has learnt and done so far: all that the planner looks at. They hold no secret.
type Facts struct {
	Person         string       `json:"person,omitempty"`           // who signed in
	SignedInAt     *time.Time   `json:"signed_in_at,omitempty"`     // refresh token is dropped 60 minutes later
	Authorised     bool         `json:"authorised,omitempty"`       // both tokens in hand and the Azure gate passed
	AppState       string       `json:"app_state,omitempty"`        // alive, soft_deleted, gone
	AppLookedUp    bool         `json:"app_looked_up,omitempty"`    // AppState was read in this operation
	SPState        string       `json:"sp_state,omitempty"`         // alive, soft_deleted, gone
	SPObjectID     string       `json:"sp_object_id,omitempty"`     // of the service principal, alive or deleted
	SPRestored     bool         `json:"sp_restored,omitempty"`      // restored in this operation
	AppRestored    bool         `json:"app_restored,omitempty"`     // restored in this operation
	RestoreUntil   *time.Time   `json:"restore_until,omitempty"`    // when a soft-deleted application is gone for good
	AppID          string       `json:"app_id,omitempty"`           // client id of the target application
	AppObjectID    string       `json:"app_object_id,omitempty"`    // object id of the target application
	MadeApp        bool         `json:"made_app,omitempty"`         // the target application was created by this operation
	MadeSP         bool         `json:"made_sp,omitempty"`          // so was its service principal
	AppTag         string       `json:"app_tag,omitempty"`          // the tag that finds it again when the answer is lost
	Attempts       []Attempt    `json:"attempts,omitempty"`         // credentials added, oldest first
	CredentialID   string       `json:"credential_id,omitempty"`    // Evercred's id of the new credential
	GoodAnswers    int          `json:"good_answers,omitempty"`     // token answers in a row
	ProofSince     *time.Time   `json:"proof_since,omitempty"`      // when proving began: start of the propagation window
	Proven         bool         `json:"proven,omitempty"`           //
	Switched       bool         `json:"switched,omitempty"`         // the new credential is current
	Grants         []Grant      `json:"grants,omitempty"`           // role assignments to make
	CustomRoles    []CustomRole `json:"custom_roles,omitempty"`     // custom roles that the grants are of
	MissingRead    bool         `json:"missing_read,omitempty"`     // a grant has found out what is missing
	Ungrantable    []Grant      `json:"ungrantable,omitempty"`      // scopes where nothing can be granted, and why (Failed)
	Checked        bool         `json:"checked,omitempty"`          // the account was checked at the end
	Verdict        *Status      `json:"verdict,omitempty"`          // of a check: how it found the account, once it has closed
	Retire         []string     `json:"retire,omitempty"`           // ids of retiring credentials to remove in this operation
	ProvedBeforeRm bool         `json:"proved_before_rm,omitempty"` // one more good token before the old one is removed
	Orphans        []Orphan     `json:"orphans,omitempty"`          // credentials on the application that carry our tag and that nobody knows
	Lost           []string     `json:"lost,omitempty"`             // ids of credentials that were found gone
	LostApps       []Attempt    `json:"lost_apps,omitempty"`        // applications whose creation was not answered; KeyID is the object id
	Former         []Attempt    `json:"former_attempts,omitempty"`  // at a secret, before a certificate was chosen in its place
	Window         *Duration    `json:"window,omitempty"`           // propagation window of last looks; nil: 10 minutes
	AppDeleted     bool         `json:"app_deleted,omitempty"`
	AccountRemoved bool         `json:"account_removed,omitempty"`
	Unanswered     bool         `json:"unanswered,omitempty"`    // a write that can be asked for again got no answer: it may have been done
	AppSought      bool         `json:"app_sought,omitempty"`    // an application whose answer was lost was looked for
	TriedCurrent   bool         `json:"tried_current,omitempty"` // the present credential was tried after a restoration
	CurrentWorks   bool         `json:"current_works,omitempty"` // and it still authenticates
	EndsRead       bool         `json:"ends_read,omitempty"`     // Graph was asked for the ends of credentials
	DueAt          *time.Time   `json:"due_at,omitempty"`        // when a retiring credential may be removed
	NoRights       bool         `json:"no_rights,omitempty"`     // nobody at hand may remove it
	RollingBack    bool         `json:"rolling_back,omitempty"`  // a failure is being undone; Failure says why
	Failure        *Problem     `json:"failure,omitempty"`

	Cap        Duration `json:"cap,omitempty"`         // the lifetime that a policy of the tenant allows; 0: none known
	PolicyRead bool     `json:"policy_read,omitempty"` // the policy was asked for

	Offered *Credential `json:"offered,omitempty"` // what a connection was given; its secret part is sealed beside the journal
	Found   *Found      `json:"found,omitempty"`   // what the offered credential may do, once it is proven
}

// Found is what an examination of an application has found.
type Found struct {
	Check       Check          `json:"check"`
	Seen        []Subscription `json:"seen,omitempty"`         // all that the application sees
	Below       []Subscription `json:"below,omitempty"`        // those below the management group
	PrincipalID string         `json:"principal_id,omitempty"` // object id of the service principal
}

// Attempt is one try at adding a credential. Its tag is the credential's displayName in Entra.
type Attempt struct {
	Tag       string    `json:"tag"`
	KeyID     string    `json:"key_id,omitempty"` // known once answered or found
	State     string    `json:"state"`            // made, intended, added, lost_answer, removed
	At        time.Time `json:"at"`
	LookCount int       `json:"look_count,omitempty"`
}

// States of an attempt.
const (
	AttemptMade     = "made"        // a certificate that was made and sealed here, and not yet sent
	AttemptIntended = "intended"    // written down; the call may or may not have been made
	AttemptAdded    = "added"       // answered, sealed
	AttemptLost     = "lost_answer" // made or not, nobody knows: to be found by its tag
	AttemptFound    = "found"       // its answer was lost, and it was found: to be removed
	AttemptRemoved  = "removed"     // removed in Entra, or shown never to have been made
)

// Orphan is a credential on an application that carries Evercred's tag and that no account and no journal knows.
type Orphan struct {
	Kind     Kind   `json:"kind"`
	KeyID    string `json:"key_id"`
	Tag      string `json:"tag"`
	ObjectID string `json:"object_id"` // of the application
	State    string `json:"state"`     // found, removed, or kept: it could not be removed
}

// OrphanKept is the state of an orphan that could not be removed; the others are AttemptFound and AttemptRemoved.
const OrphanKept = "kept"

// Grant is one role assignment an operation makes.
type Grant struct {
	Scope        string `json:"scope"` // /subscriptions/{id}
	Role         string `json:"role"`
	AssignmentID string `json:"assignment_id,omitempty"` // resource id, once made
	Done         bool   `json:"done"`
	Made         bool   `json:"made"` // by this operation; false where it was there already
	Undone       bool   `json:"undone,omitempty"`
	RoleID       string `json:"role_id,omitempty"`  // of a custom role of Evercred's; empty: an Azure role, by its name
	Intended     bool   `json:"intended,omitempty"` // the call was begun: it may have been done, under AssignmentID
	Kept         bool   `json:"kept,omitempty"`     // Evercred had made it before this operation: undoing leaves it
	Failed       string `json:"failed,omitempty"`   // why it could not be made; a grant goes on with the others
	Revoke       bool   `json:"revoke,omitempty"`   // made by an earlier grant, and to be taken back: its scope or role is no longer the account's
}
