package simulation

import (
	"context"
	"net/http"
	"strings"

	"github.com/evercred/evercred/emulator"
)

// wire is between the engine and the emulated cloud. It counts what is written, and it is where a kill of the program
// strikes: at the n-th request of a turn, before the request has left or after it was done.
type wire struct {
	cloud    *emulator.InProcess
	requests int64
	writes   int  // to Graph, in the turn under way
	removes  bool // one of these takes something away

	fuse   int // requests left until the kill; 0: none
	after  bool
	kill   context.CancelFunc
	killed bool
}

// begin is called before a turn.
func (w *wire) begin(kill context.CancelFunc) {
	w.writes, w.removes, w.killed, w.kill = 0, false, false, kill
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.requests++
	if w.killed {
		return nil, context.Canceled // a program that was killed asks nothing more
	}
	if w.fuse > 0 {
		if w.fuse--; w.fuse == 0 {
			w.killed = true
			if w.after {
				w.note(r)
				if resp, err := w.cloud.RoundTrip(r); err == nil {
					_ = resp.Body.Close()
				}
			}
			w.kill()
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
