package control

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Rule is a fault. It meets the requests that Service, Method and Path describe; of those it lets Skip pass and then
// befalls Times of them. The first rule that befalls a request is the only one that does.
type Rule struct {
	Service string  `json:"service,omitempty"` // entra, graph or arm; empty or *: any
	Method  string  `json:"method,omitempty"`  // empty or *: any
	Path    string  `json:"path,omitempty"`    // see pattern.go; empty: any
	Skip    int     `json:"skip,omitempty"`    // let this many pass first
	Times   int     `json:"times,omitempty"`   // 0: always
	Delay   Text    `json:"delay,omitempty"`   // wait first, e.g. "2s", or a number of seconds
	Answer  *Answer `json:"answer,omitempty"`  // answer this instead of doing the work
	Drop    string  `json:"drop,omitempty"`    // before, after: cut the connection before or after the work is done

	Matched int `json:"matched"` // requests met so far; ignored when set
	Applied int `json:"applied"` // requests befallen so far; ignored when set

	pattern *pattern
	delay   time.Duration
}

// Answer is what a fault answers. In a rule its properties may also stand beside service, method and path.
type Answer struct {
	Status     int               `json:"status,omitempty"`
	Body       json.RawMessage   `json:"body,omitempty"` // a JSON value, or a text that is sent as it is; absent: an error as the service words it
	Headers    map[string]string `json:"headers,omitempty"`
	RetryAfter Text              `json:"retry_after,omitempty"` // the Retry-After header: seconds or an HTTP date
}

// Text is a text that may also be written as a JSON number.
type Text string

// UnmarshalJSON takes a text or a number.
func (t *Text) UnmarshalJSON(raw []byte) error {
	var number json.Number
	if err := json.Unmarshal(raw, &number); err == nil && len(raw) > 0 && raw[0] != '"' {
		*t = Text(number)
		return nil
	}
	return json.Unmarshal(raw, (*string)(t))
}

// maxDelay bounds a fault's delay.
const maxDelay = 10 * time.Minute

type faults struct {
	mu    sync.Mutex
	rules []*Rule
}

// meet returns a copy of the rule that befalls the request; nil for none.
func (f *faults) meet(service string, r *http.Request) *Rule {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, rule := range f.rules {
		if rule.Times > 0 && rule.Applied >= rule.Times || !rule.meets(service, r) {
			continue
		}
		rule.Matched++
		if rule.Matched <= rule.Skip {
			continue
		}
		rule.Applied++
		c := *rule
		return &c
	}
	return nil
}

func (rule *Rule) meets(service string, r *http.Request) bool {
	return (rule.Service == "" || rule.Service == service) && (rule.Method == "" || rule.Method == r.Method) && rule.pattern.match(r.URL.Path)
}

func (c *Control) listFaults(*http.Request, []string) (any, error) {
	c.faults.mu.Lock()
	defer c.faults.mu.Unlock()
	list := []Rule{}
	for _, r := range c.faults.rules {
		list = append(list, *r)
	}
	return list, nil
}

func (c *Control) clearFaults(*http.Request, []string) (any, error) {
	c.setRules(nil)
	return nil, nil
}

func (c *Control) setRules(rules []*Rule) {
	c.faults.mu.Lock()
	defer c.faults.mu.Unlock()
	c.faults.rules = rules
}

// setFaults replaces the rules by those of an array, of {"rules": […]}, or by the one of an object.
func (c *Control) setFaults(r *http.Request, _ []string) (any, error) {
	var raw json.RawMessage
	if err := read(r, &raw); err != nil {
		return nil, err
	}
	rules, err := parseRules(raw)
	if err != nil {
		return nil, err
	}
	c.setRules(rules)
	return c.listFaults(r, nil)
}

func parseRules(raw json.RawMessage) ([]*Rule, error) {
	var list []json.RawMessage
	var wrapped struct {
		Rules *[]json.RawMessage `json:"rules"`
	}
	switch {
	case json.Unmarshal(raw, &wrapped) == nil && wrapped.Rules != nil:
		if err := decode(raw, &wrapped, ""); err != nil {
			return nil, err
		}
		list = *wrapped.Rules
	case bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")):
		list = []json.RawMessage{raw}
	default:
		if err := decode(raw, &list, "rules"); err != nil {
			return nil, err
		}
	}
	rules := []*Rule{}
	for i, raw := range list {
		rule, err := parseRule(raw, fmt.Sprintf("rules[%d]", i))
		if err != nil {
			return nil, err
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

func parseRule(raw json.RawMessage, at string) (*Rule, error) {
	var in struct {
		Rule
		Answer *Answer `json:"answer"` // nearer than Rule's, and
		flatAnswer
	}
	if err := decode(otherSpellings(raw), &in, at); err != nil {
		return nil, err
	}
	rule := in.Rule
	rule.Matched, rule.Applied = 0, 0
	rule.Answer = in.Answer
	if flat := Answer(in.flatAnswer); flat.Status != 0 || flat.Body != nil || flat.Headers != nil || flat.RetryAfter != "" {
		if in.Answer != nil {
			return nil, invalid(at+".answer", "The answer is given twice: in %q and beside it.", "answer")
		}
		rule.Answer = &flat
	}
	return &rule, rule.check(at)
}

// otherSpellings takes the names that people write for a property to its own.
func otherSpellings(raw json.RawMessage) json.RawMessage {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return raw // decode says what is wrong with it
	}
	changed := false
	for other, name := range map[string]string{"Retry-After": "retry_after", "retryAfter": "retry_after", "path_pattern": "path", "pattern": "path"} {
		if v, ok := object[other]; ok && object[name] == nil {
			object[name], changed = v, true
			delete(object, other)
		}
	}
	if out, err := json.Marshal(object); err == nil && changed {
		return out
	}
	return raw
}

// flatAnswer is an Answer that is embedded in a rule.
type flatAnswer Answer

func (rule *Rule) check(at string) error {
	rule.Service = strings.ToLower(strings.Trim(rule.Service, "*"))
	rule.Method = strings.ToUpper(strings.Trim(rule.Method, "*"))
	rule.Drop = strings.ToLower(rule.Drop)
	switch rule.Service {
	case "", "entra", "graph", "arm", "keyvault":
	default:
		return invalid(at+".service", `"service" is entra, graph, arm or keyvault, not %q.`, rule.Service)
	}
	if rule.Skip < 0 {
		return invalid(at+".skip", `"skip" is a number from 0.`)
	}
	if rule.Times < 0 {
		return invalid(at+".times", `"times" is a number from 0; 0 means always.`)
	}
	var err error
	if rule.pattern, err = newPattern(rule.Path); err != nil {
		return invalid(at+".path", `"path" is not a pattern: %v.`, err)
	}
	if rule.Delay != "" {
		text := string(rule.Delay)
		if strings.Trim(text, "0123456789.") == "" {
			text += "s"
		}
		if rule.delay, err = time.ParseDuration(text); err != nil || rule.delay < 0 || rule.delay > maxDelay {
			return invalid(at+".delay", `"delay" is a duration from "0s" to "10m" or a number of seconds, not %q.`, rule.Delay)
		}
	}
	switch rule.Drop {
	case "", "before", "after":
	default:
		return invalid(at+".drop", `"drop" is before or after, not %q.`, rule.Drop)
	}
	if rule.Answer != nil && rule.Drop != "" {
		return invalid(at+".drop", "A rule either answers or drops the connection, not both.")
	}
	if rule.Answer == nil && rule.Drop == "" && rule.Delay == "" {
		return invalid(at, `The rule does nothing: give "answer" with a "status", "delay" or "drop".`)
	}
	return rule.Answer.check(at + ".answer")
}

func (a *Answer) check(at string) error {
	if a == nil {
		return nil
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
