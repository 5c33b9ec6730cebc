package arm

import (
	"net/http"
	"regexp"
	"time"
)

// version is an api-version: a date, and perhaps a suffix like -preview. Versions are compared by their dates.
type version string

// Every well-formed version is taken, and answered in the newest shape that is not newer than it.
var versionForm = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}(-[A-Za-z]+)?$`)

func parseVersion(text string) (version, error) {
	if text == "" {
		return "", gateway(http.StatusBadRequest, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.")
	}
	if !versionForm.MatchString(text) {
		return "", gateway(http.StatusBadRequest, "InvalidApiVersionParameter", "The api-version '%s' is invalid. It must be a date in the format yyyy-MM-dd, with -preview after it where it is a preview.", text)
	}
	return version(text), nil
}

// since says whether the version is of the date or newer.
func (v version) since(date string) bool { return string(v[:len(time.DateOnly)]) >= date }
