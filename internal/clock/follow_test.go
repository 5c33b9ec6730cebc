package clock_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/evercred/evercred/internal/clock"
)

func TestFollowKeepsTheOffset(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"now":"2026-11-23T09:00:00Z","offset":"720h0m0s"}`)
	}))
	file := filepath.Join(t.TempDir(), "offset")
	c, err := clock.Follow(server.URL, file, server.Client())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Close()
	if c.Read(t.Context()) == nil {
		t.Error("reading from an emulator that is away gave no error")
	}
	again, err := clock.Follow(server.URL, file, server.Client())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*clock.Following{"while it is away": c, "after a restart": again} {
		if d := time.Until(c.Now()); d < 719*time.Hour || d > 721*time.Hour {
			t.Errorf("%s the offset is %s", name, d)
		}
	}
}
