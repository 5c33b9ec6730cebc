package odata

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Page sizes (Microsoft Graph, paging).
const (
	DefaultPage = 100
	maxPage     = 999
)

// Options are the OData query options of a request.
type Options struct {
	Selected  []string // nil: the default properties
	Filter    string
	Search    string
	OrderBy   string
	Expand    string
	SkipToken string
	Top       int // 0: DefaultPage
	Count     bool
	Eventual  bool // header ConsistencyLevel: eventual
	Filtered  bool // $filter was given
}

// maxQuery bounds the query text that is parsed.
const maxQuery = 16 << 10

// ParseOptions reads the query. Graph takes its options with and without the dollar sign; parameters that are no
// options are ignored (Microsoft Graph, query parameters).
func ParseOptions(r *http.Request) (Options, error) {
	o := Options{Eventual: strings.EqualFold(r.Header.Get("ConsistencyLevel"), "eventual")}
	if len(r.URL.RawQuery) > maxQuery {
		return o, Malformed("The request URI is too long.")
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return o, Malformed("The query specified in the URI is not valid.")
	}
	seen := map[string]bool{}
	for name, vs := range values {
		option, dollar := strings.CutPrefix(strings.ToLower(name), "$")
		if len(vs) > 1 || seen[option] {
			if dollar || seen[option] {
				return o, Malformed("Query option '%s' was specified more than once, but it must be specified at most once.", name)
			}
			continue
		}
		if !utf8.ValidString(vs[0]) || !utf8.ValidString(name) {
			return o, Malformed("The query specified in the URI is not valid.")
		}
		known, err := o.set(option, strings.TrimSpace(vs[0]))
		if err != nil {
			return o, err
		}
		if known {
			seen[option] = true
		} else if dollar {
			return o, Malformed("The query parameter '%s' is not supported.", name)
		}
	}
	return o, nil
}

func (o *Options) set(option, value string) (known bool, err error) {
	switch option {
	case "select":
		if value == "" || value == "*" {
			return true, nil
		}
		for name := range strings.SplitSeq(value, ",") {
			name = strings.TrimSpace(name)
			if name == "" {
				return true, Malformed("Parsing OData Select and Expand failed: Term '%s' is not valid in a $select or $expand expression.", value)
			}
			o.Selected = append(o.Selected, name)
		}
	case "filter":
		o.Filter, o.Filtered = value, true
	case "search":
		o.Search = value
	case "orderby":
		o.OrderBy = value
	case "expand":
		o.Expand = value
	case "skiptoken":
		o.SkipToken = value
	case "top":
		n, err := strconv.Atoi(value)
		if err != nil {
			return true, Malformed("Invalid value '%s' for $top query option found. The $top query option requires a non-negative integer value.", value)
		}
		if n < 1 || n > maxPage {
			return true, Unsupported("Invalid page size specified: '%d'. Must be between 1 and %d inclusive.", n, maxPage)
		}
		o.Top = n
	case "count":
		b, err := strconv.ParseBool(strings.ToLower(value))
		if err != nil {
			return true, Malformed("Invalid value '%s' for $count query option found. Valid values are 'true' or 'false'.", value)
		}
		o.Count = b
	case "skip":
		return true, Unsupported("'$skip' is not supported by the service.")
	case "format":
		if !strings.EqualFold(value, "json") && !strings.HasPrefix(strings.ToLower(value), "application/json") {
			return true, Malformed("The format '%s' is not supported.", value)
		}
	default:
		return false, nil
	}
	return true, nil
}

// Advanced checks what only works on the index that follows the directory (Microsoft Graph, advanced query
// capabilities on directory objects): filters with ne, not or endsWith and sorted filters need the header and $count.
func (o *Options) Advanced(f *Filter) error {
	const refer = "Refer to https://aka.ms/graph-docs/advanced-queries for more information"
	if o.Eventual {
		if f != nil && f.advanced != "" && !o.Count {
			return Unsupported("Operator '%s' is not supported because the '$count=true' query parameter is missing. %s", f.advanced, refer)
		}
		return nil
	}
	switch {
	case o.Search != "":
		return Unsupported("Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'")
	case f != nil && f.advanced != "":
		return Unsupported("Operator '%s' is not supported because the 'ConsistencyLevel:eventual' header is missing. %s", f.advanced, refer)
	case o.OrderBy != "" && f != nil:
		return Unsupported("Sorting not supported for current query.")
	case o.Count:
		return Unsupported("$count is not supported because the 'ConsistencyLevel:eventual' header is missing. %s", refer)
	}
	return nil
}
