package main

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/evercred/evercred/cmd/evercred/internal/azurecli"
	"github.com/evercred/evercred/cmd/evercred/internal/browser"
	"github.com/evercred/evercred/cmd/evercred/internal/loopback"
	"github.com/evercred/evercred/cmd/evercred/internal/terminal"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

// alternatives are the ways to sign in other than by a code.
type alternatives struct {
	Browser  bool `xor:"how" help:"Sign in with this machine's browser instead of a code."`
	AzureCLI bool `name:"azure-cli" xor:"how" help:"Use the login of the Azure CLI on this machine (az login) instead of a code."`
}

// signing has the flags of all commands that may need a sign-in.
type signing struct {
	alternatives
	SignInID string `name:"sign-in-id" xor:"how" placeholder:"ID" help:"Use a sign-in that was made before with evercred sign-in."`
}

// given reports whether one of the flags is there.
func (s signing) given() bool { return s.Browser || s.AzureCLI || s.SignInID != "" }

// use returns the id of the sign-in that the flags ask for, at a tenant of a cloud (both may be empty); none where the
// operation is to ask for one itself. Call done when the command is over: a sign-in that was made for it alone ends then.
func (s signing) use(ctx context.Context, p *program, c *client.Client, cloud, tenant string) (id string, done func(), err error) {
	done = func() {}
	if s.SignInID != "" || !s.given() {
		return s.SignInID, done, nil
	}
	made, err := s.begin(ctx, p, c, resource.SignInRequest{Cloud: cloud, TenantID: tenant})
	if err != nil {
		return "", done, err
	}
	return made.ID, func() { end(ctx, c, made.ID) }, nil
}

// useFor is use for an account that stands already.
func (s signing) useFor(ctx context.Context, p *program, c *client.Client, name string) (id string, done func(), err error) {
	if !s.Browser && !s.AzureCLI {
		return s.SignInID, func() {}, nil
	}
	a, err := c.Account(ctx, name)
	if err != nil {
		return "", func() {}, err
	}
	return s.use(ctx, p, c, a.Cloud, a.TenantID)
}

// useOf is use for an operation that waits. One whose account is still to be added does not say where it works.
func (s signing) useOf(ctx context.Context, p *program, c *client.Client, o *resource.Operation) (id string, done func(), err error) {
	if o.Account.ID == "" {
		return s.use(ctx, p, c, "", "")
	}
	return s.useFor(ctx, p, c, o.Account.ID)
}

// end ends a sign-in that nobody else knows. If that fails it ends by itself within the hour.
func end(ctx context.Context, c *client.Client, id string) {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, _ = c.EndSignIn(bounded, id)
}

// begin signs a person in, and returns when that is done. A sign-in that comes to nothing is ended.
func (s alternatives) begin(ctx context.Context, p *program, c *client.Client, r resource.SignInRequest) (*resource.SignInSession, error) {
	var made *resource.SignInSession
	var err error
	switch {
	case s.AzureCLI:
		return signInByAzureCLI(ctx, p, c, r)
	case s.Browser:
		made, err = signInByBrowser(ctx, p, c, r)
	default:
		made, err = signInByCode(ctx, p, c, r)
	}
	if made != nil && err != nil {
		end(ctx, c, made.ID)
	}
	if err != nil {
		return nil, err
	}
	p.term.Say("Signed in as %s.", terminal.Clean(made.Person))
	return made, nil
}

// signInByCode shows a code and waits until it was entered.
func signInByCode(ctx context.Context, p *program, c *client.Client, r resource.SignInRequest) (*resource.SignInSession, error) {
	r.Method = account.ByDevice
	s, err := c.BeginSignIn(ctx, r)
	if err != nil {
		return nil, err
	}
	p.term.Say("%s", terminal.Clean(s.Message))
	return waitForPerson(ctx, c, s)
}

// signInByBrowser opens the browser of this machine and waits until Microsoft sends it back here.
func signInByBrowser(ctx context.Context, p *program, c *client.Client, r resource.SignInRequest) (*resource.SignInSession, error) {
	l, err := loopback.Listen(ctx)
	if err != nil {
		return nil, fault.New(fault.SignIn, "No port of this machine can be listened on for the browser: %s.", err).WithRemedy("Sign in with a code, without --browser.").WithCause(err)
	}
	defer l.Close()
	r.Method, r.RedirectURI = account.ByBrowser, l.URI()
	s, err := c.BeginSignIn(ctx, r)
	if err != nil {
		return nil, err
	}
	address, err := url.Parse(s.AuthorizeURL.Reveal())
	if err != nil {
		return s, fault.New(fault.Internal, "The server gave no address to sign in at.").WithRemedy("Look at the server's log.")
	}
	l.Serve(secret.New(address.Query().Get("state")))
	if err := browser.Open(ctx, s.AuthorizeURL.Value); err != nil {
		p.term.Say("No browser was opened here: %s. Open this address in a browser of this machine:\n%s", err, address)
	} else {
		p.term.Say("A browser has opened for the sign-in. If none has, open this address in a browser of this machine:\n%s", address)
	}
	// The server's clock may be another one: it says itself when nobody came in time.
	gone := make(chan error, 1)
	watch, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		_, err := waitForPerson(watch, c, s)
		gone <- err
	}()
	select {
	case <-ctx.Done():
		return s, ctx.Err()
	case err := <-gone:
		if err == nil {
			err = fault.New(fault.Conflict, "The sign-in was completed elsewhere.").WithRemedy("Sign in again.")
		}
		return s, err
	case back := <-l.Came():
		stop()
		done, err := c.ReturnSignIn(ctx, s.ID, resource.SignInReturn{URL: &resource.Secret{Value: back}})
		if err != nil {
			return s, err
		}
		return done, outcomeOfSignIn(done)
	}
}

// signInByAzureCLI takes the tokens of the Azure CLI's login.
func signInByAzureCLI(ctx context.Context, p *program, c *client.Client, r resource.SignInRequest) (*resource.SignInSession, error) {
	management, err := azurecli.Get(ctx, azurecli.Management, r.TenantID)
	if err != nil {
		return nil, err
	}
	directory, err := azurecli.Get(ctx, azurecli.Graph, r.TenantID)
	if err != nil {
		return nil, err
	}
	r.Method = account.ByAzureCLI
	r.Tokens = &resource.SignInTokens{Management: accessToken(management), Graph: accessToken(directory)}
	s, err := c.BeginSignIn(ctx, r)
	if err != nil {
		return nil, err
	}
	p.term.Say("Signed in as %s, by the Azure CLI.", terminal.Clean(s.Person))
	return s, nil
}

func accessToken(t azurecli.Token) resource.AccessToken {
	out := resource.AccessToken{AccessToken: &resource.Secret{Value: t.Access}}
	if !t.ExpiresAt.IsZero() {
		out.ExpiresAt = &t.ExpiresAt
	}
	return out
}

// signInPoll is one long poll: a server that hangs is noticed soon after.
const signInPoll = 2 * time.Second

// waitForPerson waits until somebody has signed in, or nobody will.
func waitForPerson(ctx context.Context, c *client.Client, s *resource.SignInSession) (*resource.SignInSession, error) {
	for !s.Over() {
		next, err := c.WaitForSignIn(ctx, s.ID, s.Version, signInPoll)
		if err != nil {
			return s, err
		}
		s = next
	}
	return s, outcomeOfSignIn(s)
}

// outcomeOfSignIn is the error that a sign-in stands for; nil where somebody has signed in.
func outcomeOfSignIn(s *resource.SignInSession) error {
	switch {
	case s.State == account.SignInDone:
		return nil
	case s.Problem != nil:
		return s.Problem.Fault()
	case s.State == account.SignInWaiting:
		return errors.New("waiting for a sign-in: it is not over")
	}
	return fault.New(fault.SignIn, "The sign-in was ended.").WithRemedy("Sign in again.")
}
