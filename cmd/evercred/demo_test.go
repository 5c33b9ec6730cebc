package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/evercred/evercred/cmd/evercred/internal/input"
)

// TestDemo drives the command line against the demonstration: a server and an emulated cloud, in this process, started
// and asked exactly as main does.
func TestDemo(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/demo",
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits, "demo": demo, "as": as, "advance": advance,
		},
	})
}

// demo starts the demonstration and sets the script's environment to talk to it.
func demo(ts *testscript.TestScript, _ bool, _ []string) {
	ctx, cancel := context.WithCancel(context.Background())
	data, ready, ended := ts.MkAbs("demo"), newWatcher(regexp.MustCompile(`Ctrl-C`)), make(chan struct{})
	log := newWatcher(regexp.MustCompile(`$^`))
	go func() {
		defer close(ended)
		run(ctx, []string{"demo", "--listen", "127.0.0.1:0", "--emulator-listen", "127.0.0.1:0", "--data", data},
			strings.NewReader(""), ready, log, ts.Getenv)
	}()
	ts.Defer(func() {
		cancel()
		<-ended
	})
	select {
	case <-ready.seen:
	case <-ended:
		ts.Fatalf("the demo ended: %s", log)
	case <-time.After(time.Minute):
		ts.Fatalf("the demo is not ready after a minute: %s", log)
	}
	for key, value := range env(ts, filepath.Join(data, "demo.env")) {
		ts.Setenv(key, value)
	}
}

// as runs the program in this process while a person of the emulated tenant enters every code it shows:
// as USER CODE ARG... where USER may be "deny", and CODE is the exit code. It leaves its output in the files out and err.
func as(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: as USER CODE ARG...")
	}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	said := newWatcher(regexp.MustCompile(`enter the code (\S+) to authenticate`))
	entered := make(chan error, 1)
	go func() {
		select {
		case code := <-said.seen:
			action, body := "approve", fmt.Sprintf(`{"user":%q}`, args[0])
			if args[0] == "deny" {
				action, body = "deny", ""
			}
			entered <- control(ts, "/_emulator/devicecodes/"+code+"/"+action, body)
		case <-ctx.Done():
			entered <- nil
		}
	}()
	var out bytes.Buffer
	in := strings.NewReader("")
	dir := ts.MkAbs(".")
	for i, arg := range args {
		if rest, ok := strings.CutPrefix(arg, "./"); ok { // this process is elsewhere
			args[i] = filepath.Join(dir, rest)
		}
	}
	got := run(ctx, args[2:], in, &out, said, ts.Getenv)
	cancel()
	ts.Check(<-entered)
	ts.Check(os.WriteFile(ts.MkAbs("out"), out.Bytes(), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("err"), []byte(said.String()), 0o600))
	if got != want {
		ts.Fatalf("exit code %d, want %d\nstandard error:\n%s", got, want, said.String())
	}
}

// advance moves the clock of the emulated cloud: advance 720h.
func advance(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(control(ts, "/_emulator/clock", fmt.Sprintf(`{"advance":%q}`, args[0])))
}

func env(ts *testscript.TestScript, path string) map[string]string {
	vars, err := (&input.Reader{}).Env("env_file", path)
	ts.Check(err)
	return vars
}

// control posts to the emulator's controls.
func control(ts *testscript.TestScript, path, body string) error {
	vars := env(ts, ts.Getenv("EMULATOR_ENV"))
	pem, err := os.ReadFile(vars["CA_FILE"])
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	c := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	defer c.CloseIdleConnections()
	res, err := c.Post(vars["BASE_URL"]+path, "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	_ = res.Body.Close()
	if res.StatusCode > 299 {
		return fmt.Errorf("%s: %s", path, res.Status)
	}
	return nil
}

// watcher keeps what is written and tells when a pattern is first seen: its first group, or all of it.
type watcher struct {
	mu      sync.Mutex
	text    bytes.Buffer
	pattern *regexp.Regexp
	seen    chan string
	told    bool
}

func newWatcher(pattern *regexp.Regexp) *watcher {
	return &watcher{pattern: pattern, seen: make(chan string, 1)}
}

func (w *watcher) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(b)
	if m := w.pattern.FindStringSubmatch(w.text.String()); m != nil && !w.told {
		w.told = true
		w.seen <- m[len(m)-1]
	}
	return len(b), nil
}

func (w *watcher) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}
