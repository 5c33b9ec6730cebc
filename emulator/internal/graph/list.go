package graph

import (
	"encoding/base64"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// asks says whether $select names a property.
func (c *call) asks(name string) bool {
	return slices.ContainsFunc(c.query.Selected, func(s string) bool { return strings.EqualFold(s, name) })
}

// single answers with one object of its own set.
func (c *call) single(o resource) (*answer, error) { return c.singleIn(o.kind().Set, o) }

// singleIn answers with one object of a set: context is $metadata#… without the selection.
func (c *call) singleIn(context string, o resource) (*answer, error) {
	selection, err := o.kind().Selection(c.query.Selected)
	if err != nil {
		return nil, err
	}
	e := append(entity{c.context(context + selection + "/$entity")}, render(o, c.query.Selected)...)
	if e, err = c.expand(e, o); err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK, body: e}, nil
}

// listing is a collection that is asked for.
type listing struct {
	kind    *odata.Kind
	context string // $metadata#…; the selection is added
	mixed   bool   // of several kinds: elements carry @odata.type, and only what the caller may see of each
	limited bool   // of one kind, of which the caller may not see more than of a mixed one
	units   int    // without $select and a small $top
	objects iter.Seq[resource]
	lookup  func(odata.Bound) iter.Seq[resource] // the index, where there is one
}

// list answers with one page of a collection.
func (c *call) list(l listing) (*answer, error) {
	selection, err := l.kind.Selection(c.query.Selected)
	if err != nil {
		return nil, err
	}
	page, total, rest, err := c.page(l)
	if err != nil {
		return nil, err
	}
	items := make([]entity, len(page))
	for i, o := range page {
		if l.mixed {
			items[i] = append(entity{{"@odata.type", "#" + o.kind().Type}}, c.visible(o)...)
			continue
		}
		e := render(o, c.query.Selected)
		if l.limited {
			e = c.visible(o)
		}
		if items[i], err = c.expand(e, o); err != nil {
			return nil, err
		}
	}
	body := entity{c.context(l.context + selection)}
	if c.query.Count && c.query.Eventual {
		body = append(body, field{"@odata.count", total})
	}
	if rest {
		body = append(body, field{"@odata.nextLink", c.nextLink(page[len(page)-1].identity())})
	}
	units := max(l.units, 1)
	if c.query.Selected != nil {
		units--
	}
	if c.query.Top > 0 && c.query.Top < 20 {
		units--
	}
	if c.query.Expand != "" {
		units++ // Microsoft Graph, throttling limits: the cost of $select, $expand and a small $top
	}
	return &answer{status: http.StatusOK, body: append(body, field{"value", items}), units: units}, nil
}

// matching yields what $filter and $search leave of a collection.
func (c *call) matching(l listing) (iter.Seq[resource], error) {
	var f *odata.Filter
	if c.query.Filtered {
		var err error
		if f, err = odata.ParseFilter(l.kind, c.query.Filter); err != nil {
			return nil, err
		}
	}
	if err := c.query.Advanced(f); err != nil {
		return nil, err
	}
	matches, err := searcher(l.kind, c.query.Search)
	if err != nil {
		return nil, err
	}
	objects := l.objects
	if f != nil && f.Bounds != nil && l.lookup != nil {
		objects = candidates(f.Bounds, l.lookup)
	}
	return func(yield func(resource) bool) {
		for o := range objects {
			if (f == nil || f.Matches(o.value)) && matches(o) && !yield(o) {
				return
			}
		}
	}, nil
}

// searcher reads $search: "property:words", looked for anywhere in the property.
func searcher(k *odata.Kind, search string) (func(resource) bool, error) {
	if search == "" {
		return func(resource) bool { return true }, nil
	}
	name, words, ok := strings.Cut(strings.Trim(search, `"`), ":")
	p, known := k.Find(name)
	if !ok || !known || p.Name != "displayName" && p.Name != "description" {
		return nil, odata.Unsupported("Unsupported or invalid search clause specified.")
	}
	words = strings.ToLower(words)
	return func(o resource) bool {
		have, _ := odata.PlainValue(o.value(p.Name)).(string)
		return strings.Contains(strings.ToLower(have), words)
	}, nil
}

func (c *call) sort(k *odata.Kind, found []resource) error {
	if c.query.OrderBy == "" {
		return nil
	}
	name, direction, _ := strings.Cut(c.query.OrderBy, " ")
	p, ok := k.Find(name)
	direction = strings.ToLower(strings.TrimSpace(direction))
	if !ok || p.Name != "displayName" && p.Name != "createdDateTime" && p.Name != "userPrincipalName" || direction != "" && direction != "asc" && direction != "desc" {
		return odata.Unsupported("Sorting not supported for current query.")
	}
	slices.SortStableFunc(found, func(a, b resource) int {
		left, _ := odata.PlainValue(a.value(p.Name)).(string)
		right, _ := odata.PlainValue(b.value(p.Name)).(string)
		order := strings.Compare(strings.ToLower(left), strings.ToLower(right))
		if direction == "desc" {
			return -order
		}
		return order
	})
	return nil
}

// page returns the page of a collection that $skiptoken and $top ask for, and says whether more follows. total is only
// known where $count or $orderby makes it necessary to look at all objects.
func (c *call) page(l listing) (page []resource, total int, rest bool, err error) {
	last, err := c.skipped()
	if err != nil {
		return nil, 0, false, err
	}
	objects, err := c.matching(l)
	if err != nil {
		return nil, 0, false, err
	}
	if c.query.OrderBy != "" || c.query.Count {
		all := slices.Collect(objects)
		if err := c.sort(l.kind, all); err != nil {
			return nil, 0, false, err
		}
		objects, total = slices.Values(all), len(all)
	}
	size := c.query.Top
	if size == 0 {
		size = odata.DefaultPage
	}
	before := last != ""
	for o := range objects {
		switch {
		case before:
			before = o.identity() != last
		case len(page) == size:
			return page, total, true, nil
		default:
			page = append(page, o)
		}
	}
	if before {
		return nil, 0, false, &odata.Problem{
			Status: http.StatusBadRequest, Code: "Directory_ExpiredPageToken",
			Message: "The specified page token value has expired and can no longer be included in your request.",
		}
	}
	return page, total, false, nil
}

// skipped is the id of the last object of the page before; empty for the first page.
func (c *call) skipped() (string, error) {
	if c.query.SkipToken == "" {
		return "", nil
	}
	last, err := base64.RawURLEncoding.DecodeString(c.query.SkipToken)
	if err != nil || len(last) == 0 {
		return "", odata.Malformed("Skip token is not valid.")
	}
	return string(last), nil
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
	if !c.query.Eventual {
		return nil, odata.Unsupported("$count is not currently supported.")
	}
	c.query.Count = true
	objects, err := c.matching(l)
	if err != nil {
		return nil, err
	}
	n := fmt.Sprint(len(slices.Collect(objects)))
	return &answer{status: http.StatusOK, text: &n}, nil
}
