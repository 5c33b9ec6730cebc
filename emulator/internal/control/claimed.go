package control

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// maxPeek bounds what is read of a form to learn who calls.
const maxPeek = 1 << 20

// claimed is who a request says that it comes from. It is not checked: it only chooses which requests a fault befalls,
// and whose allowance a request is taken from.
type claimed struct {
	service string
	request *http.Request
	once    sync.Once
	claims  claims
}

type claims struct {
	ObjectID string `json:"oid"`
	AppID    string `json:"appid"`
	Name     string `json:"upn"`
	TenantID string `json:"tid"`
}

func (w *claimed) get() claims {
	w.once.Do(func() {
		if w.service == "entra" {
			w.claims.AppID = client(w.request)
			return
		}
		_, raw, _ := strings.Cut(w.request.Header.Get("Authorization"), " ")
		w.claims = payload(strings.TrimSpace(raw))
	})
	return w.claims
}

// names are all the names that the caller claims.
func (w *claimed) names() []string {
	c := w.get()
	var names []string
	for _, n := range []string{c.Name, c.AppID, c.ObjectID} {
		if n != "" {
			names = append(names, n)
		}
	}
	return names
}

func payload(token string) claims {
	var c claims
	if _, rest, ok := strings.Cut(token, "."); ok {
		part, _, _ := strings.Cut(rest, ".")
		if raw, err := base64.RawURLEncoding.DecodeString(part); err == nil {
			_ = json.Unmarshal(raw, &c) // what is no token claims nothing
		}
	}
	return c
}

// client is the client_id of a request to Entra: of its query, its form or its Basic credentials. The body is put back.
func client(r *http.Request) string {
	if id := r.URL.Query().Get("client_id"); id != "" {
		return id
	}
	if id, _, ok := r.BasicAuth(); ok {
		if plain, err := url.QueryUnescape(id); err == nil {
			return plain
		}
	}
	if r.Body == nil || r.Method != http.MethodPost {
		return ""
	}
	body := r.Body
	raw, err := io.ReadAll(io.LimitReader(body, maxPeek))
	rest := io.Reader(body)
	if err != nil {
		rest = failing{err}
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(raw), rest), body}
	form, _ := url.ParseQuery(string(raw)) // what can be read of it
	return form.Get("client_id")
}

// failing repeats the error that ended a body.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
