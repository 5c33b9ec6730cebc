package graph

import (
	"net/http"
	"slices"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// policyReferences is …/appManagementPolicies of an application or service principal, which takes one policy.
func (c *call) policyReferences(k *odata.Kind, key objectKey, rest []odata.Segment) (*answer, error) {
	holder := func() (string, error) {
		id, _, err := c.seenHolder(k, key)
		return id, err
	}
	switch {
	case len(rest) == 0:
		return c.only(http.MethodGet, func() (*answer, error) {
			return c.read(func() (*answer, error) {
				id, err := holder()
				if err != nil {
					return nil, err
				}
				l := c.policyListing()
				l.context, l.objects = k.Set+"('"+id+"')/appManagementPolicies", c.policiesOf(id)
				return c.list(l)
			})
		})
	case len(rest) == 1 && rest[0].Is("$ref"):
		return c.only(http.MethodPost, func() (*answer, error) {
			policy, err := c.referenceSent()
			if err != nil {
				return nil, err
			}
			return c.write(func() (*answer, error) { return c.applyPolicy(holder, policy) })
		})
	case len(rest) == 2 && rest[1].Is("$ref"):
		policy, err := odata.ObjectID(rest[0].Original)
		if err != nil {
			return nil, err
		}
		return c.only(http.MethodDelete, func() (*answer, error) {
			return c.write(func() (*answer, error) { return c.liftPolicy(holder, policy) })
		})
	}
	return nil, odata.NoSegment(rest[0].Original)
}

func (c *call) applyPolicy(holder func() (string, error), policy string) (*answer, error) {
	id, err := holder()
	if err != nil {
		return nil, err
	}
	p, err := c.writablePolicy(policy)
	if err != nil {
		return nil, err
	}
	for other := range c.Directory.AppPolicies.Each(directory.ByTarget(id)) {
		if other == policy {
			return nil, alreadyReferenced("appManagementPolicies")
		}
		return nil, odata.Refused("Only one policy of type 'AppManagementPolicy' can be assigned to an object.")
	}
	p.AppliesTo = append(slices.Clone(p.AppliesTo), id)
	c.Directory.AppPolicies.Put(p.ID, p)
	return noContent()
}

func (c *call) liftPolicy(holder func() (string, error), policy string) (*answer, error) {
	id, err := holder()
	if err != nil {
		return nil, err
	}
	p, err := c.writablePolicy(policy)
	if err != nil {
		return nil, err
	}
	i := slices.Index(p.AppliesTo, id)
	if i < 0 {
		return nil, odata.NotFound(policy)
	}
	p.AppliesTo = slices.Delete(slices.Clone(p.AppliesTo), i, i+1)
	c.Directory.AppPolicies.Put(p.ID, p)
	return noContent()
}
