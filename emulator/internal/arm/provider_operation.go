package arm

import (
	"fmt"
	"strings"
)

type providerOperations struct {
	DisplayName   string            `json:"displayName"`
	Operations    []operationEntry  `json:"operations"`
	ResourceTypes []typedOperations `json:"resourceTypes,omitempty"`
	ID            string            `json:"id"`
	Type          string            `json:"type"`
	Name          string            `json:"name"`
}

type typedOperations struct {
	Name        string           `json:"name"`
	DisplayName string           `json:"displayName"`
	Operations  []operationEntry `json:"operations"`
}

type operationEntry struct {
	Name         string  `json:"name"`
	DisplayName  string  `json:"displayName"`
	Description  string  `json:"description"`
	Origin       string  `json:"origin"`
	Properties   *string `json:"properties"`
	IsDataAction *bool   `json:"isDataAction,omitempty"` // since 2018-01-01-preview
}

// describeOperations is in the shape that was recorded 2021-04. The operations of a type are those that every type has;
// what a type can do besides is not known here.
func (c *call) describeOperations(p providerEntry) providerOperations {
	entry := func(name, display, description string) operationEntry {
		e := operationEntry{Name: name, DisplayName: display, Description: description, Origin: "user,system"}
		if c.version.since("2018-01-01") {
			e.IsDataAction = new(bool)
		}
		return e
	}
	short := p.Namespace[strings.IndexByte(p.Namespace, '.')+1:]
	out := providerOperations{
		DisplayName: p.Display, ID: "/providers/Microsoft.Authorization/providerOperations/" + p.Namespace,
		Type: "Microsoft.Authorization/providerOperations", Name: p.Namespace, Operations: []operationEntry{},
	}
	if !p.Free {
		out.Operations = append(out.Operations,
			entry(p.Namespace+"/register/action", "Register Subscription for "+short, fmt.Sprintf("Registers Subscription with %s resource provider", p.Namespace)),
			entry(p.Namespace+"/unregister/action", "Unregister Subscription for "+short, fmt.Sprintf("Unregisters Subscription with %s resource provider", p.Namespace)))
	}
	if !strings.EqualFold(c.query.Get("$expand"), "resourceTypes") {
		return out
	}
	for _, t := range p.Types {
		d := typedOperations{Name: t.Name, DisplayName: t.Display}
		for _, verb := range []struct{ name, display, does string }{
			{"read", "Get ", "Gets or lists "}, {"write", "Create or Update ", "Creates or updates "}, {"delete", "Delete ", "Deletes "},
		} {
			d.Operations = append(d.Operations, entry(p.Namespace+"/"+t.Name+"/"+verb.name, verb.display+t.Display, verb.does+strings.ToLower(t.Display)+"."))
		}
		out.ResourceTypes = append(out.ResourceTypes, d)
	}
	return out
}

// allOperations is for everybody who is signed in, as the roles of the tenant are.
func (c *call) allOperations() (*answer, error) {
	var all []providerOperations
	for _, p := range c.catalog {
		all = append(all, c.describeOperations(p))
	}
	return list(all)
}

func (c *call) operationsOf(namespace string) (*answer, error) {
	p, found := c.findProvider(namespace)
	if !found {
		return nil, invalidNamespace(namespace)
	}
	return ok(c.describeOperations(p))
}
