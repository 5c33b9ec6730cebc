package entra

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// maxForm bounds the body of a request. The longest real ones carry an assertion with a certificate chain.
const maxForm = 256 << 10

// readForm reads the parameters of a request. A body of another content type counts as none, as in Entra, which then
// misses its first parameter (AADSTS900144).
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, *failure) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		return url.Values{}, nil
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if tooBig := new(http.MaxBytesError); errors.As(err, &tooBig) {
		return nil, tooLarge()
	}
	if err != nil {
		return nil, malformed()
	}
	return parseForm(string(raw))
}

// parseForm refuses what Entra refuses: bad escapes and parameters that are there twice. Bytes that are no UTF-8 become
// replacement characters, as they do there.
func parseForm(raw string) (url.Values, *failure) {
	form, err := url.ParseQuery(raw)
	if err != nil {
		return nil, malformed()
	}
	for name, values := range form {
		if len(values) > 1 {
			return nil, duplicated(name)
		}
		values[0] = strings.ToValidUTF8(values[0], "\ufffd")
	}
	return form, nil
}

// required returns the first of the parameters that is missing or empty.
func (x *exchanged) required(names ...string) *failure {
	for _, name := range names {
		if x.form.Get(name) == "" {
			return missing(name)
		}
	}
	return nil
}

// basic takes client id and secret from HTTP Basic authentication, both form-encoded (RFC 6749, 2.3.1), unless the
// form has them.
func (x *exchanged) basic() *failure {
	scheme, _, _ := strings.Cut(x.r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Basic") {
		return nil
	}
	id, secret, ok := x.r.BasicAuth()
	if !ok {
		return malformed()
	}
	for name, encoded := range map[string]string{"client_id": id, "client_secret": secret} {
		value, err := url.QueryUnescape(encoded)
		if err != nil {
			value = encoded // not every client encodes; a bare % in a secret is such a one
		}
		if x.form.Get(name) == "" {
			x.form.Set(name, value)
		}
	}
	return nil
}
