package graph

import (
	"time"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// holder is an application or a service principal as its credentials and owners see it: a copy that put stores.
type holder struct {
	kind      *odata.Kind
	id, appID string
	created   time.Time
	owners    *[]string
	passwords *[]directory.Password
	keys      *[]directory.Key
	hints     bool // secrets have a hint; service principals' have none (recorded 2020 to 2023)
	put       func()
}

// seenHolder returns the id and the owners of an application or service principal, as a replica sees it, that the
// caller may read.
func (c *call) seenHolder(k *odata.Kind, key objectKey) (id string, owners []string, err error) {
	if !c.mayRead(k) {
		return "", nil, odata.Forbidden()
	}
	if k == c.kinds.application {
		a, err := c.seenApplication(key)
		if err != nil {
			return "", nil, err
		}
		return a.ID, a.Owners, nil
	}
	p, err := c.seenServicePrincipal(key)
	if err != nil {
		return "", nil, err
	}
	return p.ID, p.Owners, nil
}

// writableHolder finds the object of kind k that an action or reference changes.
func (c *call) writableHolder(k *odata.Kind, key objectKey) (*holder, error) {
	if !c.mayWriteSome() {
		return nil, odata.Forbidden()
	}
	return c.changeableHolder(k, key, func(owners []string, _ string) bool { return c.mayWrite(owners) })
}

func (c *call) changeableHolder(k *odata.Kind, key objectKey, allowed func(owners []string, appID string) bool) (*holder, error) {
	if k == c.kinds.application {
		a, err := c.changeableApplication(key, allowed)
		if err != nil {
			return nil, err
		}
		return &holder{k, a.ID, a.AppID, a.CreatedAt, &a.Owners, &a.Passwords, &a.Keys, true, func() { c.Directory.Applications.Put(a.ID, a) }}, nil
	}
	p, err := c.changeableServicePrincipal(key, allowed)
	if err != nil {
		return nil, err
	}
	return &holder{k, p.ID, p.AppID, p.CreatedAt, &p.Owners, &p.Passwords, &p.Keys, false, func() { c.Directory.ServicePrincipals.Put(p.ID, p) }}, nil
}

func (h *holder) target() target { return target{h.kind, h.id, h.created} }

// maxCredentials is about what fits into one object (Microsoft Entra service limits).
const maxCredentials = 1000

func (h *holder) full() bool { return len(*h.passwords)+len(*h.keys) >= maxCredentials }
