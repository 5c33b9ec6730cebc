package control

import (
	"bytes"
	"net/http"
)

// response notes the status when it is sent, before the client can have the answer.
type response struct {
	http.ResponseWriter
	status  int
	started func(status int)
}

func (w *response) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
		w.started(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap gives http.ResponseController what is underneath.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// discard takes the answer of a request whose connection is cut after the work.
type discard struct{ header http.Header }

func (d discard) Header() http.Header       { return d.header }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

// held keeps an answer until deliver: the work is done, the client does not know it yet.
type held struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (h *held) Header() http.Header         { return h.header }
func (h *held) Write(b []byte) (int, error) { return h.body.Write(b) }

func (h *held) WriteHeader(status int) {
	if h.status == 0 && status >= 200 {
		h.status = status
	}
}

func (h *held) deliver(w http.ResponseWriter) {
	if h.status != 0 {
		w.WriteHeader(h.status)
	}
	if h.body.Len() > 0 {
		_, _ = w.Write(h.body.Bytes()) // a client that left does not matter
	}
}
