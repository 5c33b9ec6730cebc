//go:build unix

package crash

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/evercred/evercred/emulator/script"
)

// misfortune is what happens at a point. Exactly one of moment, call and full is set.
type misfortune struct {
	name  string
	about string
	at    func(point) bool // the points it is tried at

	moment func(*world, kind) error // happens, and the run goes on
	call   func(*disturber, *http.Request, sender) (*http.Response, error)
	full   int  // so many commits find no room, from this one on
	kills  bool // the process

	rights bool // the person who signed in is of no more use: another one comes
	app    bool // the application is gone: it has to be restored
}

type sender func(*http.Request) (*http.Response, error)

func misfortunes() []misfortune {
	anywhere := func(point) bool { return true }
	before := func(p point) bool { return !p.after }
	unanswered := func(p point) bool { return !p.commit() && p.after }
	undone := func(p point) bool { return !p.commit() && !p.after }
	list := []misfortune{
		{name: "kill", about: "the process is killed (SIGKILL) and started again", at: anywhere, moment: kill, kills: true},
		{name: "lost", about: "the request is executed, the connection breaks before the answer", at: unanswered, call: lose},
		{name: "cut", about: "the request is executed, the connection breaks in the middle of the answer", at: unanswered, call: cutShort},
		{name: "timeout", about: "no answer within a minute; the request is not executed", at: undone, call: timeout},
		{name: "late", about: "no answer within a minute; the write is executed after the next request", at: func(p point) bool { return undone(p) && p.write() }, call: late},
		{name: "429", about: "too many requests, Retry-After 7 seconds", at: undone, call: answer(http.StatusTooManyRequests)},
		{name: "500", about: "internal error, not executed", at: undone, call: answer(http.StatusInternalServerError)},
		{name: "503", about: "unavailable, Retry-After 7 seconds", at: undone, call: answer(http.StatusServiceUnavailable)},
		{name: "disk-full", about: "nothing can be written to any file, at this commit and at the next two", at: func(p point) bool { return p.commit() && !p.after }, full: 3},
		{name: "gone", about: "somebody deletes the application", at: before, moment: vanish, app: true},
		{name: "rights", about: "the person loses the roles in Entra and in Azure, and the ownership", at: before, moment: disown, rights: true},
		{name: "revoked", about: "the sessions of the person are revoked", at: before, moment: revoke, rights: true},
	}
	for _, d := range []struct{ name, about, by string }{
		{"clock-11m", "past the propagation window", "11m"}, {"clock-16m", "past the life of a code", "16m"}, {"clock-25h", "past a sign-in, a soak and a day", "25h"},
	} {
		by, err := time.ParseDuration(d.by)
		if err != nil {
			panic(err)
		}
		list = append(list, misfortune{name: d.name, about: "the clock jumps " + d.by + ": " + d.about, at: before, moment: func(w *world, _ kind) error { return w.advance(by) }})
	}
	return list
}

// kill ends this process at once, as the system does when memory is short.
func kill(*world, kind) error {
	if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
		return err
	}
	select {} // until it arrives
}

// withoutRoom lets a commit find no room on the disk: the system refuses this process to write to any file (RLIMIT_FSIZE).
func withoutRoom(commit func() error) error {
	var have syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &have); err != nil {
		return err
	}
	none := have
	none.Cur = 0
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &none); err != nil {
		return err
	}
	err := commit()
	return errors.Join(err, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &have))
}

func vanish(w *world, k kind) error {
	name := k.app
	if name == "" {
		name = subject
	}
	return w.cloud.Do(script.Action{Action: script.DeleteApplication, Application: name})
}

func disown(w *world, _ kind) error {
	return w.cloud.Do(
		script.Action{Action: script.RemoveDirectoryRoles, Of: olivia}, script.Action{Action: script.RemoveRoleAssignments, Of: olivia},
		script.Action{Action: script.RemoveOwner, Of: olivia},
	)
}

func revoke(w *world, _ kind) error {
	return w.cloud.Do(script.Action{Action: script.RevokeSessions, Of: olivia})
}

// broken is what a client sees of a connection that was reset.
func broken() error {
	return &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
}

func lose(_ *disturber, r *http.Request, send sender) (*http.Response, error) {
	resp, err := send(r)
	if err == nil {
		err = resp.Body.Close()
	}
	return nil, errors.Join(err, broken())
}

func cutShort(_ *disturber, r *http.Request, send sender) (*http.Response, error) {
	resp, err := send(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]), failing{}))
	return resp, resp.Request.Context().Err()
}

// failing is the rest of an answer that never comes.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, broken() }

// wait is how long a client waits for an answer.
const wait = time.Minute

func timeout(d *disturber, _ *http.Request, _ sender) (*http.Response, error) {
	if err := d.world.advance(wait); err != nil {
		return nil, err
	}
	return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}
}

func late(d *disturber, r *http.Request, send sender) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	later := r.Clone(r.Context())
	later.Body = io.NopCloser(bytes.NewReader(body))
	d.later = func() error {
		resp, err := send(later)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}
	return timeout(d, r, send)
}

// answer is one of a service that is overloaded or broken.
func answer(status int) func(*disturber, *http.Request, sender) (*http.Response, error) {
	return func(_ *disturber, r *http.Request, _ sender) (*http.Response, error) {
		body := fmt.Sprintf(`{"error":{"code":%q,"message":"Try again later."}}`, strings.ReplaceAll(http.StatusText(status), " ", ""))
		if strings.HasPrefix(eventOf(r), "entra ") {
			body = `{"error":"temporarily_unavailable","error_description":"Try again later.","error_codes":[]}`
		}
		h := http.Header{"Content-Type": {"application/json"}}
		if status != http.StatusInternalServerError {
			h.Set("Retry-After", "7")
		}
		return &http.Response{
			StatusCode: status, Status: fmt.Sprint(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r,
		}, nil
	}
}
