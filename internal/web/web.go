// Package web serves the page: the files of a build, and index.html for every address that the page itself knows.
//
// The file names of a build are stable, so browsers ask each time whether a file is still good (ETag) and never use one of
// another version. index.html is made for each request: it holds the nonce that lets the page's library add its style
// sheets under a Content-Security-Policy that allows nothing else inline.
package web

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// nonceMark stands in index.html where the nonce has to be.
const nonceMark = "__CSP_NONCE__"

const index = "index.html"

// Handler serves a build. It is safe for concurrent use.
type Handler struct {
	files map[string]*file // by path, without the leading slash
	index []byte
}

// New reads the files of a build into memory. There must be an index.html, with the mark for the nonce.
func New(files fs.FS) (*Handler, error) {
	h := &Handler{files: map[string]*file{}}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		if name == index {
			h.index = data
			return nil
		}
		h.files[name] = newFile(name, data)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the files of the page: %w", err)
	}
	if h.index == nil {
		return nil, errors.New("reading the files of the page: there is no index.html")
	}
	if !bytes.Contains(h.index, []byte(nonceMark)) {
		return nil, fmt.Errorf("reading the files of the page: index.html has no %s", nonceMark)
	}
	return h, nil
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	harden(w.Header())
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		say(w, http.StatusMethodNotAllowed, "This address is for reading only",
			"What changes something goes to the addresses below /api/v1, which /api/openapi.json describes.")
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	switch f, ok := h.files[name]; {
	case ok:
		f.serve(w, r)
	case name != index && strings.Contains(name[strings.LastIndexByte(name, '/')+1:], "."): // the page's own addresses have no dot
		say(w, http.StatusNotFound, "There is no such file", "The address may be mistyped, or of another version of Evercred. Open the page from its beginning.")
	default:
		h.page(w, r)
	}
}

// page writes index.html with a nonce that nobody has seen before.
func (h *Handler) page(w http.ResponseWriter, r *http.Request) {
	nonce := rand.Text()
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self' 'nonce-" + nonce + "'", "img-src 'self' data:", "font-src 'self'",
		"connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
	}, "; "))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(bytes.ReplaceAll(h.index, []byte(nonceMark), []byte(nonce)))
	}
}

// harden sets what every answer has: it is not framed, sniffed, linked to or given rights of the browser, and runs nothing.
func harden(header http.Header) {
	header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Permissions-Policy", "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
}

// say answers with a small page in plain words. Both texts are ours.
func say(w http.ResponseWriter, status int, title, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>%[1]s - Evercred</title></head>
<body><h1>%[1]s</h1><p>%[2]s</p><p><a href="/">Evercred</a></p></body>
</html>
`, title, text)
}
