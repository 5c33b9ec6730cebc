//go:build unix

package crash

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// point is a moment of a run: before or after the n-th event of a name.
type point struct {
	event string // "commit", or service, method and what is asked for
	n     int    // from 1
	after bool
}

func (p point) String() string {
	when := "before"
	if p.after {
		when = "after"
	}
	return fmt.Sprintf("%s %d %s", p.event, p.n, when)
}

func (p point) commit() bool { return p.event == "commit" }

// write reports whether the event is a remote call that changes something.
func (p point) write() bool {
	parts := strings.Fields(p.event)
	return len(parts) == 3 && parts[1] != http.MethodGet
}

// observer hears of every event. remote stands around a remote call, and may answer in its place; commit stands around a
// commit.
type observer interface {
	remote(w *world, p point, r *http.Request, send func(*http.Request) (*http.Response, error)) (*http.Response, error)
	commit(w *world, p point, commit func() error) error
}

// wire is where a world meets its cloud and its disk. It counts the events, and enters the codes of sign-ins in the
// person's place, before the answer with the code has even arrived: so nothing is waited for.
type wire struct {
	world    *world
	observer observer
	seen     map[string]int
}

func (x *wire) count(event string) point {
	if x.seen == nil {
		x.seen = map[string]int{}
	}
	x.seen[event]++
	return point{event: event, n: x.seen[event]}
}

// RoundTrip answers in place of the network.
func (x *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if x.observer == nil {
		return x.send(r)
	}
	return x.observer.remote(x.world, x.count(eventOf(r)), r, x.send)
}

func (x *wire) commit(commit func() error) error {
	if x.observer == nil {
		return commit()
	}
	return x.observer.commit(x.world, x.count("commit"), commit)
}

func (x *wire) send(r *http.Request) (*http.Response, error) {
	resp, err := x.world.cloud.RoundTrip(r)
	if err != nil || !strings.HasSuffix(r.URL.Path, "/devicecode") {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	var code struct {
		UserCode string `json:"user_code"`
	}
	if json.Unmarshal(body, &code) == nil && code.UserCode != "" {
		if err := x.world.cloud.Approve(code.UserCode, x.world.person); err != nil {
			return nil, err
		}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

var identifier = regexp.MustCompile(`^[0-9a-fA-F-]{36}$|^$`)

// eventOf names a remote call: the service, the method, and the last part of the path that is no id.
func eventOf(r *http.Request) string {
	segments := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	service := "entra"
	switch strings.ToLower(segments[0]) {
	case "v1.0", "beta":
		service = "graph"
	case "subscriptions", "providers", "tenants":
		service = "arm"
	}
	last := ""
	for _, s := range segments {
		if name, _, keyed := strings.Cut(s, "("); keyed {
			last = name + "()"
		} else if !identifier.MatchString(s) {
			last = s
		}
	}
	if service == "entra" {
		return "entra " + last
	}
	return service + " " + r.Method + " " + last
}
