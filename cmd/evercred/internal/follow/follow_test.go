package follow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/cmd/evercred/internal/follow"
	"github.com/evercred/evercred/cmd/evercred/internal/terminal"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/client"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

// play is a server that shows an operation in one state after the other; the last one stays.
type play struct {
	mu      sync.Mutex
	acts    []resource.Operation
	calls   []string
	hang    bool // the last act waits for the client to go
	reached chan struct{}
}

func (p *play) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	act, last := p.acts[0], len(p.acts) == 1
	switch {
	case r.Method == http.MethodPost:
		p.calls = append(p.calls, r.URL.Path)
		if strings.HasSuffix(r.URL.Path, "/cancel") {
			act.State = account.OpCancelled
		}
	case r.URL.Query().Get("wait") != "" && !last:
		p.acts = p.acts[1:]
		act = p.acts[0]
	}
	p.mu.Unlock()
	if p.hang && last && r.URL.Query().Get("wait") != "" {
		close(p.reached)
		<-r.Context().Done()
		return
	}
	_ = json.NewEncoder(w).Encode(act)
}

func start(t *testing.T, p *play) (*follow.Follower, *bytes.Buffer) {
	t.Helper()
	s := httptest.NewServer(p)
	t.Cleanup(s.Close)
	c, err := client.New(client.Config{URL: s.URL, Token: secret.New("t")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	said := &bytes.Buffer{}
	return &follow.Follower{Client: c, Terminal: &terminal.Terminal{In: strings.NewReader(""), Out: &bytes.Buffer{}, Err: said}}, said
}

func at(seconds int) time.Time { return time.Date(2026, 11, 23, 9, 0, seconds, 0, time.UTC) }

func ended(seconds int) *time.Time { t := at(seconds); return &t }

// base is a renewal in some state.
func base(state account.OperationState, version int64) resource.Operation {
	return resource.Operation{
		ID: "op-1", Kind: account.OpRenew, State: state, Version: version, Account: resource.AccountRef{ID: "acc-1", Name: "backup-prod"},
	}
}

const message = "To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code ABCD to authenticate."

func waiting() resource.Operation {
	o := base(account.OpWaitingSignIn, 1)
	o.SignIn = &resource.SignIn{State: account.SignInWaiting, UserCode: "ABCD", Message: message}
	o.Steps = []resource.Step{{Title: "Signing in", StartedAt: at(0), Detail: "Waiting for the code ABCD to be entered"}}
	return o
}

func TestEachThingIsSaidOnce(t *testing.T) {
	t.Parallel()
	proving := base(account.OpRunning, 2)
	proving.SignIn = &resource.SignIn{State: account.SignInDone, UserCode: "ABCD", Message: message, Person: "owner@contoso.example"}
	proving.Steps = []resource.Step{
		{Title: "Signing in", StartedAt: at(0), EndedAt: ended(0), Outcome: account.StepDone},
		{Title: "Proving the new secret", StartedAt: at(1), Detail: "not yet known everywhere"},
	}
	again := proving
	again.Version = 3
	done := base(account.OpDone, 4)
	done.SignIn, done.Summary = proving.SignIn, "The new secret is in use."
	done.Steps = []resource.Step{
		proving.Steps[0],
		{Title: "Proving the new secret", StartedAt: at(1), EndedAt: ended(16), Outcome: account.StepDone, Detail: "3 good answers"},
	}
	f, said := start(t, &play{acts: []resource.Operation{waiting(), waiting(), proving, again, done}})
	first := waiting()
	o, err := f.Started(t.Context(), &first)
	if err != nil || o.State != account.OpDone {
		t.Fatal(o, err)
	}
	want := message + `
  ✓ Signing in
  … Proving the new secret: not yet known everywhere
  ✓ Proving the new secret: 3 good answers (15 s)
The new secret is in use.
`
	if diff := cmp.Diff(want, said.String()); diff != "" {
		t.Errorf("said (-want +got):\n%s", diff)
	}
}

func TestHowItEnds(t *testing.T) {
	t.Parallel()
	failed := base(account.OpFailed, 2)
	failed.Problem, failed.Summary = &resource.Failure{Code: "sign_in", Message: "The sign-in was declined.", Remedy: "Start again."}, "Nothing was changed."
	needs := base(account.OpNeedsSignIn, 2)
	needs.Left, needs.Problem = "removing the old secret", &resource.Failure{Code: "sign_in", Message: "The rights are gone."}
	choice := base(account.OpWaitingChoice, 2)
	choice.Choice = &resource.Choice{
		Question: "The application is only soft-deleted.", Options: []string{"restore", "new"}, Hint: "It can be restored until 2026-12-20.",
	}
	kind := base(account.OpWaitingChoice, 2)
	kind.Kind, kind.Choice = account.OpAdd, &resource.Choice{Question: "Secrets are forbidden.", Options: []string{"certificate", "cancel"}}
	cancelled := base(account.OpCancelled, 2)
	bare := base(account.OpFailed, 2)
	tests := map[string]struct {
		last  resource.Operation
		want  fault.Error
		calls []string
	}{
		"failed": {last: failed, want: fault.Error{
			Code: fault.SignIn, Message: "The sign-in was declined.", Meaning: "Nothing was changed.", Remedy: "Start again.",
		}},
		"needs sign-in": {last: needs, want: fault.Error{
			Code: fault.NeedsSignIn, Message: "The rights are gone.", Meaning: "Left to do: removing the old secret.",
			Remedy: "Run `evercred operation resume op-1` and sign in.",
		}},
		"choice": {last: choice, calls: []string{"/api/v1/operations/op-1/cancel"}, want: fault.Error{
			Code: fault.NeedsChoice, Message: "The application is only soft-deleted.",
			Meaning: "It can be restored until 2026-12-20. Nothing was changed.", Remedy: "Run the command again with --restore or --new.",
		}},
		"choice of an addition": {last: kind, calls: []string{"/api/v1/operations/op-1/cancel"}, want: fault.Error{
			Code: fault.NeedsChoice, Message: "Secrets are forbidden.", Meaning: "What was made so far is taken back.",
			Remedy: "Run the command again with --method certificate.",
		}},
		"cancelled": {last: cancelled, want: fault.Error{
			Code: fault.Conflict, Message: "The renewal was cancelled.", Remedy: "Start it again when it is wanted.",
		}},
		"failed without a word": {last: bare, want: fault.Error{
			Code: fault.Internal, Message: "The renewal failed.", Remedy: "Look at `evercred operation show op-1`.",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &play{acts: []resource.Operation{waiting(), tt.last}}
			f, _ := start(t, p)
			first := waiting()
			_, err := f.Started(t.Context(), &first)
			got, ok := errors.AsType[*fault.Error](err)
			if !ok || *got != tt.want {
				t.Errorf("got  %+v\nwant %+v", err, tt.want)
			}
			if diff := cmp.Diff(tt.calls, p.calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

func TestInterruption(t *testing.T) {
	t.Parallel()
	resumed := waiting()
	resumed.Steps = append([]resource.Step{{Title: "Adding", StartedAt: at(0), EndedAt: ended(1), Outcome: account.StepDone}}, resumed.Steps...)
	tests := map[string]struct {
		act   resource.Operation
		fresh bool
		calls []string
		said  string
	}{
		"nobody signed in": {waiting(), true, []string{"/api/v1/operations/op-1/cancel"}, "Cancelled: nobody had signed in"},
		"running":          {base(account.OpRunning, 2), true, nil, "`evercred operation show op-1`"},
		"an older one":     {resumed, true, nil, "goes on at the server"},
		"resumed":          {waiting(), false, nil, "goes on at the server"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &play{acts: []resource.Operation{tt.act}, hang: true, reached: make(chan struct{})}
			f, said := start(t, p)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() { <-p.reached; cancel() }()
			way := f.Resumed
			if tt.fresh {
				way = f.Started
			}
			if _, err := way(ctx, &tt.act); !errors.Is(err, terminal.ErrDetached) || terminal.ExitCode(err) != terminal.ExitInterrupted {
				t.Errorf("%v", err)
			}
			if diff := cmp.Diff(tt.calls, p.calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			if !strings.Contains(said.String(), tt.said) {
				t.Errorf("said: %s", said)
			}
		})
	}
}

func TestServerThatDies(t *testing.T) {
	t.Parallel()
	for kind, want := range map[account.OperationKind]string{
		account.OpRenew:   "The renewal (operation op-1) goes on when the server starts again.",
		account.OpConnect: "The credential was only in the server's memory until it was proven. Unless operation op-1 had ended, nothing was stored.",
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_ = conn.Close()
		}))
		c, err := client.New(client.Config{URL: s.URL, Token: secret.New("t")})
		if err != nil {
			t.Fatal(err)
		}
		f := follow.Follower{Client: c, Terminal: &terminal.Terminal{Err: &bytes.Buffer{}}}
		o := base(account.OpRunning, 1)
		o.Kind = kind
		begin := time.Now()
		_, err = f.Started(t.Context(), &o)
		if got, ok := errors.AsType[*fault.Error](err); !ok || got.Code != fault.Unreachable || got.Meaning != want {
			t.Errorf("%s: %+v", kind, err)
		}
		if took := time.Since(begin); took > 3*time.Second {
			t.Errorf("it took %v", took)
		}
		s.Close()
	}
}

func TestStepLine(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]resource.Step{
		"  ✓ A (1 min 5 s)": {Title: "A", StartedAt: at(0), EndedAt: ended(65), Outcome: account.StepDone},
		"  ✗ A: broken":     {Title: "A", StartedAt: at(0), EndedAt: ended(0), Outcome: account.StepFailed, Detail: "broken"},
		"  – A":             {Title: "A\x1b\n", StartedAt: at(0), EndedAt: ended(0), Outcome: account.StepSkipped},
		"  … A":             {Title: "A", StartedAt: at(0)},
	} {
		if got := follow.StepLine(&s); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := fmt.Sprint(follow.Took(1499 * time.Millisecond)); got != "1 s" {
		t.Error(got)
	}
}
