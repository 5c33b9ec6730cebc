// Package azurecli asks the Azure CLI of this machine for access tokens of the person who is signed in there.
//
// The tokens come by its standard output and go nowhere else but to the Evercred server; its own files are not touched.
package azurecli

import (
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

// Token is an access token. ExpiresAt is zero where the Azure CLI does not say when it ends.
type Token struct {
	Access    secret.Value
	ExpiresAt time.Time
}

// The services that tokens are for, as the Azure CLI names them (az account get-access-token: --resource-type).
const (
	Management = "arm"
	Graph      = "ms-graph"
)

// Get asks for a token for a service. tenant may be empty: then it is of the tenant that the Azure CLI works in. The faults:
// there is no Azure CLI, or it gives no token (code sign_in, with what it says itself).
func Get(ctx context.Context, service, tenant string) (Token, error) {
	path, err := exec.LookPath("az")
	if err != nil {
		return Token{}, fault.New(fault.SignIn, "The Azure CLI is not on this machine: there is no program az.").
			WithRemedy("Install it and sign in with az login, or sign in with --browser or with a code.").WithCause(err)
	}
	args := []string{"account", "get-access-token", "--resource-type", service, "--output", "json", "--only-show-errors"}
	if tenant != "" {
		args = append(args, "--tenant", tenant)
	}
	var out, problems bytes.Buffer
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdout, cmd.Stderr = &out, &problems
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return Token{}, ctx.Err()
		}
		f := fault.New(fault.SignIn, "The Azure CLI gives no token.").WithCause(err).
			WithMeaning("Nobody is signed in there, the login has ended, or a policy asks for more.").
			WithRemedy("Sign in with az login%s, or sign in here with --browser or with a code.", tenantFlag(tenant))
		f.Source = saying(problems.String())
		return Token{}, f
	}
	return read(out.Bytes())
}

func tenantFlag(tenant string) string {
	if tenant == "" {
		return ""
	}
	return " --tenant " + tenant
}

// read takes the token out of what the Azure CLI prints. expires_on came with version 2.54; the older expiresOn is in local
// time without saying which, so it is left alone: the token itself says when it ends.
func read(raw []byte) (Token, error) {
	var answer struct {
		Access  string          `json:"accessToken"`
		Expires json.RawMessage `json:"expires_on"`
	}
	if json.Unmarshal(raw, &answer) != nil || answer.Access == "" {
		return Token{}, fault.New(fault.SignIn, "The Azure CLI answers in a form that Evercred cannot read.").
			WithRemedy("Check that az account get-access-token prints JSON with an accessToken; a newer version may help.")
	}
	t := Token{Access: secret.New(answer.Access)}
	var seconds int64
	if json.Unmarshal(bytes.Trim(answer.Expires, `"`), &seconds) == nil && seconds > 0 {
		t.ExpiresAt = time.Unix(seconds, 0).UTC()
	}
	return t, nil
}

// maxSaying bounds what is shown of the Azure CLI's own words.
const maxSaying = 300

// saying is what the Azure CLI wrote, in a line.
func saying(text string) string {
	line := strings.Join(strings.Fields(text), " ")
	if runes := []rune(line); len(runes) > maxSaying {
		line = string(runes[:maxSaying]) + "…"
	}
	return line
}
