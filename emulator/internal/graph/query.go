package graph

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// options are the OData query options of a request.
type options struct {
	selected  []string // nil: the default properties
	filter    string
	search    string
	orderBy   string
	expand    string
	skipToken string
	top       int // 0: the default page
	count     bool
	eventual  bool // header ConsistencyLevel: eventual
	filtered  bool // $filter was given
}

// maxQuery bounds the query text that is parsed.
const maxQuery = 16 << 10

// parseOptions reads the query. Graph takes its options with and without the dollar sign; parameters that are no
// options are ignored (Microsoft Graph, query parameters).
func parseOptions(r *http.Request) (options, error) {
	o := options{eventual: strings.EqualFold(r.Header.Get("ConsistencyLevel"), "eventual")}
	if len(r.URL.RawQuery) > maxQuery {
		return o, malformed("The request URI is too long.")
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return o, malformed("The query specified in the URI is not valid.")
	}
	seen := map[string]bool{}
	for name, vs := range values {
		option, dollar := strings.CutPrefix(strings.ToLower(name), "$")
		if len(vs) > 1 || seen[option] {
			if dollar || seen[option] {
				return o, malformed("Query option '%s' was specified more than once, but it must be specified at most once.", name)
			}
			continue
		}
		if !utf8.ValidString(vs[0]) || !utf8.ValidString(name) {
			return o, malformed("The query specified in the URI is not valid.")
		}
		known, err := o.set(option, strings.TrimSpace(vs[0]))
		if err != nil {
			return o, err
		}
		if known {
			seen[option] = true
		} else if dollar {
			return o, malformed("The query parameter '%s' is not supported.", name)
		}
	}
	return o, nil
}

func (o *options) set(option, value string) (known bool, err error) {
	switch option {
	case "select":
		if value == "" || value == "*" {
			return true, nil
		}
		for name := range strings.SplitSeq(value, ",") {
			name = strings.TrimSpace(name)
			if name == "" {
				return true, malformed("Parsing OData Select and Expand failed: Term '%s' is not valid in a $select or $expand expression.", value)
			}
			o.selected = append(o.selected, name)
		}
	case "filter":
		o.filter, o.filtered = value, true
	case "search":
		o.search = value
	case "orderby":
		o.orderBy = value
	case "expand":
		o.expand = value
	case "skiptoken":
		o.skipToken = value
	case "top":
		n, err := strconv.Atoi(value)
		if err != nil {
			return true, malformed("Invalid value '%s' for $top query option found. The $top query option requires a non-negative integer value.", value)
		}
		if n < 1 || n > maxPage {
			return true, unsupported("Invalid page size specified: '%d'. Must be between 1 and %d inclusive.", n, maxPage)
		}
		o.top = n
	case "count":
		b, err := strconv.ParseBool(strings.ToLower(value))
		if err != nil {
			return true, malformed("Invalid value '%s' for $count query option found. Valid values are 'true' or 'false'.", value)
		}
		o.count = b
	case "skip":
		return true, unsupported("'$skip' is not supported by the service.")
	case "format":
		if !strings.EqualFold(value, "json") && !strings.HasPrefix(strings.ToLower(value), "application/json") {
			return true, malformed("The format '%s' is not supported.", value)
		}
	default:
		return false, nil
	}
	return true, nil
}

// advanced checks what only works on the index that follows the directory (Microsoft Graph, advanced query
// capabilities on directory objects): filters with ne, not or endsWith and sorted filters need the header and $count.
func (o *options) advanced(f *filter) error {
	const refer = "Refer to https://aka.ms/graph-docs/advanced-queries for more information"
	if o.eventual {
		if f != nil && f.advanced != "" && !o.count {
			return unsupported("Operator '%s' is not supported because the '$count=true' query parameter is missing. %s", f.advanced, refer)
		}
		return nil
	}
	switch {
	case o.search != "":
		return unsupported("Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'")
	case f != nil && f.advanced != "":
		return unsupported("Operator '%s' is not supported because the 'ConsistencyLevel:eventual' header is missing. %s", f.advanced, refer)
	case o.orderBy != "" && f != nil:
		return unsupported("Sorting not supported for current query.")
	case o.count:
		return unsupported("$count is not supported because the 'ConsistencyLevel:eventual' header is missing. %s", refer)
	}
	return nil
}
