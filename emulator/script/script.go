// Package script is what the controls of the emulated cloud take and give: how it is to behave badly, and what was asked
// of it. Package emulatortest sends these to an emulator of a test; over HTTP they are the bodies under /_emulator/.
//
// A Rule says what befalls which requests. A Scenario is a named set of rules with a replication, a clock skew and the
// published limits: Scenarios lists those that are built in.
package script

import (
	"encoding/json"
	"time"
)

// Rule is a fault. It meets the requests that Service, Method, Path and Caller describe; of those it lets Skip pass, then
// befalls each with Probability, and at most Times of them. The first rule that befalls a request is the only one that
// does.
type Rule struct {
	Service string `json:"service,omitempty"` // entra, graph or arm; empty or *: any
	Method  string `json:"method,omitempty"`  // empty or *: any
	// Path is a glob of the path without its query, in which * stands for any characters. One that begins with / must
	// match the path's end from the start of a segment; another may be anywhere in it. What begins with ^, ends with $,
	// or has .*, .+ or one of [ \ | is a regular expression (RE2). Letter case does not matter. Empty: any.
	Path        string  `json:"path,omitempty"`
	Caller      string  `json:"caller,omitempty"`      // user principal name, client id or object id, as the request claims; empty or *: any
	Skip        int     `json:"skip,omitempty"`        // let this many pass first
	Times       int     `json:"times,omitempty"`       // 0: always
	Probability float64 `json:"probability,omitempty"` // above 0 to 1; 0: certain
	Seed        uint64  `json:"seed,omitempty"`        // where chance starts from: the same seed befalls the same requests

	Delay  Text    `json:"delay,omitempty"`  // wait before the work, e.g. "2s", or a number of seconds
	Hold   Text    `json:"hold,omitempty"`   // wait after the work, with the answer ready
	Answer *Answer `json:"answer,omitempty"` // answer this instead of doing the work
	Drop   string  `json:"drop,omitempty"`   // before, after: give no answer, the work not done, or done
	// CutConnection makes Drop cut the whole connection, with all that is under way on it. Without it HTTP/2 loses the
	// one stream only.
	CutConnection bool `json:"cut_connection,omitempty"`

	Do   []Action `json:"do,omitempty"`   // change the cloud before the request is served
	Then []Action `json:"then,omitempty"` // change it once the work is done, before the answer is given

	Matched int `json:"matched"` // requests met so far; ignored when set
	Applied int `json:"applied"` // requests befallen so far; ignored when set
}

// Answer is what a fault answers. In a rule its properties may also stand beside service, method and path.
type Answer struct {
	// Error names a well-known error of the service, e.g. "AADSTS7000215", "TooManyRequests" or "PrincipalNotFound", and
	// with it status and body. GET /_emulator/errors lists them.
	Error      string            `json:"error,omitempty"`
	Status     int               `json:"status,omitempty"`
	Body       json.RawMessage   `json:"body,omitempty"` // a JSON value, or a text that is sent as it is; absent: an error as the service words it
	Headers    map[string]string `json:"headers,omitempty"`
	RetryAfter Text              `json:"retry_after,omitempty"` // the Retry-After header: seconds or an HTTP date
}

// Action is a change to the cloud that somebody else makes, in the middle of an operation or at once.
type Action struct {
	Action      string `json:"action"`                // see Actions
	Of          string `json:"of,omitempty"`          // user principal name, client id or object id; "caller": of the request
	Application string `json:"application,omitempty"` // client id, object id or display name; empty: all that it can be
	Role        string `json:"role,omitempty"`        // name or id of an Azure role, or of a directory role; empty: all
	Scope       string `json:"scope,omitempty"`       // of role assignments; empty: all
	Code        int    `json:"code,omitempty"`        // AADSTS, of refuse_sign_in, e.g. 53003 or 50076
	Flow        string `json:"flow,omitempty"`        // of refuse_sign_in: device_code, authorization_code, refresh_token; empty: all

	// Policy is what set_app_policy restricts, as Graph has it: {"passwordCredentials": […], "keyCredentials": […]}.
	Policy json.RawMessage `json:"policy,omitempty"`
}

// The actions.
const (
	RemoveRoleAssignments = "remove_role_assignments" // Of [, Role] [, Scope]
	RemoveDirectoryRoles  = "remove_directory_roles"  // Of, a person [, Role]
	RemoveAppRoles        = "remove_app_roles"        // Of, an application: its permissions in Microsoft Graph [, Role]
	RemoveOwner           = "remove_owner"            // Of [, Application]
	RevokeSessions        = "revoke_sessions"         // Of, a person
	BlockDeviceCode       = "block_device_code"       // Of, a person: Conditional Access refuses the device code flow
	RefuseSignIn          = "refuse_sign_in"          // Of, a person, Code [, Flow]: a policy of Conditional Access more
	AllowSignIn           = "allow_sign_in"           // Of, a person: none of them
	DisableApplication    = "disable_application"     // Application
	EnableApplication     = "enable_application"      // Application
	DeleteApplication     = "delete_application"      // Application: soft, with its service principal
	PurgeApplication      = "purge_application"       // Application: for good, as 30 days after its deletion
	RemoveCredentials     = "remove_credentials"      // Application: all secrets and certificates
	SetAppPolicy          = "set_app_policy"          // Policy: the tenant's default for credentials from now on; none: lifted
)

// Actions are the names of all actions.
func Actions() []string {
	return []string{
		RemoveRoleAssignments, RemoveDirectoryRoles, RemoveAppRoles, RemoveOwner, RevokeSessions, BlockDeviceCode,
		RefuseSignIn, AllowSignIn,
		DisableApplication, EnableApplication, DeleteApplication, PurgeApplication, RemoveCredentials,
		SetAppPolicy,
	}
}

// Replication is how reads lag behind writes.
type Replication struct {
	Delay    string `json:"delay"`              // until the last replica has a write, e.g. "15s"; "0s": none lags
	Replicas int    `json:"replicas,omitempty"` // 1 to 16; of several the first never lags, the last by the whole delay
	Order    string `json:"order,omitempty"`    // who serves a request: "turns" (default) or "random"
	Seed     uint64 `json:"seed,omitempty"`     // of "random"
}

// Throttling switches the published limits on (Microsoft Graph throttling limits, identity and access; Azure Resource
// Manager, request limits and throttling).
type Throttling struct {
	Graph  bool    `json:"graph"`
	ARM    bool    `json:"arm"`
	Factor float64 `json:"factor,omitempty"` // of the limits: 0.01 leaves a hundredth of them; 0: as published
}

// Request is one request to a service, as GET /_emulator/requests shows it, in the order of arrival.
type Request struct {
	Time          time.Time `json:"time"` // of arrival, on the emulator's clock
	Method        string    `json:"method"`
	Service       string    `json:"service"` // entra, graph or arm
	Path          string    `json:"path"`
	Query         string    `json:"query,omitempty"` // without what would let someone sign in
	Status        int       `json:"status"`          // 0: in flight, or the connection was cut
	ResourceUnits int       `json:"resource_units"`
	Caller        string    `json:"caller"`            // user principal name or client id; empty if not known
	Replica       int       `json:"replica,omitempty"` // which served it, of several
	Fault         bool      `json:"fault,omitempty"`   // a rule or a limit befell it
}

// Text is a text that may also be written as a JSON number.
type Text string

// UnmarshalJSON takes a text or a number.
func (t *Text) UnmarshalJSON(raw []byte) error {
	var number json.Number
	if err := json.Unmarshal(raw, &number); err == nil && len(raw) > 0 && raw[0] != '"' {
		*t = Text(number)
		return nil
	}
	return json.Unmarshal(raw, (*string)(t))
}
