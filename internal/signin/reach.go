package signin

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/graph"
	"github.com/evercred/evercred/internal/store"
)

// Access is whether a sign-in gives tokens at a tenant.
type Access string

// The kinds of access.
const (
	Available     Access = "available"
	MFARequired   Access = "mfa_required"   // the tenant asks for a second factor, in a sign-in of its own
	GuestDisabled Access = "guest_disabled" // the person's account there is disabled, or is not there any more
	TokenError    Access = "token_error"    // Microsoft refuses, for another reason
	UnknownAccess Access = "unknown"        // Microsoft did not answer
)

// Answer is yes, no or unknown.
type Answer string

// The answers.
const (
	Yes     Answer = "yes"
	No      Answer = "no"
	Unknown Answer = "unknown"
)

// Tenant is a directory that a person is in. Reason says why Access is not Available, or why Register is not Yes.
type Tenant struct {
	arm.Tenant
	Home     bool // the person's own
	Access   Access
	Register Answer // whether the person may register applications there
	Reason   string
}

// Subscription is one that a person sees. Reason says why AssignRoles is not Yes.
type Subscription struct {
	ID, Name, State string
	AssignRoles     Answer // whether the person may assign roles on it
	Reason          string
}

// How many questions are asked at the same time: of tenants each has four, of subscriptions one.
const (
	tenantsAtOnce       = 6
	subscriptionsAtOnce = 16
)

// reached is a sign-in that gives tokens at one tenant.
type reached struct {
	conn    Connection
	session *Session
	log     *Service
}

func (r *reached) arm() (*arm.Client, error) {
	return arm.New(arm.Config{Cloud: r.conn.Cloud, Token: r.session.Token(r.conn.Cloud.ManagementScope), Clock: r.log.clock, Logger: r.log.log})
}

func (r *reached) graph() (*graph.Client, error) {
	return graph.New(graph.Config{Cloud: r.conn.Cloud, Token: r.session.Token(r.conn.Cloud.GraphScope), Clock: r.log.clock, Logger: r.log.log})
}

// use opens a sign-in of the caller for questions. tenant may be empty for the sign-in's own.
func (s *Service) use(ctx context.Context, by account.Caller, id, tenant string) (*account.SignInSession, store.SessionSecret, error) {
	v, err := s.Check(ctx, by, id, "", tenant)
	if err != nil {
		return nil, store.SessionSecret{}, err
	}
	kept, err := s.store.SignInSessionSecret(ctx, by, id)
	return v, kept, err
}

func (s *Service) reach(ctx context.Context, v *account.SignInSession, kept store.SessionSecret, tenant string) (*reached, error) {
	conn, err := s.connection(v.Cloud)
	if err != nil {
		return nil, err
	}
	session, _, err := s.at(ctx, v, kept, tenant)
	if err != nil {
		return nil, err
	}
	return &reached{conn, session, s}, nil
}

// listTenants opens a sign-in of the caller, and asks Resource Manager which tenants its person is in.
func (s *Service) listTenants(ctx context.Context, by account.Caller, id string) (*account.SignInSession, store.SessionSecret, []arm.Tenant, error) {
	v, kept, err := s.use(ctx, by, id, "")
	if err != nil {
		return nil, kept, nil, err
	}
	r, err := s.reach(ctx, v, kept, "")
	if err != nil {
		return nil, kept, nil, explain(err)
	}
	manager, err := r.arm()
	if err != nil {
		return nil, kept, nil, err
	}
	list, err := manager.Tenants(ctx)
	if err != nil {
		return nil, kept, nil, explain(err)
	}
	return v, kept, list, nil
}

// Tenants lists the tenants that the person of a sign-in is in, the person's own first, then by name, each with what can be
// done there. A login of the Azure CLI reaches its own tenant only.
func (s *Service) Tenants(ctx context.Context, by account.Caller, id string) ([]Tenant, error) {
	v, kept, list, err := s.listTenants(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(list, func(t arm.Tenant) bool { return strings.EqualFold(t.ID, v.TenantID) }) && uuid.Validate(v.TenantID) == nil {
		list = append(list, arm.Tenant{ID: v.TenantID})
	}
	out := make([]Tenant, len(list))
	work := make([]int, len(list))
	for i := range work {
		work[i] = i
	}
	err = each(ctx, work, tenantsAtOnce, func(ctx context.Context, i int) error {
		out[i] = s.lookAt(ctx, v, kept, list[i])
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(a, b Tenant) int {
		if a.Home != b.Home {
			if a.Home {
				return -1
			}
			return 1
		}
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.ID, b.ID))
	})
	return out, nil
}

// Tenant looks at one of them again. The fault of one that the person is not in has code NotFound.
func (s *Service) Tenant(ctx context.Context, by account.Caller, id, tenant string) (*Tenant, error) {
	v, kept, list, err := s.listTenants(ctx, by, id)
	if err != nil {
		return nil, err
	}
	for _, t := range list {
		if strings.EqualFold(t.ID, tenant) || t.Domain != "" && strings.EqualFold(t.Domain, tenant) {
			out := s.lookAt(ctx, v, kept, t)
			return &out, ctx.Err()
		}
	}
	return nil, fault.New(fault.NotFound, "%s is in no tenant %s.", v.Person, tenant).
		WithRemedy("Check the id of the tenant, or sign in as a person who is a member or a guest there.")
}

// lookAt tries a sign-in at a tenant.
func (s *Service) lookAt(ctx context.Context, v *account.SignInSession, kept store.SessionSecret, t arm.Tenant) Tenant {
	out := Tenant{Tenant: t, Home: isHome(v, t), Access: Available, Register: Unknown}
	if v.Method == account.ByAzureCLI && !strings.EqualFold(t.ID, v.TenantID) {
		out.Access, out.Reason = UnknownAccess, "The Azure CLI's tokens are of another tenant. Sign in for this one: `az login --tenant "+t.ID+"`."
		return out
	}
	r, err := s.reach(ctx, v, kept, t.ID)
	if err != nil {
		out.Access, out.Reason = accessOf(err), sentence(explain(err))
		return out
	}
	directory, err := r.graph()
	if err != nil {
		out.Reason = sentence(explain(err))
		return out
	}
	may, err := directory.MayRegister(ctx)
	switch {
	case err != nil && Refused(err):
		out.Access, out.Reason = accessOf(err), sentence(explain(err))
	case err != nil:
		out.Reason = "It could not be read whether applications may be registered here: " + explain(err).Message
	case may.Allowed:
		out.Register = Yes
	case may.Guest:
		out.Register, out.Reason = No, "Guests of the tenant may not register applications without a directory role such as Application Developer."
	default:
		out.Register, out.Reason = No, "The tenant lets only some directory roles register applications: Application Developer, Application Administrator or Cloud Application Administrator."
	}
	return out
}

// isHome reports whether a tenant is the person's own: the one whose domain the name of the person is in.
func isHome(v *account.SignInSession, t arm.Tenant) bool {
	_, domain, _ := strings.Cut(v.Person, "@")
	return domain != "" && slices.ContainsFunc(t.Domains, func(d string) bool { return strings.EqualFold(d, domain) })
}

// accessOf names what keeps a sign-in from a tenant.
func accessOf(err error) Access {
	if azure.Transient(err) || explain(err).Code == fault.Unreachable {
		return UnknownAccess
	}
	e, ok := errors.AsType[*entra.Error](err)
	if !ok {
		return TokenError
	}
	switch e.Code {
	case 50072, 50074, 50076, 50078, 50079, 50158:
		return MFARequired
	case 50034, 50020, 50057, 500571, 50177, 90072: // disabled, also as a guest, or not there
		return GuestDisabled
	}
	return TokenError
}

func sentence(f *fault.Error) string {
	text := f.Message
	if f.Source != "" {
		text += " " + f.Source
	}
	return text
}
