package graph

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
)

// compressFrom is the size from which an answer is worth the time that compressing it takes.
const compressFrom = 8 << 10

// takesGzip says whether a client accepts compressed answers.
func takesGzip(h http.Header) bool {
	for part := range strings.SplitSeq(h.Get("Accept-Encoding"), ",") {
		coding, q, _ := strings.Cut(part, ";")
		if coding = strings.TrimSpace(coding); strings.EqualFold(coding, "gzip") || coding == "*" {
			return strings.ReplaceAll(q, " ", "") != "q=0"
		}
	}
	return false
}

// compressor keeps gzip writers, which are large, for the next answer.
type compressor struct{ idle sync.Pool }

func newCompressor() *compressor {
	return &compressor{sync.Pool{New: func() any {
		w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		if err != nil {
			panic(err) // the level is one of the package's own
		}
		return w
	}}}
}

func (c *compressor) compress(data []byte) []byte {
	var out bytes.Buffer
	w, _ := c.idle.Get().(*gzip.Writer)
	defer c.idle.Put(w)
	w.Reset(&out)
	_, _ = w.Write(data) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}
