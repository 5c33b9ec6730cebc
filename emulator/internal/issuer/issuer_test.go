package issuer_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/internal/issuer"
	"github.com/evercred/evercred/emulator/internal/token"
)

// outside is an issuer whose keys can be changed.
type outside struct {
	*httptest.Server
	mu      sync.Mutex
	keys    []any
	name    string // what its configuration says it is; empty: the truth
	fetches atomic.Int64
}

func newOutside(t *testing.T, keys ...any) *outside {
	t.Helper()
	o := &outside{keys: keys}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		o.fetches.Add(1)
		o.mu.Lock()
		defer o.mu.Unlock()
		name := o.name
		if name == "" {
			name = o.URL
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": name, "jwks_uri": o.URL + "/keys"})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		o.mu.Lock()
		defer o.mu.Unlock()
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": o.keys})
	})
	o.Server = httptest.NewServer(mux)
	t.Cleanup(o.Close)
	return o
}

func (o *outside) set(name string, keys ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.name, o.keys = name, keys
}

func curveJWK(t *testing.T, id string) (map[string]string, *ecdsa.PublicKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"kty": "EC", "crv": "P-256", "kid": id, "x": base64.RawURLEncoding.EncodeToString(point[1:33]), "y": base64.RawURLEncoding.EncodeToString(point[33:]),
	}, &key.PublicKey
}

func TestFind(t *testing.T) {
	t.Parallel()
	signer, err := token.NewSigner()
	if err != nil {
		t.Fatal(err)
	}
	curve, curveKey := curveJWK(t, "curve")
	o := newOutside(t, signer.JWK(), curve, map[string]string{"kty": "oct", "k": "AAAA", "kid": "secret"}, "nonsense")
	keys := issuer.New(nil)
	find := func(id string, want crypto.PublicKey, wantErr error) {
		t.Helper()
		got, err := keys.Find(t.Context(), o.URL, id)
		if !errors.Is(err, wantErr) {
			t.Errorf("%q: %v, want %v", id, err, wantErr)
		}
		if equal, ok := got.(interface{ Equal(x crypto.PublicKey) bool }); want != nil && (!ok || !equal.Equal(want)) {
			t.Errorf("%q: another key", id)
		}
	}
	find(signer.KeyID(), signer.Public(), nil)
	find("curve", curveKey, nil)
	if n := o.fetches.Load(); n != 1 {
		t.Errorf("%d fetches for two keys", n)
	}
	find("secret", nil, issuer.ErrNoKey) // a shared secret is no public key
	find("", nil, issuer.ErrNoKey)       // which of two?
	next, nextKey := curveJWK(t, "next")
	o.set("", next)
	find("next", nextKey, nil) // rotated
	find("", nextKey, nil)
	find("curve", nil, issuer.ErrNoKey)
	o.set("https://other.example", next)
	find("gone", nil, issuer.ErrMetadata)
	o.Close()
	find("gone", nil, issuer.ErrUnreachable)
	find("next", nextKey, nil) // still remembered
}

func TestFindRefuses(t *testing.T) {
	t.Parallel()
	keys := issuer.New(nil)
	missing := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(missing.Close)
	for name, want := range map[string]error{
		missing.URL: issuer.ErrMetadata, "http://issuer.example": issuer.ErrMetadata, "file:///etc/passwd": issuer.ErrMetadata,
		"https://": issuer.ErrMetadata, "https://u:p@127.0.0.1:1": issuer.ErrMetadata, "::": issuer.ErrMetadata, "http://127.0.0.1:1": issuer.ErrUnreachable,
	} {
		if _, err := keys.Find(t.Context(), name, "x"); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOwn(t *testing.T) {
	t.Parallel()
	signer, err := token.NewSigner()
	if err != nil {
		t.Fatal(err)
	}
	own := issuer.NewOwn(issuer.OwnConfig{
		Signer: func() (*token.Signer, error) { return signer, nil }, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
		Address: func(r *http.Request) string { return "http://" + r.Host + "/_emulator/issuer" },
	})
	server := httptest.NewServer(own)
	t.Cleanup(server.Close)
	name := server.URL + "/_emulator/issuer"
	if key, err := issuer.New(nil).Find(t.Context(), name, signer.KeyID()); err != nil || !signer.Public().Equal(key) {
		t.Errorf("%v", err)
	}
	for body, want := range map[string]int{
		`{"subject":"repo:a/b","audience":"api://x","expiresIn":60,"claims":{"iss":"https://evil.example","job":"1"}}`: 200,
		`{"subject":""}`: 400, `{"subject":"a","x":1}`: 400, `{"subject":"a"} {}`: 400, "": 400, `[]`: 400,
	} {
		resp, err := http.Post(name+"/token", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		var answer struct{ Token string }
		_ = json.NewDecoder(resp.Body).Decode(&answer)
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %s", body, resp.Status)
		}
		if want != 200 {
			continue
		}
		payload, err := base64.RawURLEncoding.DecodeString(strings.Split(answer.Token, ".")[1])
		if err != nil || !bytes.Contains(payload, []byte(`"iss":"`+name+`"`)) || !bytes.Contains(payload, []byte(`"job":"1"`)) {
			t.Errorf("%s %v", payload, err)
		}
	}
	if resp, err := http.Get(name + "/token"); err != nil || resp.StatusCode != 404 {
		t.Errorf("GET of token: %v", err)
	}
}
