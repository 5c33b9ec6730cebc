package graph

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// target is an application or service principal that gets a credential, as policies see it.
type target struct {
	kind    *odata.Kind
	id      string
	created time.Time
}

// effective returns the restrictions that hold for an object and the id of their policy: its own, which replaces the
// tenant's default, or that (Microsoft Graph, application management policies). A disabled policy restricts nothing.
func (c *call) effective(t target) (restrictions, string) {
	var r restrictions
	for id, p := range c.Directory.AppPolicies.Each(directory.ByTarget(t.id)) {
		if p.Enabled {
			return decoded(p.Restrictions), id
		}
	}
	p := c.defaultPolicy(c.Directory.DefaultPolicies.Get)
	switch {
	case !p.Enabled:
		return r, ""
	case t.kind == c.kinds.application:
		return decoded(p.Applications), defaultPolicyID
	}
	return decoded(p.ServicePrincipals), defaultPolicyID
}

func decoded(stored json.RawMessage) restrictions {
	var r restrictions
	if json.Unmarshal(stored, &r) != nil {
		return restrictions{} // what is stored was checked when it was sent
	}
	return r
}

// checkPassword refuses a client secret that policy does not allow. custom: the request chose its text.
func (c *call) checkPassword(t target, p directory.Password, custom bool) error {
	r, policy := c.effective(t)
	if _, ok := r.find(passwordAddition, t.created); ok {
		return typeNotAllowed(policy)
	}
	if _, ok := r.find(customPasswordAddition, t.created); ok && custom {
		return typeNotAllowed(policy)
	}
	return r.checkLifetime(passwordLifetime, t, policy, p.Start, p.End)
}

// checkNewKeys refuses keyCredentials that policy does not allow, among those that are not there yet.
func (c *call) checkNewKeys(t target, have, want []directory.Key) error {
	r, policy := c.effective(t)
	for _, k := range want {
		if slices.ContainsFunc(have, func(h directory.Key) bool { return h.KeyID == k.KeyID }) {
			continue
		}
		lifetime := asymmetricKeyLifetime
		if k.Type == "Symmetric" {
			if _, ok := r.find(symmetricKeyAddition, t.created); ok {
				return typeNotAllowed(policy)
			}
			lifetime = symmetricKeyLifetime
		}
		if err := r.checkLifetime(lifetime, t, policy, k.Start, k.End); err != nil {
			return err
		}
	}
	return nil
}

func (r restrictions) checkLifetime(kind string, t target, policy string, start, end time.Time) error {
	found, ok := r.find(kind, t.created)
	if !ok || found.MaxLifetime == nil {
		return nil
	}
	if limit, ok := parseDuration(*found.MaxLifetime); ok && end.Sub(start) > limit {
		return &odata.Problem{
			// Recorded 2024-03: code, text, and the code and target of the detail.
			Status: http.StatusBadRequest, Code: "CredentialInvalidLifetimeAsPerAppPolicy", Target: "EndDate", Detail: "InvalidKeyEndDate",
			Message: fmt.Sprintf("Credential lifetime exceeds the max value allowed as per assigned policy '%s'.", policy),
		}
	}
	return nil
}

// typeNotAllowed has the code and the text that scripts look for.
func typeNotAllowed(policy string) error {
	return &odata.Problem{
		Status: http.StatusBadRequest, Code: "CredentialTypeNotAllowedAsPerAppPolicy",
		Message: fmt.Sprintf("Credential type not allowed as per assigned policy '%s'.", policy),
	}
}

// locked refuses a change of a service principal's property that its application locks (Microsoft Graph,
// servicePrincipalLockConfiguration; code and text as users report them). lock is the lock's own name for it.
func (c *call) locked(appID, property, lock string) error {
	app, ok := c.Directory.Applications.Find(appID)
	if !ok {
		return nil
	}
	locks, _ := odata.PlainValue(stored(c.kinds.application, app.Properties, "servicePrincipalLockConfiguration")).(map[string]any)
	if locks["isEnabled"] != true || locks["allProperties"] != true && locks[lock] != true {
		return nil
	}
	return &odata.Problem{
		Status: http.StatusBadRequest, Code: "CannotUpdateLockedServicePrincipalProperty",
		Message: "Property " + property + " is invalid.",
	}
}

// keysLocked is locked for keyCredentials, whose locks go by their usage.
func (c *call) keysLocked(appID string, have, want []directory.Key) error {
	for _, lists := range [][2][]directory.Key{{have, want}, {want, have}} {
		for _, k := range lists[0] {
			if slices.ContainsFunc(lists[1], func(o directory.Key) bool { return o.KeyID == k.KeyID }) {
				continue
			}
			if err := c.locked(appID, "keyCredentials", "credentialsWithUsage"+k.Usage); err != nil {
				return err
			}
		}
	}
	return nil
}
