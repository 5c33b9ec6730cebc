package contract_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/emulatortest"
)

// differHeader compares the headers that a step names. A null wants the header absent; "=name" wants the value of
// another header.
func (r *run) differHeader(s step, got http.Header) []string {
	want := map[string]any{}
	for _, part := range s.Head {
		switch part := part.(type) {
		case string:
			set, ok := r.words.Headers[part]
			if !ok {
				return []string{"no set of headers is called " + part}
			}
			maps.Copy(want, set)
		case map[string]any:
			maps.Copy(want, part)
		}
	}
	if s.Unit != "" {
		want["x-ms-resource-unit"] = s.Unit
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		values := got.Values(name)
		pattern, present := want[name].(string)
		switch {
		case !present && len(values) > 0:
			out = append(out, fmt.Sprintf("header %s is %q, want none", name, values))
		case !present:
		case len(values) == 0:
			out = append(out, fmt.Sprintf("header %s is missing", name))
		default:
			if other, same := strings.CutPrefix(pattern, "="); same {
				pattern = got.Get(other)
			}
			out = append(out, r.shapes.differ("header "+name, pattern, values[0])...)
		}
	}
	return out
}

var key = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// newCertificate is a self-signed one, as base64 of its DER. It is valid from yesterday for a year.
func newCertificate(t *testing.T, name string) string {
	t.Helper()
	private, err := key()
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(365 * 24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

// inDays is a time of the emulator in whole seconds, as clients send it.
func inDays(e *emulatortest.Emulator, days int) string {
	return e.Now().AddDate(0, 0, days).UTC().Format(time.RFC3339)
}
