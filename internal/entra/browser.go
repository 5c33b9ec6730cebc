package entra

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

const authorizationCode = "authorization_code"

// Authorization is a sign-in in a browser that has not come back yet (Microsoft identity platform, authorization code flow
// with a proof key: RFC 7636). Each is good once.
type Authorization struct {
	State    secret.Value // comes back with the browser: who knows it was sent by us
	Verifier secret.Value // the proof key: without it a code that is seen on its way is worth nothing
	Nonce    secret.Value // comes back in the id token
	Redirect string       // where Microsoft sends the browser back to
	Fragment bool         // the answer comes behind a #, which browsers send to no server
}

// NewAuthorization makes state, proof key and nonce of 256 random bits each.
func NewAuthorization(redirect string, fragment bool) Authorization {
	return Authorization{State: random(), Verifier: random(), Nonce: random(), Redirect: redirect, Fragment: fragment}
}

func random() secret.Value {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	return secret.New(base64.RawURLEncoding.EncodeToString(raw))
}

// authorizationJSON is how an Authorization is sealed.
type authorizationJSON struct {
	State    string `json:"state"`
	Verifier string `json:"verifier"`
	Nonce    string `json:"nonce"`
	Redirect string `json:"redirect"`
	Fragment bool   `json:"fragment,omitempty"`
}

// Pack writes an Authorization as one secret, to be sealed.
func (a Authorization) Pack() (secret.Value, error) {
	raw, err := json.Marshal(authorizationJSON{a.State.Reveal(), a.Verifier.Reveal(), a.Nonce.Reveal(), a.Redirect, a.Fragment})
	if err != nil {
		return secret.Value{}, fmt.Errorf("packing a sign-in: %w", err)
	}
	return secret.New(string(raw)), nil
}

// UnpackAuthorization reads what Pack wrote.
func UnpackAuthorization(v secret.Value) (Authorization, error) {
	var a authorizationJSON
	if json.Unmarshal([]byte(v.Reveal()), &a) != nil || a.State == "" || a.Verifier == "" {
		return Authorization{}, errors.New("unpacking a sign-in: it is not in the expected form") // the decoder's text may quote it
	}
	return Authorization{secret.New(a.State), secret.New(a.Verifier), secret.New(a.Nonce), a.Redirect, a.Fragment}, nil
}

// AuthorizeURL is the address at which a person signs in at a tenant. Microsoft asks which account to use: a browser is often
// signed in as somebody without rights. The address holds the state, so it is for the person who began the sign-in.
func (c *Client) AuthorizeURL(tenant, scope string, a Authorization) secret.Value {
	sum := sha256.Sum256([]byte(a.Verifier.Reveal()))
	mode := "query"
	if a.Fragment {
		mode = "fragment"
	}
	page := c.endpoint(tenant, "authorize")
	if c.cloud.Pages != "" {
		page = c.cloud.Pages + strings.TrimPrefix(page, c.cloud.Login)
	}
	return secret.New(page + "?" + url.Values{
		"client_id":             {c.clientID},
		"response_type":         {"code"},
		"response_mode":         {mode},
		"redirect_uri":          {a.Redirect},
		"scope":                 {signInScope(scope)},
		"state":                 {a.State.Reveal()},
		"nonce":                 {a.Nonce.Reveal()},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(sum[:])},
		"code_challenge_method": {"S256"},
		"prompt":                {"select_account"},
	}.Encode())
}

// RedeemCode gets the tokens for the code that a browser brought, at the tenant and for the scope of AuthorizeURL. It fails
// where the id token is not the one that was asked for.
func (c *Client) RedeemCode(ctx context.Context, tenant, scope string, a Authorization, code secret.Value) (Token, error) {
	t, err := c.token(ctx, c.endpoint(tenant, "token"), url.Values{
		"grant_type":    {authorizationCode},
		"client_id":     {c.clientID},
		"code":          {code.Reveal()},
		"redirect_uri":  {a.Redirect},
		"code_verifier": {a.Verifier.Reveal()},
		"scope":         {signInScope(scope)},
	})
	if err != nil {
		return Token{}, fmt.Errorf("completing a sign-in: %w", err)
	}
	if t.Person == nil || subtle.ConstantTimeCompare([]byte(t.Nonce), []byte(a.Nonce.Reveal())) != 1 {
		return Token{}, fmt.Errorf("completing a sign-in: %w: the id token is not of this sign-in", azure.ErrUnreadable)
	}
	return t, nil
}

// Return is what a browser brought back from Microsoft.
type Return struct {
	State secret.Value
	Code  secret.Value // empty where Refused is set
	// Refused is why there is no code.
	Refused *Error
}

// maxAddress is more than Microsoft's codes need, which have about 1,500 characters.
const maxAddress = 16 << 10

// ReadReturn reads the address that a browser was sent back to: a person may have copied it, with the answer in its query or
// behind its #. The faults name the field url.
func ReadReturn(address secret.Value) (*Return, error) {
	text := strings.TrimSpace(address.Reveal())
	wrong := func(message string) error {
		return fault.BadField("url", message,
			"Copy the whole address out of the browser's address bar once Microsoft has sent you back; it begins with http and holds code= and state=.")
	}
	switch {
	case text == "":
		return nil, wrong("No address is given.")
	case len(text) > maxAddress:
		return nil, wrong("The address is too long to be one of a sign-in.")
	}
	u, err := url.Parse(text)
	if err != nil { // the parser's text quotes the address, which holds a code
		return nil, wrong("This is not an address.")
	}
	values := u.Query()
	if !values.Has("state") {
		if values, err = url.ParseQuery(u.Fragment); err != nil {
			return nil, wrong("This is not an address of a sign-in that came back.")
		}
	}
	back := &Return{State: secret.New(values.Get("state")), Code: secret.New(values.Get("code"))}
	switch {
	case back.State.Empty():
		return nil, wrong("This is not an address of a sign-in that came back.")
	case values.Get("error") != "":
		back.Code = secret.Value{}
		back.Refused = refusedReturn(values)
	case back.Code.Empty():
		return nil, wrong("The address holds neither a code nor a refusal.")
	}
	return back, nil
}

// refusedReturn is the error that a browser brings. Anybody can write such an address, so its texts are cut short.
func refusedReturn(values url.Values) *Error {
	e := &Error{
		Status: http.StatusBadRequest, grant: authorizationCode,
		OAuth:       azure.OneLine(values.Get("error"), 100),
		SubError:    azure.OneLine(values.Get("error_subcode"), 100),
		Description: withoutIDs(azure.OneLine(values.Get("error_description"), 1500)),
	}
	e.Code = codeIn(e.Description)
	return e
}

// ClientID is the application that people sign in to.
func (c *Client) ClientID() string { return c.clientID }
