package arm

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// version is an api-version: a date, and perhaps a suffix like -preview. Versions are compared by their dates.
type version string

// Of a type whose versions the emulator knows only those are taken; of others every well-formed one. The answer has the
// newest shape that is not newer than the version.
var versionForm = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}(-[A-Za-z]+)?$`)

// parseVersion takes what the query has. A parameter that is given twice counts as one text, joined with a comma, as
// Azure's gateway reads it.
func parseVersion(given []string) (version, error) {
	text := strings.Join(given, ",")
	if text == "" {
		return "", gateway(http.StatusBadRequest, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.")
	}
	if !versionForm.MatchString(text) {
		return "", unsupportedVersion(text)
	}
	return version(text), nil
}

// unsupportedVersion is what Resource Manager says of a version that its own types do not have (answers of 2020 and
// 2024 in public issues).
func unsupportedVersion(text string) error {
	return gateway(http.StatusBadRequest, "InvalidApiVersionParameter", "The api-version '%s' is invalid. The supported versions are '%s'.",
		printable(text), strings.Join(managerVersions(), ","))
}

// since says whether the version is of the date or newer.
func (v version) since(date string) bool { return string(v[:len(time.DateOnly)]) >= date }

// known lets pass only the versions of Resource Manager's own types: tenants, subscriptions, resource groups.
func (v version) known() error {
	if !slices.Contains(managerVersions(), string(v)) {
		return unsupportedVersion(string(v))
	}
	return nil
}

// of lets pass only the versions of a provider's type (answers of 2021 and 2025 in public issues).
func (v version) of(namespace, kind string, versions []string) error {
	if slices.Contains(versions, string(v)) {
		return nil
	}
	return gateway(http.StatusNotFound, "InvalidResourceType",
		"The resource type '%s' could not be found in the namespace '%s' for api version '%s'. The supported api-versions are '%s'.",
		kind, namespace, v, strings.Join(versions, ","))
}

// managerVersions are those of Microsoft.Resources' own paths, newest first (an answer of 2024-10; "Resource
// Management, REST versions" for the newer ones).
func managerVersions() []string {
	return strings.Fields(`2025-04-01 2025-03-01 2024-11-01 2024-08-01 2024-07-01 2024-06-01-preview 2024-03-01 2023-07-01
		2023-07-01-preview 2023-03-01-preview 2022-12-01 2022-11-01-preview 2022-09-01 2022-06-01 2022-05-01
		2022-03-01-preview 2022-01-01 2021-04-01 2021-01-01 2020-10-01 2020-09-01 2020-08-01 2020-07-01 2020-06-01
		2020-05-01 2020-01-01 2019-11-01 2019-10-01 2019-09-01 2019-08-01 2019-07-01 2019-06-01 2019-05-10 2019-05-01
		2019-03-01 2018-11-01 2018-09-01 2018-08-01 2018-07-01 2018-06-01 2018-05-01 2018-02-01 2018-01-01 2017-12-01
		2017-08-01 2017-06-01 2017-05-10 2017-05-01 2017-03-01 2016-09-01 2016-07-01 2016-06-01 2016-02-01 2015-11-01
		2015-01-01 2014-04-01-preview 2014-04-01 2014-01-01`)
}

// roleVersions are those of role assignments and definitions, oldest first (an answer of 2021-12; "Authorization, REST
// versions" for the newer ones).
func roleVersions() []string {
	return strings.Fields(`2014-04-01-preview 2014-07-01-preview 2014-10-01-preview 2015-05-01-preview 2015-06-01
		2015-07-01 2016-07-01 2017-05-01 2017-09-01 2017-10-01-preview 2018-01-01-preview 2018-07-01 2018-09-01-preview
		2018-12-01-preview 2019-04-01-preview 2020-03-01-preview 2020-04-01-preview 2020-08-01-preview
		2021-04-01-preview 2022-01-01-preview 2022-04-01 2022-05-01-preview`)
}

// groupVersions are those of management groups (an answer of 2025-01).
func groupVersions() []string {
	return strings.Fields(`2023-04-01 2021-04-01 2020-10-01 2020-05-01 2020-02-01 2019-11-01 2018-03-01-preview
		2018-01-01-preview 2017-11-01-preview 2017-08-31-preview 2017-06-30-preview 2017-05-31-preview 2018-03-01-beta`)
}
