// Package issuer finds the keys of outside token issuers, as Microsoft Entra does for federated identity credentials:
// by their OpenID configuration and the key set it names (OpenID Connect Discovery 1.0, section 4; Microsoft Entra,
// workload identity federation considerations).
package issuer

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// What can go wrong. ErrUnreachable and ErrMetadata are the issuer's; ErrNoKey is the token's.
var (
	ErrUnreachable = errors.New("the issuer could not be asked")
	ErrMetadata    = errors.New("the issuer's documents are not usable")
	ErrNoKey       = errors.New("the issuer has no such key")
)

const (
	fetchTimeout = 5 * time.Second
	maxDocument  = 1 << 20
	maxRedirects = 3
	// fresh is how long keys are used without asking again. A token by an unknown key asks at once, so a rotation is
	// noticed; a key that was withdrawn is good for that long.
	fresh = time.Hour
	// most issuers are remembered; beyond it all are forgotten, which costs a fetch each.
	most = 1000
)

// Keys fetches and remembers. It is safe for concurrent use; two tokens of one issuer cause one fetch.
type Keys struct {
	client *http.Client

	mu      sync.Mutex
	issuers map[string]*entry
}

type entry struct {
	mu      sync.Mutex
	keys    map[string]crypto.PublicKey
	fetched time.Time // by the wall clock, as the issuer is outside
}

// New returns an empty cache. transport nil: http.DefaultTransport.
func New(transport http.RoundTripper) *Keys {
	return &Keys{issuers: map[string]*entry{}, client: &http.Client{
		Transport: transport, Timeout: fetchTimeout,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects || !allowed(r.URL) {
				return errors.New("redirected too often or to where keys are not fetched from")
			}
			return nil
		},
	}}
}

// Find returns the key with which a token of the issuer says it is signed. Without a key id it is the only key.
func (k *Keys) Find(ctx context.Context, issuer, keyID string) (crypto.PublicKey, error) {
	e := k.entry(issuer)
	e.mu.Lock()
	defer e.mu.Unlock()
	if key := e.find(keyID); key != nil && time.Since(e.fetched) < fresh {
		return key, nil
	}
	keys, err := k.fetch(ctx, issuer)
	if err != nil {
		return nil, err
	}
	e.keys, e.fetched = keys, time.Now()
	if key := e.find(keyID); key != nil {
		return key, nil
	}
	return nil, ErrNoKey
}

func (k *Keys) entry(issuer string) *entry {
	k.mu.Lock()
	defer k.mu.Unlock()
	e := k.issuers[issuer]
	if e == nil {
		if len(k.issuers) >= most {
			clear(k.issuers)
		}
		e = &entry{}
		k.issuers[issuer] = e
	}
	return e
}

func (e *entry) find(keyID string) crypto.PublicKey {
	if keyID == "" && len(e.keys) == 1 {
		for _, key := range e.keys {
			return key
		}
	}
	return e.keys[keyID]
}

func (k *Keys) fetch(ctx context.Context, issuer string) (map[string]crypto.PublicKey, error) {
	if u, err := url.Parse(issuer); err != nil || !allowed(u) {
		return nil, fmt.Errorf("%w: its name is not an address that keys are fetched from", ErrMetadata)
	}
	var configuration struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := k.get(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", &configuration); err != nil {
		return nil, err
	}
	if configuration.Issuer != issuer {
		return nil, fmt.Errorf("%w: its configuration names another issuer", ErrMetadata)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := k.get(ctx, configuration.Keys, &set); err != nil {
		return nil, err
	}
	keys := map[string]crypto.PublicKey{}
	for _, raw := range set.Keys {
		if id, key := parseKey(raw); key != nil {
			keys[id] = key
		}
	}
	return keys, nil
}

// allowed: keys come over TLS, or from this very machine, where tests have their issuers.
func allowed(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	local := strings.EqualFold(u.Hostname(), "localhost") || ip != nil && ip.IsLoopback()
	return u.User == nil && u.Hostname() != "" && (u.Scheme == "https" || u.Scheme == "http" && local)
}

func (k *Keys) get(ctx context.Context, address string, into any) error {
	u, err := url.Parse(address)
	if err != nil || !allowed(u) {
		return fmt.Errorf("%w: an address is not one that keys are fetched from", ErrMetadata)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMetadata, err)
	}
	req.Header.Set("Accept", "application/json")
	resp, err := k.client.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: %s answered %s", ErrMetadata, u.Host, resp.Status)
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%w: %w", ErrMetadata, err)
	}
	return nil
}

// parseKey reads an RSA or elliptic curve key for signatures (RFC 7517, RFC 7518); nil for any other.
func parseKey(raw []byte) (string, crypto.PublicKey) {
	var k struct {
		Type     string `json:"kty"`
		ID       string `json:"kid"`
		Use      string `json:"use"`
		Modulus  string `json:"n"`
		Exponent string `json:"e"`
		Curve    string `json:"crv"`
		X        string `json:"x"`
		Y        string `json:"y"`
	}
	if json.Unmarshal(raw, &k) != nil || k.Use != "" && k.Use != "sig" {
		return "", nil
	}
	switch k.Type {
	case "RSA":
		n, e := number(k.Modulus), number(k.Exponent)
		if n == nil || e == nil || n.BitLen() < 1024 || n.BitLen() > 8192 || !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 {
			return "", nil
		}
		return k.ID, &rsa.PublicKey{N: n, E: int(e.Int64())}
	case "EC":
		return k.ID, curveKey(k.Curve, k.X, k.Y)
	}
	return "", nil
}

func curveKey(name, x, y string) crypto.PublicKey {
	curves := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384()}
	curve := curves[name]
	rawX, errX := base64.RawURLEncoding.DecodeString(x)
	rawY, errY := base64.RawURLEncoding.DecodeString(y)
	if curve == nil || errX != nil || errY != nil {
		return nil
	}
	size := (curve.Params().BitSize + 7) / 8
	if len(rawX) != size || len(rawY) != size {
		return nil
	}
	point := append(append([]byte{4}, rawX...), rawY...) // uncompressed (SEC 1, section 2.3.3)
	key, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return nil
	}
	return key
}

func number(text string) *big.Int {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil || len(raw) == 0 {
		return nil
	}
	return new(big.Int).SetBytes(raw)
}
