package control

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/evercred/evercred/emulator/script"
)

type faults struct {
	mu      sync.Mutex
	rules   []*rule
	callers bool // some rule asks who calls
}

// meet returns a copy of the rule that befalls the request; nil for none.
func (f *faults) meet(service string, r *http.Request, who *claimed) *rule {
	f.mu.Lock()
	if len(f.rules) == 0 {
		f.mu.Unlock()
		return nil
	}
	ask := f.callers
	f.mu.Unlock()
	var names []string
	if ask {
		names = who.names() // reads the request's body, perhaps: not under the lock
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, rule := range f.rules {
		if rule.Times > 0 && rule.Applied >= rule.Times || !rule.meets(service, r, names) {
			continue
		}
		rule.Matched++
		if rule.Matched <= rule.Skip || !rule.strikes(rule.Matched) {
			continue
		}
		rule.Applied++
		c := *rule
		return &c
	}
	return nil
}

func (f *faults) set(rules []*rule) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = rules
	f.callers = slices.ContainsFunc(rules, func(r *rule) bool { return r.Caller != "" })
}

func (c *Control) listFaults(*http.Request, []string) (any, error) {
	c.faults.mu.Lock()
	defer c.faults.mu.Unlock()
	list := []script.Rule{}
	for _, r := range c.faults.rules {
		list = append(list, r.Rule)
	}
	return list, nil
}

func (c *Control) clearFaults(*http.Request, []string) (any, error) {
	c.faults.set(nil)
	return nil, nil
}

// setFaults replaces the rules.
func (c *Control) setFaults(r *http.Request, _ []string) (any, error) {
	var raw json.RawMessage
	if err := read(r, &raw); err != nil {
		return nil, err
	}
	rules, err := parseRules(raw)
	if err != nil {
		return nil, err
	}
	c.faults.set(rules)
	return c.listFaults(r, nil)
}

func checkAnswer(a *script.Answer, service, at string) error {
	if a == nil {
		return nil
	}
	if a.Error != "" {
		known, found := knownError(service, a.Error)
		if !found {
			return invalid(at+".error", "There is no well-known error %q of this service. GET /_emulator/errors lists them.", a.Error)
		}
		if a.Status == 0 {
			a.Status = known.Status
		}
	}
	if a.Status < 200 || a.Status > 599 {
		return invalid(at+".status", `"status" is an HTTP status from 200 to 599, not %d.`, a.Status)
	}
	for name, value := range a.Headers {
		if !validHeader(name, value) {
			return invalid(at+".headers", "%q is not an HTTP header that can be sent.", name)
		}
	}
	if !validHeader("Retry-After", string(a.RetryAfter)) {
		return invalid(at+".retry_after", `"retry_after" is a number of seconds or an HTTP date.`)
	}
	return nil
}

// validHeader holds to RFC 9110, section 5: a name is a token, a value has no control characters.
func validHeader(name, value string) bool {
	for _, r := range name {
		if r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r) {
			return false
		}
	}
	return name != "" && !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}
