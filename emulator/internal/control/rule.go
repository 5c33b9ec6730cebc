package control

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/bits"
	"net/http"
	"strings"
	"time"

	"github.com/evercred/evercred/emulator/script"
)

// maxDelay bounds a fault's waits.
const maxDelay = 10 * time.Minute

// rule is a script.Rule that was found good.
type rule struct {
	script.Rule
	pattern     *pattern
	delay, hold time.Duration
}

// meets says whether the rule is about the request. names are those that the request claims for its caller.
func (r *rule) meets(service string, req *http.Request, names []string) bool {
	return (r.Service == "" || r.Service == service) && (r.Method == "" || r.Method == req.Method) &&
		r.pattern.match(req.URL.Path) && (r.Caller == "" || contains(names, r.Caller))
}

// strikes says whether chance lets the rule befall its n-th request, the same for the same seed.
func (r *rule) strikes(n int) bool {
	return r.Probability == 0 || float64(chance(r.Seed, uint64(n))>>11)/(1<<53) < r.Probability //nolint:gosec // a count
}

// chance is the n-th of an even row of numbers that begins with seed (splitmix64).
func chance(seed, n uint64) uint64 {
	z := bits.RotateLeft64(seed, 32) + n*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// parseRules takes an array of rules, {"rules": […]}, or one rule.
func parseRules(raw json.RawMessage) ([]*rule, error) {
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
	rules := []*rule{}
	for i, raw := range list {
		r, err := parseRule(raw, fmt.Sprintf("rules[%d]", i))
		if err != nil {
			return nil, err
		}
		rules = append(rules, r)
	}
	return rules, nil
}

func parseRule(raw json.RawMessage, at string) (*rule, error) {
	var in struct {
		script.Rule
		Answer *script.Answer `json:"answer"` // nearer than Rule's, and
		flatAnswer
	}
	if err := decode(otherSpellings(raw), &in, at); err != nil {
		return nil, err
	}
	in.Rule.Answer = in.Answer
	if flat := script.Answer(in.flatAnswer); flat.Error != "" || flat.Status != 0 || flat.Body != nil || flat.Headers != nil || flat.RetryAfter != "" {
		if in.Answer != nil {
			return nil, invalid(at+".answer", "The answer is given twice: in %q and beside it.", "answer")
		}
		in.Rule.Answer = &flat
	}
	return newRule(in.Rule, at)
}

// flatAnswer is an Answer that is embedded in a rule.
type flatAnswer script.Answer

// otherSpellings takes the names that people write for a property to its own.
func otherSpellings(raw json.RawMessage) json.RawMessage {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return raw // decode says what is wrong with it
	}
	changed := false
	for other, name := range map[string]string{
		"Retry-After": "retry_after", "retryAfter": "retry_after", "path_pattern": "path", "pattern": "path", "cutConnection": "cut_connection",
	} {
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

// newRule checks a rule; at is its place in what was sent.
func newRule(in script.Rule, at string) (*rule, error) {
	r := &rule{Rule: in}
	r.Matched, r.Applied = 0, 0
	r.Service = strings.ToLower(strings.Trim(r.Service, "*"))
	r.Method = strings.ToUpper(strings.Trim(r.Method, "*"))
	r.Caller = strings.Trim(r.Caller, "*")
	r.Drop = strings.ToLower(r.Drop)
	switch r.Service {
	case "", "entra", "graph", "arm", "keyvault":
	default:
		return nil, invalid(at+".service", `"service" is entra, graph, arm or keyvault, not %q.`, r.Service)
	}
	if r.Skip < 0 {
		return nil, invalid(at+".skip", `"skip" is a number from 0.`)
	}
	if r.Times < 0 {
		return nil, invalid(at+".times", `"times" is a number from 0; 0 means always.`)
	}
	if r.Probability < 0 || r.Probability > 1 {
		return nil, invalid(at+".probability", `"probability" is a number above 0 up to 1; 0 means certain.`)
	}
	var err error
	if r.pattern, err = newPattern(r.Path); err != nil {
		return nil, invalid(at+".path", `"path" is not a pattern: %v.`, err)
	}
	if r.delay, err = parseWait(r.Delay, at+".delay"); err != nil {
		return nil, err
	}
	if r.hold, err = parseWait(r.Hold, at+".hold"); err != nil {
		return nil, err
	}
	if err := r.checkEffect(at); err != nil {
		return nil, err
	}
	return r, checkAnswer(r.Answer, r.Service, at+".answer")
}

func (r *rule) checkEffect(at string) error {
	switch r.Drop {
	case "", "before", "after":
	default:
		return invalid(at+".drop", `"drop" is before or after, not %q.`, r.Drop)
	}
	switch {
	case r.Answer != nil && r.Drop != "":
		return invalid(at+".drop", "A rule either answers or drops the connection, not both.")
	case r.CutConnection && r.Drop == "":
		return invalid(at+".cut_connection", `"cut_connection" goes with "drop".`)
	case r.Hold != "" && (r.Answer != nil || r.Drop == "before"):
		return invalid(at+".hold", `"hold" waits with the answer of work that was done: with "answer" or a "drop" before the work, use "delay".`)
	case r.Answer == nil && r.Drop == "" && r.Delay == "" && r.Hold == "" && len(r.Do) == 0 && len(r.Then) == 0:
		return invalid(at, `The rule does nothing: give "answer" with a "status" or an "error", "delay", "hold", "drop", "do" or "then".`)
	}
	for i, a := range r.Do {
		if err := checkAction(a, fmt.Sprintf("%s.do[%d]", at, i), true); err != nil {
			return err
		}
	}
	for i, a := range r.Then {
		if err := checkAction(a, fmt.Sprintf("%s.then[%d]", at, i), true); err != nil {
			return err
		}
	}
	return nil
}

func parseWait(wait script.Text, field string) (time.Duration, error) {
	text := string(wait)
	if text == "" {
		return 0, nil
	}
	if strings.Trim(text, "0123456789.") == "" {
		text += "s"
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > maxDelay {
		return 0, invalid(field, `%q is a duration from "0s" to "10m" or a number of seconds, not %q.`, field[strings.LastIndexByte(field, '.')+1:], wait)
	}
	return d, nil
}
