package simulation

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/evercred/evercred/emulator"
)

// wire is between the engine and the emulated cloud. It counts what is written, and it is where a kill of the program
// strikes: at the n-th request of a turn, before the request has left or after it was done.
type wire struct {
	cloud    *emulator.InProcess
	requests int64
	commits  int64
	writes   int  // to Graph, in the turn under way
	removes  bool // one of these takes something away

	fuse   int // requests left until the kill; 0: none
	after  bool
	killed atomic.Bool // the database's goroutines ask, too
}

// mortal is the context of a program: it ends when the program is killed. It has no channel, which every statement of the
// database would start a goroutine to wait for: there is nobody here to interrupt one.
type mortal struct {
	context.Context
	wire *wire
}

func (mortal) Done() <-chan struct{} { return nil }

func (m mortal) Err() error {
	if m.wire.killed.Load() {
		return context.Canceled
	}
	return nil
}

// commit stands around each commit of the database: a program that was killed stores nothing more.
func (w *wire) commit(commit func() error) error {
	if w.killed.Load() {
		return context.Canceled
	}
	w.commits++
	return commit()
}

// begin is called before a turn.
func (w *wire) begin() {
	w.writes, w.removes = 0, false
	w.killed.Store(false)
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.requests++
	if w.killed.Load() {
		return nil, context.Canceled // a program that was killed asks nothing more
	}
	if w.fuse > 0 {
		if w.fuse--; w.fuse == 0 {
			w.killed.Store(true)
			if w.after {
				w.note(r)
				if resp, err := w.cloud.RoundTrip(r); err == nil {
					_ = resp.Body.Close()
				}
			}
			return nil, context.Canceled
		}
	}
	w.note(r)
	return w.cloud.RoundTrip(r)
}

func (w *wire) note(r *http.Request) {
	if r.Method == http.MethodGet || !strings.HasPrefix(r.URL.Path, "/v1.0/") {
		return
	}
	w.writes++
	w.removes = w.removes || !strings.HasSuffix(r.URL.Path, "/addPassword") && !strings.HasSuffix(r.URL.Path, "/addKey")
}
