package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// file is one file of a build, as it is and, once somebody asks for it so, compressed.
type file struct {
	kind    string
	plain   []byte
	tag     string // of the content, in base64url
	zip     bool   // whether compressing it is of use
	zipOnce sync.Once
	zipped  []byte
}

func newFile(name string, data []byte) *file {
	sum := sha256.Sum256(data)
	kind, text := typeOf(name)
	return &file{kind: kind, plain: data, tag: base64.RawURLEncoding.EncodeToString(sum[:16]), zip: text && len(data) > 1024}
}

// typeOf returns the content type of a file by its name, and whether it is text. The machine's own table of types is not
// asked: with nosniff, a wrong entry there would break the page.
func typeOf(name string) (kind string, text bool) {
	switch strings.ToLower(path.Ext(name)) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8", true
	case ".css":
		return "text/css; charset=utf-8", true
	case ".html":
		return "text/html; charset=utf-8", true
	case ".json", ".map":
		return "application/json", true
	case ".webmanifest":
		return "application/manifest+json", true
	case ".svg":
		return "image/svg+xml", true
	case ".txt":
		return "text/plain; charset=utf-8", true
	case ".ico":
		return "image/x-icon", false
	case ".png":
		return "image/png", false
	case ".webp":
		return "image/webp", false
	case ".woff2":
		return "font/woff2", false
	}
	return "application/octet-stream", false
}

// serve writes the file, or that the browser's copy is still good. Each of the two forms has a tag of its own, as a strong
// one must (RFC 9110, 8.8.1).
func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", f.kind)
	header.Set("Cache-Control", "no-cache")
	data, tag := f.plain, f.tag
	if f.zip {
		header.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Values("Accept-Encoding")) {
			data, tag = f.compressed(), f.tag+"-gzip"
			header.Set("Content-Encoding", "gzip")
		}
	}
	header.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

func (f *file) compressed() []byte {
	f.zipOnce.Do(func() {
		var out bytes.Buffer
		z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
		if err != nil {
			panic(err) // the level is a valid one
		}
		_, _ = z.Write(f.plain) // memory takes everything
		_ = z.Close()
		f.zipped = out.Bytes()
	})
	return f.zipped
}

// acceptsGzip reads Accept-Encoding (RFC 9110, 12.5.3): gzip, or anything, with a weight above zero. What names gzip
// itself outweighs the star.
func acceptsGzip(values []string) bool {
	star := false
	for part := range strings.SplitSeq(strings.Join(values, ","), ",") {
		coding, params, _ := strings.Cut(part, ";")
		good := true
		if weight, ok := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(params), " ", ""), "q="); ok {
			q, err := strconv.ParseFloat(weight, 64)
			good = err == nil && q > 0
		}
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return good
		case "*":
			star = good
		}
	}
	return star
}
