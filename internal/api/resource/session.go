package resource

import "time"

// Login asks for a session: exactly one of the two is given.
type Login struct {
	Login *Secret `json:"login,omitempty" required:"false" writeOnly:"true" doc:"The code of a one-time address, what stands behind #login="`
	Token *Secret `json:"token,omitempty" required:"false" writeOnly:"true" doc:"An API token of this server"`
}

// Session is one person's use of the page. Its times are on the server's own clock.
type Session struct {
	Caller    string    `json:"caller" doc:"On whose behalf its requests are made"`
	ExpiresAt time.Time `json:"expires_at" doc:"When it ends unless it is used before"`
}

// Link is an address that signs its bearer in, once.
type Link struct {
	URL       Secret    `json:"url" doc:"To be opened in a browser; it holds a login code in its fragment"`
	ExpiresAt time.Time `json:"expires_at" doc:"On the server's own clock"`
}
