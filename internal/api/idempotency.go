package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// Idempotency keys (IETF draft-ietf-httpapi-idempotency-key-header): a request that starts or makes something may carry a key
// of the client's choice. The same request under the same key gets the same answer for a day, also when the server was
// stopped meanwhile: what a request has begun is noted in the transaction that begins it. Only what succeeded is kept. A
// request that was refused has begun nothing, and may be made again under its key.

const (
	keyHeader    = "Idempotency-Key"
	replayHeader = "Idempotency-Replayed"

	maxKey       = 255
	maxKeptBody  = 1 << 20
	duplicateFor = 30 * time.Second // how long a request waits for one under the same key
)

// Answers keeps answers under idempotency keys. The store does.
type Answers interface {
	BeginKeyed(ctx context.Context, by account.Caller, key string, request []byte, newID string, now time.Time) (*store.KeyedRequest, error)
	EndKeyed(ctx context.Context, id string, answer secret.Value) error
	DropKeyed(ctx context.Context, id string) error
}

// keyed are the requests under way, by caller and key, so that a second one waits for the first.
type keyed struct {
	mu    sync.Mutex
	under map[string]chan struct{}
}

// take returns what closes at the end of the request under way; nil where there was none, and then it is the caller's until
// done is called.
func (k *keyed) take(name string) (wait <-chan struct{}, done func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if c, ok := k.under[name]; ok {
		return c, nil
	}
	c := make(chan struct{})
	if k.under == nil {
		k.under = map[string]chan struct{}{}
	}
	k.under[name] = c
	return nil, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		delete(k.under, name)
		close(c)
	}
}

// keyCounts reports whether a key means something for a request. A hand-over and a session disclose a secret, which is kept
// nowhere, and a preview starts nothing.
func keyCounts(r *http.Request) bool {
	path, ours := strings.CutPrefix(r.URL.Path, base+"/")
	if r.Method != http.MethodPost && r.Method != http.MethodDelete || !ours || r.Header.Get(keyHeader) == "" {
		return false
	}
	return !strings.HasSuffix(path, "/hand-over") && !strings.HasSuffix(path, "-preview") && path != "session" && !strings.HasPrefix(path, "session/")
}

// idempotent answers a request under a known key as it was answered before.
func (s *server) idempotent(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !keyCounts(r) {
			next.ServeHTTP(w, r)
			return
		}
		key := r.Header.Get(keyHeader)
		if err := checkKey(key); err != nil {
			s.fail(w, r, err, 0)
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, largeBody+1))
		if err != nil || len(body) > largeBody { // the operation says what is wrong with it
			r.Body = struct {
				io.Reader
				io.Closer
			}{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
			next.ServeHTTP(w, r)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if err := s.underKey(w, r, next, key, body); err != nil {
			s.fail(w, r, err, 0)
		}
	})
}

func checkKey(key string) error {
	bad := len(key) > maxKey || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' })
	if bad {
		return fault.BadField("idempotency_key", "The header Idempotency-Key has too many characters, or some that are not allowed.",
			"Use 1 to 255 visible ASCII characters, such as a UUID.")
	}
	return nil
}

// underKey serves one request under its key. An error means that nothing was written yet.
func (s *server) underKey(w http.ResponseWriter, r *http.Request, next http.Handler, key string, body []byte) error {
	by := requestOf(r.Context()).caller
	done, err := s.await(r.Context(), by.Name+"\n"+key)
	if err != nil {
		return err
	}
	defer done()
	request := append([]byte(r.Method+"\n"+r.URL.RequestURI()+"\n"), body...)
	found, err := s.answers.BeginKeyed(r.Context(), by, key, request, uuid.NewString(), s.clock.Now())
	switch {
	case err != nil:
		return err
	case !found.Same:
		return fault.BadField("idempotency_key", "Another request was made under this Idempotency-Key.",
			"Use a new key for a new request. The same key is for asking the same once more.")
	case !found.Answer.Empty():
		return replay(w, found.Answer)
	case found.Made != "":
		return s.replayMade(w, r, by, found.Made)
	}
	s.record(w, r.WithContext(store.WithRequest(r.Context(), found.ID)), next, found.ID)
	return nil
}

// await waits until no other request is under way under the name.
func (s *server) await(ctx context.Context, name string) (done func(), err error) {
	over := time.NewTimer(duplicateFor)
	defer over.Stop()
	for {
		wait, done := s.keyed.take(name)
		if wait == nil {
			return done, nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-over.C:
			return nil, fault.New(fault.Conflict, "A request under the same Idempotency-Key is still under way.").
				WithMeaning("This one has done nothing.").WithRemedy("Ask again in a moment, with the same key: the answer is then that of the first.")
		}
	}
}

// answer is what is kept of an answer.
type answer struct {
	Status int               `json:"status"`
	Header map[string]string `json:"header"`
	Body   string            `json:"body"`
}

// record serves a request and keeps its answer, if that is a good one.
func (s *server) record(w http.ResponseWriter, r *http.Request, next http.Handler, id string) {
	ctx := context.WithoutCancel(r.Context())
	kept := false
	defer func() { // also after a panic
		if kept {
			return
		}
		if err := s.answers.DropKeyed(ctx, id); err != nil {
			s.log.ErrorContext(ctx, "forgetting a request", "request", requestID(ctx), "error", err)
		}
	}()
	c := &copier{recorder: recorder{ResponseWriter: w}}
	next.ServeHTTP(c, r)
	if c.status < 200 || c.status > 299 || c.body.Len() > maxKeptBody {
		return
	}
	a := answer{Status: c.status, Header: map[string]string{}, Body: c.body.String()}
	for _, name := range []string{"Content-Type", "ETag", "Location", "Link"} {
		if v := c.Header().Get(name); v != "" {
			a.Header[name] = v
		}
	}
	raw, err := json.Marshal(a)
	if err == nil {
		err = s.answers.EndKeyed(ctx, id, secret.New(string(raw)))
	}
	if err != nil {
		s.log.ErrorContext(ctx, "keeping an answer", "request", requestID(ctx), "error", err)
		return
	}
	kept = true
}

func replay(w http.ResponseWriter, kept secret.Value) error {
	var a answer
	if err := json.Unmarshal([]byte(kept.Reveal()), &a); err != nil {
		return fault.New(fault.Internal, "A kept answer cannot be read.").WithRemedy("Ask under a new Idempotency-Key, after a look at what was done.").WithCause(err)
	}
	for name, v := range a.Header {
		w.Header().Set(name, v)
	}
	w.Header().Set(replayHeader, "true")
	w.WriteHeader(a.Status)
	_, _ = io.WriteString(w, a.Body)
	return nil
}

// replayMade answers a request whose answer was never kept, since the server was stopped: by what it had begun, as that is now.
func (s *server) replayMade(w http.ResponseWriter, r *http.Request, by account.Caller, made string) error {
	kind, id, _ := strings.Cut(made, "/")
	status := http.StatusAccepted
	var body any
	switch kind {
	case "bulk":
		b, err := s.bulk(r.Context(), by, id, store.ItemQuery{Limit: firstItems})
		if err != nil {
			return err
		}
		body = b.Body
	default:
		o, err := s.engine.Operation(r.Context(), by, id)
		if err != nil {
			return err
		}
		if o.State.Closed() {
			status = http.StatusOK
		}
		body = resource.OfOperation(o)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set(replayHeader, "true")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) //nolint:errchkjson // the client is gone if this fails; there is nobody to tell
	return nil
}

// copier keeps a copy of an answer, up to the most that is kept.
type copier struct {
	recorder
	body bytes.Buffer
}

func (c *copier) Write(b []byte) (int, error) {
	if c.body.Len() <= maxKeptBody {
		_, _ = c.body.Write(b)
	}
	return c.recorder.Write(b)
}
