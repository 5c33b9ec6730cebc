package authn

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// LinkLifetime is how long an address with a login code is good where nothing else is asked.
const LinkLifetime = 15 * time.Minute

// Link is an address that signs a person in, once.
type Link struct {
	URL       secret.Value // with the code in its fragment
	ExpiresAt time.Time
}

// Link makes an address that signs its bearer in as by, once, within the lifetime.
func (a *Authenticator) Link(ctx context.Context, by account.Caller, lifetime time.Duration) (*Link, error) {
	now := a.clock.Now()
	code, expires := secret.New(rand.Text()), now.Add(lifetime)
	if err := a.store.AddLoginCode(ctx, by, code, now, expires); err != nil {
		return nil, err
	}
	return &Link{URL: secret.New(a.base.Scheme + "://" + a.base.Host + "/#login=" + code.Reveal()), ExpiresAt: expires}, nil
}

// Redeem uses a login code up and returns as whom its bearer signs in. The fault of one that is not good has code
// Unauthorized and says whether it was used, has ended, or is not known.
func (a *Authenticator) Redeem(ctx context.Context, code secret.Value) (account.Caller, error) {
	by, state, err := a.store.TakeLoginCode(ctx, code, a.clock.Now())
	if err != nil {
		return account.Caller{}, err
	}
	var f *fault.Error
	switch state {
	case store.CodeGood:
		return by, nil
	case store.CodeUsed:
		f = fault.New(fault.Unauthorized, "This address has been used already.").
			WithMeaning("Each address signs in once. If it was not you who used it, somebody else has seen it.")
	case store.CodeExpired:
		f = fault.New(fault.Unauthorized, "This address is not good any more.").
			WithMeaning("An address that signs in is good for a short time only.")
	default:
		f = fault.New(fault.Unauthorized, "This address was not made by this server, or long ago.").
			WithMeaning("It may have been copied incompletely, or belong to another Evercred server.")
	}
	f.Field = "login"
	return account.Caller{}, f.WithRemedy("Run `evercred web` on the machine of the server, and open the new address that it prints.")
}
