package resource

import "time"

// Server is what a server is, and what it was configured with.
type Server struct {
	Version      string         `json:"version"`
	Demo         bool           `json:"demo" doc:"It is the demonstration, beside an emulated cloud"`
	Now          time.Time      `json:"now" doc:"On the clock of the cloud, which an emulator can move"`
	Clouds       []string       `json:"clouds" nullable:"false" doc:"The clouds that an account can be in"`
	DefaultCloud string         `json:"default_cloud"`
	RoleSet      []string       `json:"role_set" nullable:"false" doc:"Azure roles of new accounts that name none"`
	Policy       Policy         `json:"policy" doc:"Of new accounts"`
	SignIn       SignInSettings `json:"sign_in" doc:"How people sign in"`
	Proof        Proof          `json:"proof" doc:"How a new credential is proven before it is used"`
	Installation string         `json:"installation" doc:"What this server adds at Microsoft is named evercred/INSTALLATION/..."`

	WritesPerSecond float64 `json:"writes_per_second" doc:"To Microsoft, at most, for one tenant"`

	AzureGate bool `json:"azure_gate" doc:"Who signs in must be allowed to assign roles on the account's subscriptions"`
}

// Proof is how a new credential is proven.
type Proof struct {
	Answers     int    `json:"answers" doc:"Good token answers in a row"`
	Spread      string `json:"spread" doc:"From the first to the last, e.g. 2s"`
	Propagation string `json:"propagation" doc:"How long Microsoft's servers are given to know a change, e.g. 10m"`
}
