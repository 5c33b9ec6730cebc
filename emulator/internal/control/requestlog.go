package control

import (
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/evercred/evercred/emulator/script"
)

const (
	logSize    = 100_000 // requests kept where nothing else is said; the oldest go first
	maxLogPath = 4096    // bytes of a path kept
)

// requestLog is a ring. An entry is known by its number since the start.
type requestLog struct {
	mu      sync.Mutex
	entries []script.Request
	size    int
	first   int // number of the oldest entry after the last clearing
	next    int // number of the entry to come
}

func newRequestLog(size int) *requestLog { return &requestLog{size: size} }

// begin adds an entry and returns its number.
func (l *requestLog) begin(e script.Request) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.next
	l.next++
	if at := (n - l.first) % l.size; at < len(l.entries) {
		l.entries[at] = e
	} else {
		l.entries = append(l.entries, e)
	}
	return n
}

// end fills in how it went, unless the entry is gone meanwhile.
func (l *requestLog) end(n, status, units int, caller string, fault bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n < l.first || n < l.next-l.size {
		return
	}
	e := &l.entries[(n-l.first)%l.size]
	e.Status, e.ResourceUnits, e.Caller, e.Fault = status, units, caller, fault
}

func (l *requestLog) all() []script.Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]script.Request, 0, len(l.entries))
	for n := max(l.first, l.next-l.size); n < l.next; n++ {
		out = append(out, l.entries[(n-l.first)%l.size])
	}
	return out
}

func (l *requestLog) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.first, l.entries = l.next, nil
}

func (c *Control) requests(*http.Request, []string) (any, error) { return c.log.all(), nil }

func (c *Control) clearRequests(*http.Request, []string) (any, error) {
	c.log.clear()
	return nil, nil
}

// bounded keeps a text of the log to its longest length.
func bounded(text string) string {
	if len(text) > maxLogPath {
		text = strings.ToValidUTF8(text[:maxLogPath], "") + "…"
	}
	return text
}

func redact(query string) string {
	parts := strings.Split(query, "&")
	for i, part := range parts {
		name, _, _ := strings.Cut(part, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			switch strings.ToLower(plain) {
			case "client_secret", "client_assertion", "code", "code_verifier", "device_code", "refresh_token", "password", "access_token", "id_token_hint":
				parts[i] = name + "=redacted"
			}
		}
	}
	return strings.Join(parts, "&")
}
