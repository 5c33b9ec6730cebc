package api

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"sync"
)

// compressFrom is the size in bytes from which an answer is worth compressing.
const compressFrom = 2 << 10

// writers are kept for the next answer: each has tables of hundreds of kilobytes.
var writers = sync.Pool{New: func() any { //nolint:gochecknoglobals // a pool is shared by its nature
	w, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level is one
	return w
}}

// compress shortens large answers to reading requests for clients that take gzip. Lists of accounts are mostly the same words.
// What a sign-in answers is left alone, since its length must not tell of what is secret in it, and so is what has a strong
// ETag, which would be that of other bytes.
func compress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || !takesGzip(r.Header.Get("Accept-Encoding")) || strings.HasPrefix(r.URL.Path, base+"/sign-ins") {
			next.ServeHTTP(w, r)
			return
		}
		c := &compressor{ResponseWriter: w}
		next.ServeHTTP(c, r)
		c.finish() // not after a panic: an answer that was broken off must not look whole
	})
}

// takesGzip reads Accept-Encoding as far as is needed: gzip is named, and not with q=0.
func takesGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, parameters, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q := strings.TrimSpace(parameters)
			return q != "q=0" && !strings.HasPrefix(q, "q=0.000")
		}
	}
	return false
}

// compressor holds back the beginning of an answer until it is known whether it is long.
type compressor struct {
	http.ResponseWriter
	status int
	held   bytes.Buffer
	gz     *gzip.Writer
	plain  bool // decided: as it is
}

// WriteHeader is held back with the beginning of the body.
func (c *compressor) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
}

func (c *compressor) Write(p []byte) (int, error) {
	switch {
	case c.gz != nil:
		return c.gz.Write(p)
	case c.plain:
		return c.ResponseWriter.Write(p)
	}
	c.held.Write(p)
	if c.held.Len() < compressFrom {
		return len(p), nil
	}
	return len(p), c.decide(true)
}

// decide sends the header and what was held back.
func (c *compressor) decide(long bool) error {
	h := c.Header()
	h.Add("Vary", "Accept-Encoding")
	strong := h.Get("ETag") != "" && !strings.HasPrefix(h.Get("ETag"), "W/")
	c.plain = !long || strong || h.Get("Content-Encoding") != ""
	if !c.plain {
		h.Set("Content-Encoding", "gzip")
		h.Del("Content-Length")
	}
	if c.status != 0 {
		c.ResponseWriter.WriteHeader(c.status)
	}
	var to io.Writer = c.ResponseWriter
	if !c.plain {
		c.gz = writers.Get().(*gzip.Writer) //nolint:errcheck,forcetypeassert // nothing else is put there
		c.gz.Reset(c.ResponseWriter)
		to = c.gz
	}
	if c.held.Len() == 0 {
		return nil
	}
	_, err := to.Write(c.held.Bytes())
	return err
}

func (c *compressor) finish() {
	if c.gz == nil && !c.plain {
		_ = c.decide(false)
	}
	if c.gz != nil {
		_ = c.gz.Close() // the client is gone if this fails; there is nobody to tell
		c.gz.Reset(io.Discard)
		writers.Put(c.gz)
	}
}

// Unwrap lets http.ResponseController through to the connection.
func (c *compressor) Unwrap() http.ResponseWriter { return c.ResponseWriter }
