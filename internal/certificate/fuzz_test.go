package certificate_test

import (
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

// FuzzReadPFX: whatever is fed in, the answer is a usable bundle or a fault that names a field and a remedy.
func FuzzReadPFX(f *testing.F) {
	b := self(f, "fuzz")
	for _, e := range []*pkcs12.Encoder{pkcs12.LegacyRC2, pkcs12.LegacyDES, pkcs12.Modern2023, pkcs12.Modern2026} {
		data, err := e.WithIterations(1).Encode(b.Key, b.Leaf, nil, "x")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, "x")
		f.Add(data, "")
		f.Add(data[:len(data)-3], "x")
	}
	f.Add(unprotected(f, []bag{keyBag(f, b.Key), certificateBag(f, b.Leaf)}), "")
	f.Add(unprotected(f, []bag{keyBag(f, b.Key)}, nil, []bag{certificateBag(f, b.Leaf)}), "é")
	f.Add([]byte(b.PEM().Reveal()), "")
	f.Add(b.Leaf.Raw, "x")
	f.Add([]byte{0x30, 0x80, 0, 0}, "\xff")
	f.Fuzz(func(t *testing.T, data []byte, password string) {
		got, err := certificate.ReadPFX(data, secret.New(password), day())
		if err == nil {
			if again, err := certificate.ReadPEM(got.PEM()); err != nil || again.Thumbprint() != got.Thumbprint() {
				t.Errorf("what was read cannot be sealed and read again: %v", err)
			}
			return
		}
		if e := fault.From(err); e.Code != fault.Invalid || e.Field != "certificate" && e.Field != "password" || e.Message == "" || e.Remedy == "" {
			t.Errorf("fault %+v", e)
		}
	})
}
