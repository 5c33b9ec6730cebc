package signin

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/cloud"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// Connection is a cloud with its Entra client.
type Connection struct {
	Cloud cloud.Cloud
	Entra *entra.Client
}

// Config is what a Service needs. Store, Clouds, Default and Clock are required.
type Config struct {
	Store     *store.Store
	Clouds    map[string]Connection // by name
	Default   string                // name of the cloud that is meant where none is named
	Clock     clock.Clock
	ClientID  string // of sign-ins
	Tenant    string // where people sign in if no tenant is named; empty: at their own, whichever that is
	PublicURL string // where people open the page, if it was said: Microsoft can then send them back there
	Logger    *slog.Logger
}

// Service keeps sign-ins that several operations may use. It is safe for concurrent use. Keep Run going.
type Service struct {
	store     *store.Store
	clouds    map[string]Connection
	first     string
	clock     clock.Clock
	clientID  string
	tenant    string
	publicURL string
	log       *slog.Logger

	locks [64]sync.Mutex // one sign-in is changed by one at a time; by hash of its id
	mu    sync.Mutex
	next  map[string]time.Time // when a device code may be asked about again
	swept time.Time            // when old sign-ins were last forgotten
}

// NewService makes a Service. It does not start anything.
func NewService(c Config) *Service {
	s := &Service{
		store: c.Store, clouds: c.Clouds, first: c.Default, clock: c.Clock, clientID: c.ClientID, tenant: c.Tenant, publicURL: strings.TrimRight(c.PublicURL, "/"),
		log: c.Logger, next: map[string]time.Time{},
	}
	if s.clientID == "" {
		s.clientID = entra.AzureCLI
	}
	if s.tenant == "" {
		s.tenant = account.Organizations
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s
}

// Get returns a sign-in of the caller. The fault of any other has code NotFound.
func (s *Service) Get(ctx context.Context, by account.Caller, id string) (*account.SignInSession, error) {
	return s.store.SignInSession(ctx, by, id)
}

// List returns the caller's sign-ins, newest first, also those that ended within the last day.
func (s *Service) List(ctx context.Context, by account.Caller) ([]*account.SignInSession, error) {
	return s.store.SignInSessions(ctx, by)
}

// AuthorizeURL is where the person goes to complete a sign-in in the browser; empty where nothing waits for that.
func (s *Service) AuthorizeURL(ctx context.Context, by account.Caller, v *account.SignInSession) (secret.Value, error) {
	if v.Method != account.ByBrowser || v.State != account.SignInWaiting {
		return secret.Value{}, nil
	}
	conn, err := s.connection(v.Cloud)
	if err != nil {
		return secret.Value{}, err
	}
	kept, err := s.store.SignInSessionSecret(ctx, by, v.ID)
	if err != nil || kept.Browser.Empty() {
		return secret.Value{}, err // it came back a moment ago
	}
	a, err := entra.UnpackAuthorization(kept.Browser)
	if err != nil {
		return secret.Value{}, err
	}
	return conn.Entra.AuthorizeURL(v.TenantID, conn.Cloud.ManagementScope, a), nil
}

// End destroys what a sign-in holds. Operations that have taken it over go on with their own copy. One that is over stays
// as it is.
func (s *Service) End(ctx context.Context, by account.Caller, id string) (*account.SignInSession, error) {
	defer s.lock(id)()
	v, err := s.store.SignInSession(ctx, by, id)
	if err != nil || v.Over() {
		return v, err
	}
	return v, s.end(ctx, by, v)
}

func (s *Service) end(ctx context.Context, by account.Caller, v *account.SignInSession) error {
	v.State = account.SignInEnded
	return s.put(ctx, by, "sign_in.ended", v, nil)
}

// put stores a sign-in with its audit row, and what it holds where secrets says so.
func (s *Service) put(ctx context.Context, by account.Caller, action string, v *account.SignInSession, secrets func(*store.Tx) error) error {
	detail := map[string]string{"sign_in": v.ID, "method": string(v.Method), "tenant": v.TenantID}
	if v.Person != "" {
		detail["person"] = v.Person
	}
	if v.Problem != nil {
		detail["problem"] = v.Problem.Message
	}
	return s.store.Change(ctx, by, store.Event{Action: action, Detail: detail}, func(tx *store.Tx) error {
		if err := tx.PutSignInSession(v); err != nil || secrets == nil {
			return err
		}
		return secrets(tx)
	})
}

// fail ends a sign-in that was refused.
func (s *Service) fail(ctx context.Context, by account.Caller, v *account.SignInSession, f *fault.Error) error {
	v.State = account.SignInFailed
	v.Problem = &account.Problem{Code: string(f.Code), Message: f.Message, Meaning: f.Meaning, Remedy: f.Remedy, Field: f.Field, Source: f.Source}
	return s.put(ctx, by, "sign_in.failed", v, nil)
}

// done keeps what a sign-in gave. A token of all organizations is the person's own tenant's.
func (s *Service) done(ctx context.Context, by account.Caller, v *account.SignInSession, person *entra.Person, kept store.SessionSecret) error {
	now := s.clock.Now()
	ends := now.Add(Lifetime)
	if v.EndsAt == nil || ends.Before(*v.EndsAt) {
		v.EndsAt = &ends
	}
	v.State, v.SignedInAt = account.SignInDone, &now
	v.Person, v.PersonID = person.UserPrincipalName, person.ObjectID
	if v.Person == "" {
		v.Person = person.Name
	}
	if person.TenantID != "" {
		v.TenantID = person.TenantID
	}
	return s.put(ctx, by, "sign_in.done", v, func(tx *store.Tx) error { return tx.PutSignInSessionSecret(v.ID, kept, "") })
}

// redeemed is done for the tokens of a device code or an authorization code.
func (s *Service) redeemed(ctx context.Context, by account.Caller, v *account.SignInSession, t entra.Token) error {
	if t.Refresh.Empty() || t.Person == nil {
		return s.fail(ctx, by, v, noRefreshToken())
	}
	return s.done(ctx, by, v, t.Person, store.SessionSecret{Refresh: t.Refresh})
}

func noRefreshToken() *fault.Error {
	return fault.New(fault.SignIn, "Microsoft Entra gave no refresh token for the sign-in.").
		WithMeaning("Evercred could not finish an operation that is interrupted; nothing was changed.").
		WithRemedy("Check the client id that Evercred signs people in with: it must be allowed the offline_access scope.")
}

// lock serialises changes of one sign-in; call what it returns to let go.
func (s *Service) lock(id string) func() {
	m := &s.locks[sha256.Sum256([]byte(id))[0]%64]
	m.Lock()
	return m.Unlock
}

// Client tells which application people sign in to, and whether Microsoft sends their browsers back to the server's public
// address.
func (s *Service) Client() (id string, redirects bool) { return s.clientID, s.ownRedirect() }

// DefaultTenant is where people sign in if no tenant is named; account.Organizations for any.
func (s *Service) DefaultTenant() string { return s.tenant }

// Methods are the ways to sign in.
func Methods() []account.SignInMethod {
	return []account.SignInMethod{account.ByDevice, account.ByBrowser, account.ByAzureCLI}
}

// connection finds a cloud by name; empty means the default.
func (s *Service) connection(name string) (Connection, error) {
	if name == "" {
		name = s.first
	}
	c, ok := s.clouds[name]
	if !ok {
		return c, fault.BadField("cloud", "There is no cloud \""+name+"\".", "Use one of: "+strings.Join(slices.Sorted(maps.Keys(s.clouds)), ", ")+".")
	}
	return c, nil
}

func newID() string { return "si-" + uuid.NewString() }

func explain(err error) *fault.Error { return azure.Explain(err, "Microsoft") }
