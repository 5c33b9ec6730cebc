package graph

import (
	"encoding/base64"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
)

const (
	defaultPage = 100
	maxPage     = 999
)

// asks says whether $select names a property.
func (c *call) asks(name string) bool {
	return slices.ContainsFunc(c.query.selected, func(s string) bool { return strings.EqualFold(s, name) })
}

// single answers with one object of its own set.
func (c *call) single(o resource) (*answer, error) {
	k := o.kind()
	selection, err := k.selection(c.query.selected)
	if err != nil {
		return nil, err
	}
	e := append(entity{c.context(k.set + selection + "/$entity")}, render(o, c.query.selected)...)
	if e, err = c.expand(e, o); err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK, body: e}, nil
}

// listing is a collection that is asked for.
type listing struct {
	kind    *kind
	context string // $metadata#…; the selection is added
	typed   bool   // elements carry @odata.type
	units   int    // without $select and a small $top
	objects iter.Seq[resource]
	byAppID func(appID string) (resource, bool) // the index, where there is one
}

// list answers with one page of a collection.
func (c *call) list(l listing) (*answer, error) {
	selection, err := l.kind.selection(c.query.selected)
	if err != nil {
		return nil, err
	}
	found, err := c.matching(l)
	if err != nil {
		return nil, err
	}
	page, rest, err := c.page(found)
	if err != nil {
		return nil, err
	}
	items := make([]entity, len(page))
	for i, o := range page {
		var e entity
		if l.typed {
			e = entity{{"@odata.type", "#" + o.kind().odata}}
		}
		if items[i], err = c.expand(append(e, render(o, c.query.selected)...), o); err != nil {
			return nil, err
		}
	}
	body := entity{c.context(l.context + selection)}
	if c.query.count && c.query.eventual {
		body = append(body, field{"@odata.count", len(found)})
	}
	if rest {
		body = append(body, field{"@odata.nextLink", c.nextLink(page[len(page)-1].identity())})
	}
	units := max(l.units, 1)
	if c.query.selected != nil {
		units--
	}
	if c.query.top > 0 && c.query.top < 20 {
		units--
	}
	return &answer{status: http.StatusOK, body: append(body, field{"value", items}), units: units}, nil
}

// matching returns what $filter and $search leave of a collection, in the order of $orderby.
func (c *call) matching(l listing) ([]resource, error) {
	var f *filter
	if c.query.filtered {
		var err error
		if f, err = parseFilter(l.kind, c.query.filter); err != nil {
			return nil, err
		}
	}
	if err := c.query.advanced(f); err != nil {
		return nil, err
	}
	matches, err := searcher(l.kind, c.query.search)
	if err != nil {
		return nil, err
	}
	objects := l.objects
	if f != nil && f.appID != "" && l.byAppID != nil {
		objects = func(yield func(resource) bool) {
			if o, ok := l.byAppID(f.appID); ok {
				yield(o)
			}
		}
	}
	var found []resource
	for o := range objects {
		if (f == nil || f.root.match(scope{object: o})) && matches(o) {
			found = append(found, o)
		}
	}
	return found, c.sort(l.kind, found)
}

// searcher reads $search: "property:words", looked for anywhere in the property.
func searcher(k *kind, search string) (func(resource) bool, error) {
	if search == "" {
		return func(resource) bool { return true }, nil
	}
	name, words, ok := strings.Cut(strings.Trim(search, `"`), ":")
	p, known := k.find(name)
	if !ok || !known || p.name != "displayName" && p.name != "description" {
		return nil, unsupported("Unsupported or invalid search clause specified.")
	}
	words = strings.ToLower(words)
	return func(o resource) bool {
		have, _ := plainValue(o.value(p.name)).(string)
		return strings.Contains(strings.ToLower(have), words)
	}, nil
}

func (c *call) sort(k *kind, found []resource) error {
	if c.query.orderBy == "" {
		return nil
	}
	name, direction, _ := strings.Cut(c.query.orderBy, " ")
	p, ok := k.find(name)
	direction = strings.ToLower(strings.TrimSpace(direction))
	if !ok || p.name != "displayName" && p.name != "createdDateTime" && p.name != "userPrincipalName" || direction != "" && direction != "asc" && direction != "desc" {
		return unsupported("Sorting not supported for current query.")
	}
	slices.SortStableFunc(found, func(a, b resource) int {
		left, _ := plainValue(a.value(p.name)).(string)
		right, _ := plainValue(b.value(p.name)).(string)
		order := strings.Compare(strings.ToLower(left), strings.ToLower(right))
		if direction == "desc" {
			return -order
		}
		return order
	})
	return nil
}

// page cuts out the page that $skiptoken and $top ask for, and says whether more follows.
func (c *call) page(found []resource) (page []resource, rest bool, err error) {
	if token := c.query.skipToken; token != "" {
		last, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil || len(last) == 0 {
			return nil, false, malformed("Skip token is not valid.")
		}
		i := slices.IndexFunc(found, func(o resource) bool { return o.identity() == string(last) })
		if i < 0 {
			return nil, false, &problem{
				status: http.StatusBadRequest, code: "Directory_ExpiredPageToken",
				message: "The specified page token value has expired and can no longer be included in your request.",
			}
		}
		found = found[i+1:]
	}
	size := c.query.top
	if size == 0 {
		size = defaultPage
	}
	if len(found) > size {
		return found[:size], true, nil
	}
	return found, false, nil
}

// nextLink is the address of the page after the object with id last: the request's own, with another $skiptoken.
func (c *call) nextLink(last string) string {
	var query []string
	for part := range strings.SplitSeq(c.request.URL.RawQuery, "&") {
		name, _, _ := strings.Cut(strings.ToLower(part), "=")
		if part != "" && !strings.HasSuffix(name, "skiptoken") {
			query = append(query, strings.ReplaceAll(part, " ", "%20"))
		}
	}
	query = append(query, "$skiptoken="+base64.RawURLEncoding.EncodeToString([]byte(last)))
	return c.origin() + c.request.URL.EscapedPath() + "?" + strings.Join(query, "&")
}

// countOf answers …/$count: a bare number, which only the advanced index can give.
func (c *call) countOf(l listing) (*answer, error) {
	if !c.query.eventual {
		return nil, unsupported("$count is not currently supported.")
	}
	c.query.count = true
	found, err := c.matching(l)
	if err != nil {
		return nil, err
	}
	n := fmt.Sprint(len(found))
	return &answer{status: http.StatusOK, text: &n}, nil
}

// maxExpanded is how many owners $expand shows (Microsoft Graph, $expand on directory objects).
const maxExpanded = 20

func (c *call) expand(e entity, o resource) (entity, error) {
	if c.query.expand == "" {
		return e, nil
	}
	var owners []string
	switch v := o.(type) {
	case applicationView:
		owners = v.a.Owners
	case servicePrincipalView:
		owners = v.p.Owners
	}
	if c.query.expand != "owners" || o.kind() != c.kinds.application && o.kind() != c.kinds.servicePrincipal {
		return nil, malformed("Parsing OData Select and Expand failed: Could not find a property named '%s' on type '%s'.", c.query.expand, o.kind().odata)
	}
	items := []entity{}
	for _, id := range owners {
		if owner, ok := c.directoryResource(id); ok && len(items) < maxExpanded {
			items = append(items, append(entity{{"@odata.type", "#" + owner.kind().odata}}, render(owner, nil)...))
		}
	}
	return append(e, field{"owners", items}), nil
}
