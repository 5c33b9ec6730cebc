package renewal

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/permission"
	"github.com/evercred/evercred/internal/recent"
)

// required is what a subject must be allowed on each subscription: the purposes of a profile, or, where profile is nil, Azure
// roles, whose contents are read as they are needed. It is safe for concurrent use.
type required struct {
	profile  *permission.Profile
	purposes []permission.Purpose
	all      bool // no purposes were named
	memory   *memory
}

// memory keeps what is the same for many subscriptions.
type memory struct {
	mu    sync.Mutex
	lacks map[string][]lacked // by effective permissions
}

// roleMemory is how long a built-in role is known: it is the same for all tenants of a cloud, and Microsoft changes it a few
// times a year. A change is noticed a day late.
const roleMemory = 24 * time.Hour

// builtInRoles are those of a cloud that were read lately, by their names in lower case.
type builtInRoles struct {
	*recent.Cache[string, *arm.RoleDefinition]
}

func newBuiltInRoles() builtInRoles {
	return builtInRoles{recent.Keep[string, *arm.RoleDefinition](roleMemory)}
}

// requiredBy is what a subject asks for. A profile or purpose that this version of Evercred does not know any more asks for
// nothing: the account says so by its profile.
func requiredBy(s subject) required {
	r := required{memory: &memory{lacks: map[string][]lacked{}}}
	p, err := permission.Lookup(s.profile)
	if err != nil || p.IsDefault() {
		return r
	}
	r.profile, r.purposes, r.all = p, knownPurposes(p, s.purposes), len(s.purposes) == 0
	return r
}

// knownPurposes are those of the names that the profile has; all where no name is given.
func knownPurposes(p *permission.Profile, names []string) []permission.Purpose {
	if len(names) == 0 {
		all, _ := p.Select(nil)
		return all
	}
	var out []permission.Purpose
	for _, n := range names {
		if one, err := p.Select([]string{n}); err == nil {
			out = append(out, one...)
		}
	}
	return out
}

func (r required) noun() string {
	if r.profile == nil {
		return "roles"
	}
	return "permissions"
}

// definition reads an Azure role, a built-in one once a day.
func (b builtInRoles) definition(ctx context.Context, client *arm.Client, scope, name string, now time.Time) (*arm.RoleDefinition, error) {
	if known, ok := b.Get(strings.ToLower(name), now); ok {
		return known, nil
	}
	def, err := client.RoleDefinition(ctx, scope, name)
	if err == nil && def.BuiltIn {
		b.Put(strings.ToLower(name), def, now)
	}
	return def, err
}

// lacked is what one purpose lacks.
type lacked struct{ actions, dataActions []string }

func (l lacked) any() bool { return len(l.actions)+len(l.dataActions) > 0 }

func anyLack(all []lacked) bool {
	for _, l := range all {
		if l.any() {
			return true
		}
	}
	return false
}

// lacking holds the purposes against effective permissions: what each of them lacks, in their order; nil of the default
// profile. Hundreds of subscriptions tend to have the same permissions, and are held against the purposes once.
func (r required) lacking(held []permission.Grant) []lacked {
	if r.profile == nil {
		return nil
	}
	key := fmt.Sprintf("%q", held)
	r.memory.mu.Lock()
	known, ok := r.memory.lacks[key]
	r.memory.mu.Unlock()
	if ok {
		return known
	}
	out, holding := make([]lacked, len(r.purposes)), permission.Holding(held)
	for i := range r.purposes {
		out[i].actions, out[i].dataActions = holding.Missing([]permission.Grant{r.purposes[i].Grant()})
	}
	r.memory.mu.Lock()
	r.memory.lacks[key] = out
	r.memory.mu.Unlock()
	return out
}

// book writes down what subscriptions lack so that it takes little room: the same finding once, the same name once.
type book struct {
	required
	out   account.PermissionCheck
	names map[string]int // position of a permission, by its text in lower case
	known map[string]int // number of a finding, by what it says
}

func newBook(r required) *book {
	b := &book{required: r, names: map[string]int{}, known: map[string]int{}}
	if r.profile != nil {
		b.out.Profile, b.out.Version, b.out.All = r.profile.Name, r.profile.Version, r.all
		for i := range r.purposes {
			b.out.Purposes = append(b.out.Purposes, r.purposes[i].Name)
		}
	}
	return b
}

// permissions is what was written; nil of the default profile.
func (b *book) permissions() *account.PermissionCheck {
	if b.profile == nil {
		return nil
	}
	return &b.out
}

// enter writes what one subscription lacks, and points the subscription to it.
func (b *book) enter(e *examined) {
	if b.profile == nil {
		return
	}
	f := account.Finding{Unknown: e.unknown, Closed: e.closed}
	for i, l := range e.lacks {
		if l.any() {
			f.Lacks = append(f.Lacks, account.Lack{Purpose: i, Actions: b.positions(l.actions), DataActions: b.positions(l.dataActions)})
		}
	}
	key := fmt.Sprint(f)
	n, ok := b.known[key]
	if !ok {
		b.out.Findings = append(b.out.Findings, f)
		n = len(b.out.Findings)
		b.known[key] = n
	}
	e.check.Finding = n
}

func (b *book) positions(texts []string) []int {
	var out []int
	for _, t := range texts {
		key := strings.ToLower(t)
		i, ok := b.names[key]
		if !ok {
			i = len(b.out.Names)
			b.out.Names = append(b.out.Names, t)
			b.names[key] = i
		}
		out = append(out, i)
	}
	return out
}

// lackLine says in a line what the purposes lack on a subscription; empty of the default profile, and where nothing lacks.
func lackLine(c *account.Check, s *account.SubscriptionCheck) string {
	f := c.Finding(s)
	if f == nil || s.Unseen || s.Result != account.ResultMissing {
		return ""
	}
	var parts []string
	for _, l := range f.Lacks {
		n := len(l.Actions) + len(l.DataActions)
		parts = append(parts, fmt.Sprintf("%s (%d)", c.Permissions.Purposes[l.Purpose], n))
	}
	return "permissions of the purposes " + strings.Join(parts, ", ")
}
