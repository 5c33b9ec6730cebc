package directory

import (
	"strings"

	"github.com/google/uuid"
)

// OtherTenant is a tenant that people of the one directory are guests of. It has no applications, subscriptions and people of
// its own: what is known of it is what a guest meets there.
type OtherTenant struct {
	ID          string           `json:"id"`
	Domain      string           `json:"domain"`
	DisplayName string           `json:"displayName"`
	CountryCode string           `json:"countryCode"`
	Guests      map[string]Guest `json:"guests"` // by the object id that the person has at home
}

// Guest is a person of the one directory in another tenant.
type Guest struct {
	Disabled    bool         `json:"disabled,omitempty"`
	Roles       []string     `json:"roles,omitempty"`       // directory roles there
	AccessRules []AccessRule `json:"accessRules,omitempty"` // what Conditional Access there refuses
}

// Other finds another tenant by its id or domain; nil if there is none.
func (t *Tenant) Other(name string) *OtherTenant {
	for i := range t.Others {
		if o := &t.Others[i]; name != "" && (strings.EqualFold(o.ID, name) || strings.EqualFold(o.Domain, name)) {
			return o
		}
	}
	return nil
}

// GuestID is the object id that a person has there.
func (o *OtherTenant) GuestID(home string) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(o.ID+"/guest/"+home)).String()
}

// Home finds who at home a guest is, by the object id there; empty if nobody.
func (o *OtherTenant) Home(guest string) string {
	for home := range o.Guests {
		if o.GuestID(home) == guest {
			return home
		}
	}
	return ""
}
