package graph

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/azure"
)

// CredentialPolicy is what the tenant allows for credentials of an application (Microsoft Graph, app management policies).
// Zero lifetimes mean that none is set.
type CredentialPolicy struct {
	SecretsForbidden    bool
	SecretLifetime      time.Duration
	CertificateLifetime time.Duration
}

type restrictionJSON struct {
	Type  string    `json:"restrictionType"`
	State string    `json:"state"`
	Max   string    `json:"maxLifetime"`
	After time.Time `json:"restrictForAppsCreatedAfterDateTime"`
}

type restrictionsJSON struct {
	Passwords []restrictionJSON `json:"passwordCredentials"`
	Keys      []restrictionJSON `json:"keyCredentials"`
}

// CredentialPolicy reads the policy in force for an application that was made at created: its own one if it has any, else the
// tenant's default one. objectID may be empty for an application that is not made yet. Reading it takes the permission
// Policy.Read.ApplicationConfiguration or a directory role: IsForbidden(err) for most people, which says nothing.
func (c *Client) CredentialPolicy(ctx context.Context, objectID string, created time.Time) (CredentialPolicy, error) {
	if objectID != "" {
		type own struct {
			Enabled      bool             `json:"isEnabled"`
			Restrictions restrictionsJSON `json:"restrictions"`
		}
		list, err := azure.List[own](ctx, c.api, "/v1.0/applications/"+url.PathEscape(objectID)+"/appManagementPolicies", nil)
		if err != nil {
			return CredentialPolicy{}, fmt.Errorf("reading the policies of application %s: %w", objectID, err)
		}
		for _, p := range list {
			if p.Enabled {
				return p.Restrictions.policy(created), nil
			}
		}
	}
	var tenant struct {
		Enabled      bool             `json:"isEnabled"`
		Applications restrictionsJSON `json:"applicationRestrictions"`
	}
	if err := c.api.Read(ctx, "/v1.0/policies/defaultAppManagementPolicy", nil, &tenant); err != nil {
		return CredentialPolicy{}, fmt.Errorf("reading the tenant's policy for applications: %w", err)
	}
	if !tenant.Enabled {
		return CredentialPolicy{}, nil
	}
	return tenant.Applications.policy(created), nil
}

// policy draws from restrictions what holds for an application made at a moment.
func (r restrictionsJSON) policy(created time.Time) CredentialPolicy {
	var out CredentialPolicy
	holds := func(one restrictionJSON, kind string) bool {
		return one.Type == kind && one.State == "enabled" && !created.Before(one.After)
	}
	for _, one := range r.Passwords {
		switch {
		case holds(one, "passwordAddition"):
			out.SecretsForbidden = true
		case holds(one, "passwordLifetime"):
			out.SecretLifetime = parseISODuration(one.Max)
		}
	}
	for _, one := range r.Keys {
		if holds(one, "asymmetricKeyLifetime") {
			out.CertificateLifetime = parseISODuration(one.Max)
		}
	}
	return out
}

// parseISODuration reads an ISO 8601 duration, as P90D or P1Y6M; a year counts 365 days and a month 30, so that what is made
// of it is never too long. 0 for anything else.
func parseISODuration(text string) time.Duration {
	rest, ok := strings.CutPrefix(text, "P")
	if !ok {
		return 0
	}
	const day = 24 * time.Hour
	units := map[byte]time.Duration{'Y': 365 * day, 'M': 30 * day, 'W': 7 * day, 'D': day}
	var total time.Duration
	for rest != "" {
		if rest[0] == 'T' {
			units, rest = map[byte]time.Duration{'H': time.Hour, 'M': time.Minute, 'S': time.Second}, rest[1:]
			continue
		}
		i := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if i <= 0 {
			return 0
		}
		n, err := strconv.ParseInt(rest[:i], 10, 32)
		unit := units[rest[i]]
		if err != nil || unit == 0 {
			return 0
		}
		total += time.Duration(n) * unit
		rest = rest[i+1:]
	}
	return total
}

// IsSecretsForbidden reports whether a policy of the tenant refused a secret. Nothing was changed.
func IsSecretsForbidden(err error) bool {
	return hasCode(err, "CredentialTypeNotAllowedAsPerAppPolicy")
}

// IsLifetimeRefused reports whether a policy of the tenant refused a credential that would last too long. Nothing was changed.
func IsLifetimeRefused(err error) bool {
	return hasCode(err, "CredentialInvalidLifetimeAsPerAppPolicy")
}
