package control

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/evercred/evercred/emulator/script"
)

// limits are the allowances of callers, as token buckets. Resource Manager's are always counted, since its answers say
// what is left; they refuse only where the throttling is on.
type limits struct {
	personal func(path string) string // the application of a path that takes personal accounts; empty: none such

	mu      sync.Mutex
	on      script.Throttling
	buckets map[string]*bucket
}

// bucket is filled evenly up to its size; a request takes from it.
type bucket struct {
	left float64
	at   time.Time // when left was right, on the emulator's clock
}

// size of a bucket, and what flows in each second.
type size struct{ most, perSecond float64 }

// The published sizes. Graph: "Throttling limits, identity and access": resource units for each application and tenant
// in a tenant of under 50 people, and writes. Resource Manager: "Request limits and throttling": for each principal in a
// subscription or tenant, and 15 times that for a subscription's principals together; recorded 2026-04.
func graphUnits() size  { return size{3500, 350} }
func graphWrites() size { return size{3000, 20} }

// A tenant's writes by all applications, and those to one application that takes personal accounts.
func tenantWrites() size   { return size{18_000, 60} }
func personalWrites() size { return size{60, 1} }

func armSize(kind string) size {
	if kind == "reads" {
		return size{250, 25}
	}
	return size{200, 10}
}

// together is how many times a principal's allowance a subscription has for all of them.
const together = 15

// maxBuckets bounds what made-up callers can fill.
const maxBuckets = 10_000

func newLimits(personal func(path string) string) *limits {
	return &limits{personal: personal, buckets: map[string]*bucket{}}
}

// personalApplication finds the application that a path of Graph is about, by object id or client id, if its sign-in
// audience has personal accounts.
func (c *Control) personalApplication(path string) string {
	_, rest, found := strings.Cut(strings.ToLower(path), "/applications")
	if !found || rest == "" {
		return ""
	}
	id := strings.TrimSuffix(strings.TrimPrefix(strings.TrimLeft(rest, "/"), "(appid='"), "')")
	if end := strings.IndexAny(id, "/'"); end >= 0 {
		id = id[:end]
	}
	app := ""
	c.directory.Read(func() {
		a, ok := c.directory.Applications.Get(id)
		if !ok {
			a, ok = c.directory.Applications.Find(id)
		}
		if ok && strings.HasSuffix(a.SignInAudience, "PersonalMicrosoftAccount") {
			app = a.ID
		}
	})
	return app
}

func (l *limits) set(on script.Throttling) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.on, l.buckets = on, map[string]*bucket{}
}

// take takes cost from a bucket if at least need is there; else it returns how long until then. The lock is held.
func (l *limits) take(key string, s size, now time.Time, need, cost float64) (left float64, wait time.Duration) {
	if l.on.Factor > 0 {
		s.most, s.perSecond = max(1, s.most*l.on.Factor), s.perSecond*l.on.Factor
	}
	b := l.buckets[key]
	if b == nil {
		if len(l.buckets) >= maxBuckets {
			clear(l.buckets)
		}
		b = &bucket{s.most, now}
		l.buckets[key] = b
	}
	if passed := now.Sub(b.at); passed > 0 {
		b.left = min(s.most, b.left+passed.Seconds()*s.perSecond)
	}
	b.at = now
	if b.left < need {
		return b.left, time.Duration((need - b.left) / s.perSecond * float64(time.Second))
	}
	b.left -= cost
	return b.left, 0
}

// begin takes a request from its caller's allowance. It returns nil where nothing is counted.
func (l *limits) begin(service string, r *http.Request, who *claimed, now time.Time) *meter {
	l.mu.Lock()
	on := l.on
	l.mu.Unlock()
	if service != "arm" && (service != "graph" || !on.Graph) {
		return nil
	}
	c := who.get()
	if c.AppID == "" || c.ObjectID == "" && service == "arm" {
		return nil
	}
	m := &meter{limits: l, service: service, claims: c, now: now}
	if service == "graph" {
		m.graph(r, l.personal(r.URL.Path))
	} else {
		m.arm(r, on.ARM)
	}
	return m
}

// graph draws for a request; personal is the application that it is about, if that takes personal accounts.
func (m *meter) graph(r *http.Request, personal string) {
	l := m.limits
	l.mu.Lock()
	defer l.mu.Unlock()
	m.key = "graph/" + m.claims.TenantID + "/" + m.claims.AppID
	if _, m.wait = l.take(m.key, graphUnits(), m.now, 1, 0); m.wait > 0 {
		m.reason = "ResourceUnitLimitExceeded"
		return
	}
	if !writes(r) {
		return
	}
	draws := []struct {
		key string
		size
	}{{m.key + "/writes", graphWrites()}, {"graph/" + m.claims.TenantID + "/writes", tenantWrites()}}
	if personal != "" {
		draws = append(draws, struct {
			key string
			size
		}{"graph/personal/" + personal, personalWrites()})
	}
	for _, d := range draws {
		if _, wait := l.take(d.key, d.size, m.now, 1, 1); wait > m.wait {
			m.wait, m.reason = wait, "WriteLimitExceeded"
		}
	}
}

// writes says whether a request to Graph changes something: some posts only ask.
func writes(r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return false
	}
	last := strings.ToLower(r.URL.Path[strings.LastIndexAny(r.URL.Path, "/.")+1:])
	switch last {
	case "getbyids", "checkmembergroups", "checkmemberobjects", "getmembergroups", "getmemberobjects", "validateproperties":
		return false
	}
	return true
}

func (m *meter) arm(r *http.Request, refuses bool) {
	m.kind = "writes"
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		m.kind = "reads"
	case http.MethodDelete:
		m.kind = "deletes"
	}
	segments := strings.FieldsFunc(r.URL.Path, func(r rune) bool { return r == '/' })
	if len(segments) > 1 && strings.EqualFold(segments[0], "subscriptions") {
		m.subscription = strings.ToLower(segments[1])
	}
	l := m.limits
	l.mu.Lock()
	defer l.mu.Unlock()
	key := "arm/" + m.subscription + "/" + m.kind
	left, wait := l.take(key+"/"+m.claims.ObjectID, armSize(m.kind), m.now, 1, 1)
	m.left = int(max(0, left))
	if m.subscription != "" {
		all := armSize(m.kind)
		left, longer := l.take(key, size{together * all.most, together * all.perSecond}, m.now, 1, 1)
		m.global, wait = int(max(0, left)), max(wait, longer)
	}
	if refuses {
		m.wait = wait
	}
}
