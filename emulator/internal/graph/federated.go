package graph

import (
	"encoding/json"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// maxFederated is how many federated credentials an application may have (Microsoft Graph, federatedIdentityCredentials
// overview).
const maxFederated = 20

// federatedKey is how a path names a federated credential: by id, or by name in the same place or as (name='…').
type federatedKey struct{ id, name string }

func (k federatedKey) String() string { return k.id + k.name }

func (k federatedKey) index(list []directory.FederatedCredential) int {
	return slices.IndexFunc(list, func(f directory.FederatedCredential) bool {
		return k.id != "" && f.ID == k.id || k.name != "" && f.Name == k.name
	})
}

// routeFederated is for …/federatedIdentityCredentials.
func (c *call) routeFederated(key objectKey, rest []odata.Segment) (*answer, error) {
	set, below := rest[0], rest[1:]
	if !set.HasKey && len(below) == 0 {
		return c.methods(map[string]func() (*answer, error){
			http.MethodGet:  func() (*answer, error) { return c.listFederated(key, false) },
			http.MethodPost: func() (*answer, error) { return c.createFederated(key) },
		})
	}
	var of federatedKey
	switch {
	case set.HasKey && set.KeyName != "" && !strings.EqualFold(set.KeyName, "id") && !strings.EqualFold(set.KeyName, "name"):
		return nil, odata.NoKey(set.KeyName, c.kinds.federated)
	case set.HasKey && strings.EqualFold(set.KeyName, "name"):
		of.name = set.Key
	case set.HasKey:
		of = federatedByText(set.Key)
	case len(below) == 1 && below[0].Is("$count"):
		return c.only(http.MethodGet, func() (*answer, error) { return c.listFederated(key, true) })
	default:
		of, below = federatedByText(below[0].Original), below[1:]
	}
	if len(below) > 0 {
		return nil, odata.NoSegment(below[0].Original)
	}
	return c.methods(map[string]func() (*answer, error){
		http.MethodGet:    func() (*answer, error) { return c.getFederated(key, of) },
		http.MethodPatch:  func() (*answer, error) { return c.updateFederated(key, of) },
		http.MethodDelete: func() (*answer, error) { return c.deleteFederated(key, of) },
	})
}

// federatedByText reads an id, or a name in its place (recorded 2022: GET by name answers 200).
func federatedByText(text string) federatedKey {
	if id, err := odata.ObjectID(text); err == nil {
		return federatedKey{id: id}
	}
	return federatedKey{name: text}
}

// federatedKind is the type of the version asked: the expression of a flexible credential is only in beta.
func (c *call) federatedKind() *odata.Kind {
	if c.version == "beta" {
		return c.kinds.federatedBeta
	}
	return c.kinds.federated
}

// federatedView shows one.
func (c *call) federatedView(f directory.FederatedCredential) view {
	values := map[string]any{
		"id": f.ID, "name": f.Name, "issuer": f.Issuer, "subject": f.Subject, "description": f.Description, "audiences": f.Audiences,
	}
	if f.Expression != nil {
		values["subject"] = nil
		values["claimsMatchingExpression"] = entity{{"value", f.Expression.Value}, {"languageVersion", f.Expression.LanguageVersion}}
	}
	return view{c.federatedKind(), f.ID, values}
}

// viewFederated yields those of an application.
func (c *call) viewFederated(a *directory.Application) iter.Seq[resource] {
	return func(yield func(resource) bool) {
		for _, f := range a.FederatedCredentials {
			if !yield(c.federatedView(f)) {
				return
			}
		}
	}
}

func (c *call) federatedContext(a *directory.Application) string {
	return "applications('" + a.ID + "')/federatedIdentityCredentials"
}

func (c *call) readableApplication(key objectKey) (*directory.Application, error) {
	if !c.mayRead(c.kinds.application) {
		return nil, odata.Forbidden()
	}
	return c.seenApplication(key)
}

func (c *call) listFederated(key objectKey, counting bool) (*answer, error) {
	return c.read(func() (*answer, error) {
		a, err := c.readableApplication(key)
		if err != nil {
			return nil, err
		}
		l := listing{kind: c.federatedKind(), context: c.federatedContext(a), units: 1, objects: c.viewFederated(a)}
		if counting {
			return c.countOf(l)
		}
		return c.list(l)
	})
}

func (c *call) getFederated(key objectKey, of federatedKey) (*answer, error) {
	return c.read(func() (*answer, error) {
		a, err := c.readableApplication(key)
		if err != nil {
			return nil, err
		}
		i := of.index(a.FederatedCredentials)
		if i < 0 {
			return nil, odata.NotFound(of.String())
		}
		return c.singleIn(c.federatedContext(a), c.federatedView(a.FederatedCredentials[i]))
	})
}

func (c *call) createFederated(key objectKey) (*answer, error) {
	values, err := c.body()
	if err != nil {
		return nil, err
	}
	return c.write(func() (*answer, error) {
		a, err := c.writableApplication(key)
		if err != nil {
			return nil, err
		}
		return c.addFederated(a, values)
	})
}

func (c *call) addFederated(a *directory.Application, values map[string]json.RawMessage) (*answer, error) {
	f := directory.FederatedCredential{ID: uuid.NewString()}
	if err := c.changeFederated(&f, values); err != nil {
		return nil, err
	}
	for _, other := range a.FederatedCredentials {
		if other.Name == f.Name {
			return nil, odata.Conflict("FederatedIdentityCredential with name %s already exists.", f.Name)
		}
	}
	if len(a.FederatedCredentials) >= maxFederated {
		return nil, odata.Refused("The maximum number of federated identity credentials for an application is %d.", maxFederated)
	}
	if err := uniqueSubject(f, a.FederatedCredentials); err != nil {
		return nil, err
	}
	a.FederatedCredentials = append(slices.Clone(a.FederatedCredentials), f)
	c.Directory.Applications.Put(a.ID, a)
	e := append(entity{c.context(c.federatedContext(a) + "/$entity")}, render(c.federatedView(f), nil)...)
	return &answer{
		status: http.StatusCreated, body: e, location: "/v2/" + c.TenantID + "/federatedIdentityCredentials/" + f.ID,
	}, nil
}

// updateFederated changes one, or makes it if it is named as (name='…') and the request prefers that
// (Microsoft Graph, upsert federatedIdentityCredential).
func (c *call) updateFederated(key objectKey, of federatedKey) (*answer, error) {
	values, err := c.body()
	if err != nil {
		return nil, err
	}
	return c.write(func() (*answer, error) {
		a, err := c.writableApplication(key)
		if err != nil {
			return nil, err
		}
		i := of.index(a.FederatedCredentials)
		if i < 0 && of.name != "" && c.createsIfMissing() {
			if _, ok := values["name"]; !ok {
				values["name"] = raw(of.name)
			}
			return c.addFederated(a, values)
		}
		if i < 0 {
			return nil, odata.NotFound(of.String())
		}
		f := a.FederatedCredentials[i]
		if err := sameID(values, f.ID); err != nil {
			return nil, err
		}
		if err := c.changeFederated(&f, values); err != nil {
			return nil, err
		}
		rest := slices.Delete(slices.Clone(a.FederatedCredentials), i, i+1)
		if err := uniqueSubject(f, rest); err != nil {
			return nil, err
		}
		a.FederatedCredentials = slices.Insert(rest, i, f)
		c.Directory.Applications.Put(a.ID, a)
		return noContent()
	})
}

func (c *call) deleteFederated(key objectKey, of federatedKey) (*answer, error) {
	return c.write(func() (*answer, error) {
		a, err := c.writableApplication(key)
		if err != nil {
			return nil, err
		}
		i := of.index(a.FederatedCredentials)
		if i < 0 {
			return nil, odata.NotFound(of.String())
		}
		a.FederatedCredentials = slices.Delete(slices.Clone(a.FederatedCredentials), i, i+1)
		c.Directory.Applications.Put(a.ID, a)
		return noContent()
	})
}

// createsIfMissing says whether a PATCH may create what it names by an alternate key: Prefer: create-if-missing.
func (c *call) createsIfMissing() bool {
	for _, header := range c.request.Header.Values("Prefer") {
		for preference := range strings.SplitSeq(header, ",") {
			if strings.EqualFold(strings.TrimSpace(preference), "create-if-missing") {
				return true
			}
		}
	}
	return false
}
