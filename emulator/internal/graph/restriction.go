package graph

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// Types of restrictions (Microsoft Graph, passwordCredentialConfiguration and keyCredentialConfiguration).
const (
	passwordAddition       = "passwordAddition"
	passwordLifetime       = "passwordLifetime"
	customPasswordAddition = "customPasswordAddition"
	symmetricKeyAddition   = "symmetricKeyAddition"
	symmetricKeyLifetime   = "symmetricKeyLifetime"
	asymmetricKeyLifetime  = "asymmetricKeyLifetime"
	trustedAuthority       = "trustedCertificateAuthority" // kept, not enforced: there are no authorities here
)

// restriction is one element of a policy.
type restriction struct {
	Type         string     `json:"restrictionType"`
	State        string     `json:"state"`
	MaxLifetime  *string    `json:"maxLifetime"`
	CreatedAfter *time.Time `json:"restrictForAppsCreatedAfterDateTime"`
}

// restrictions are those of a policy for one sort of object.
type restrictions struct {
	Passwords []restriction `json:"passwordCredentials"`
	Keys      []restriction `json:"keyCredentials"`
}

// find returns the restriction of a type that holds for an object created then. "After" includes the moment itself.
func (r restrictions) find(kind string, created time.Time) (restriction, bool) {
	for _, list := range [][]restriction{r.Passwords, r.Keys} {
		for _, e := range list {
			if e.Type == kind && e.State != "disabled" && (e.CreatedAfter == nil || !created.Before(*e.CreatedAfter)) {
				return e, true
			}
		}
	}
	return restriction{}, false
}

// readRestrictions reads a configuration into the variable: the collections that are sent take the place of those there.
func readRestrictions(r *odata.Reader, name string, into *json.RawMessage) {
	v, ok := r.Values[name]
	if !ok || r.Err != nil {
		return
	}
	if v[0] != '{' {
		r.Fail(odata.InvalidValue(name, r.Resource))
		return
	}
	sent, err := odata.Members(v)
	if err != nil {
		r.Fail(err)
		return
	}
	have, err := odata.Members(*into)
	if err != nil {
		r.Fail(err)
		return
	}
	for _, m := range sent {
		switch m.Name {
		case "passwordCredentials":
			m.Value, err = configurations(m.Value, passwordAddition, passwordLifetime, customPasswordAddition, symmetricKeyAddition, symmetricKeyLifetime)
		case "keyCredentials":
			m.Value, err = configurations(m.Value, asymmetricKeyLifetime, trustedAuthority)
		}
		if err != nil {
			r.Fail(err)
			return
		}
		if i := slices.IndexFunc(have, func(h odata.Member) bool { return h.Name == m.Name }); i >= 0 {
			have[i].Value = m.Value
		} else {
			have = append(have, m)
		}
	}
	for i := range have {
		have[i].Value = odata.Compact(have[i].Value)
	}
	*into = odata.Joined(have)
}

// configurations checks a collection of restrictions and completes each element.
func configurations(v json.RawMessage, types ...string) (json.RawMessage, error) {
	var list []json.RawMessage
	if string(v) == "null" || json.Unmarshal(v, &list) != nil {
		return nil, odata.InvalidValue("restrictions", "AppManagementPolicy")
	}
	out := make([]entity, len(list))
	var seen []string
	for i, item := range list {
		values, err := odata.Object(item)
		if err != nil || item[0] != '{' {
			return nil, odata.InvalidValue("restrictions", "AppManagementPolicy")
		}
		r := &odata.Reader{Values: values, Resource: "PasswordCredentialConfiguration"}
		r.Only("microsoft.graph.passwordCredentialConfiguration", "restrictionType", "state", "maxLifetime",
			"restrictForAppsCreatedAfterDateTime", "certificateBasedApplicationConfigurationIds", "excludeActors")
		kind, state, lifetime, after := r.Text("restrictionType"), r.Text("state"), r.Text("maxLifetime"), r.Time("restrictForAppsCreatedAfterDateTime")
		enabled := "enabled"
		if state == nil {
			state = &enabled
		}
		switch {
		case r.Err != nil:
			return nil, r.Err
		case kind == nil || !slices.Contains(types, *kind) || slices.Contains(seen, *kind):
			return nil, odata.InvalidValue("restrictionType", r.Resource)
		case *state != "enabled" && *state != "disabled":
			return nil, odata.InvalidValue("state", r.Resource)
		case lifetime != nil && !isDuration(*lifetime), lifetime == nil && *state == "enabled" && strings.HasSuffix(*kind, "Lifetime"):
			return nil, odata.InvalidValue("maxLifetime", r.Resource)
		}
		seen = append(seen, *kind)
		e := entity{{"restrictionType", *kind}, {"state", *state}, {"maxLifetime", lifetime}, {"restrictForAppsCreatedAfterDateTime", optionalTime(after)}}
		for _, name := range []string{"certificateBasedApplicationConfigurationIds", "excludeActors"} {
			if v, ok := values[name]; ok {
				e = append(e, field{name, odata.Compact(v)})
			}
		}
		out[i] = e
	}
	return appendJSON(nil, out), nil
}

func isDuration(text string) bool {
	_, ok := parseDuration(text)
	return ok
}

// parseDuration reads an Edm.Duration: P4DT12H30M5S, P90D. It has no months or years.
func parseDuration(text string) (time.Duration, bool) {
	m := regexp.MustCompile(`^P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6}(?:\.\d{1,7})?)S)?)?$`).FindStringSubmatch(text)
	if m == nil || text == "P" || strings.HasSuffix(text, "T") {
		return 0, false
	}
	total := 0.0
	for i, seconds := range []float64{24 * 3600, 3600, 60, 1} {
		if n, err := strconv.ParseFloat(m[i+1], 64); err == nil {
			total += n * seconds
		}
	}
	if total > math.MaxInt64/float64(time.Second) {
		return math.MaxInt64, true
	}
	return time.Duration(total * float64(time.Second)), true
}
