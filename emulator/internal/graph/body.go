package graph

import (
	"encoding/json"
	"strings"

	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// body reads the JSON object that a request carries, without its annotations.
func (c *call) body() (map[string]json.RawMessage, error) {
	values, _, err := c.bodyWithBindings()
	return values, err
}

// bodyWithBindings also returns the objects that the request binds to its own: "owners@odata.bind" under "owners".
func (c *call) bodyWithBindings() (values map[string]json.RawMessage, bound map[string][]string, err error) {
	if values, err = odata.ReadObject(c.request); err != nil {
		return nil, nil, err
	}
	bound = map[string][]string{}
	for name, v := range values {
		property, annotation, found := strings.Cut(name, "@")
		switch {
		case !found:
			values[name] = odata.Bare(v)
			continue
		case annotation == "odata.bind":
			if bound[property], err = bindings(property, v); err != nil {
				return nil, nil, err
			}
		}
		delete(values, name)
	}
	return values, bound, nil
}

// maxBindings is how many objects a create may bind (Microsoft Graph, create group: up to 20 relationships).
const maxBindings = 20

func bindings(property string, v json.RawMessage) ([]string, error) {
	var links []string
	if json.Unmarshal(v, &links) != nil {
		return nil, odata.Malformed("The annotation 'odata.bind' of the property '%s' is not a list of URIs.", property)
	}
	if len(links) > maxBindings {
		return nil, odata.Refused("The number of references to be created in a single request exceeds the limit of %d.", maxBindings)
	}
	ids := make([]string, len(links))
	for i, link := range links {
		id, err := linkedID(link)
		if err != nil {
			return nil, err
		}
		ids[i] = id
	}
	return ids, nil
}

// parameters reads the body of an action, which takes the named parameters only.
func (c *call) parameters(action string, names ...string) (*odata.Reader, error) {
	values, err := c.body()
	if err != nil {
		return nil, err
	}
next:
	for name := range values {
		for _, n := range names {
			if n == name {
				continue next
			}
		}
		return nil, odata.Malformed("The parameter '%s' in the request payload is not a valid parameter for the operation '%s'.", name, action)
	}
	return &odata.Reader{Values: values, Resource: action}, nil
}
