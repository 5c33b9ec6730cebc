package resource

import "time"

// Server is what a server is, and what it was configured with.
type Server struct {
	Version      string    `json:"version"`
	Demo         bool      `json:"demo" doc:"It is the demonstration, beside an emulated cloud"`
	Now          time.Time `json:"now" doc:"On the clock of the cloud, which an emulator can move"`
	Clouds       []string  `json:"clouds" nullable:"false" doc:"The clouds that an account can be in"`
	DefaultCloud string    `json:"default_cloud"`
	RoleSet      []string  `json:"role_set" nullable:"false" doc:"Azure roles of new accounts that name none"`
	Policy       Policy    `json:"policy" doc:"Of new accounts"`
	AzureGate    bool      `json:"azure_gate" doc:"Who signs in must be allowed to assign roles on the account's subscriptions"`
}
