package certificate_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

func TestFacts(t *testing.T) {
	t.Parallel()
	b := self(t, "backup-cert")
	sum := sha256.Sum256(b.Leaf.Raw)
	want := certificate.Facts{
		Subject: "CN=backup-cert", Issuer: "CN=backup-cert", Thumbprint: b.Thumbprint(), ThumbprintSHA256: strings.ToUpper(hex.EncodeToString(sum[:])),
		StartsAt: day().AddDate(0, -1, 0), ExpiresAt: day().AddDate(1, 0, 0), Key: "RSA 2048", SelfSigned: true, Validity: certificate.Valid,
	}
	if diff := cmp.Diff(want, b.Facts(day())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for at, want := range map[time.Time]certificate.Validity{
		day().AddDate(1, 0, -30): certificate.Valid, day().AddDate(1, 0, -29): certificate.Expiring, day().AddDate(1, 0, 0): certificate.Expiring,
		day().AddDate(1, 0, 1): certificate.Expired, day().AddDate(0, -2, 0): certificate.NotYetValid,
	} {
		if got := b.Facts(at).Validity; got != want {
			t.Errorf("at %s: %s, want %s", at, got, want)
		}
	}
	chained := issued(t).Facts(day())
	if chained.SelfSigned || chained.Chain != 2 || chained.Issuer == chained.Subject {
		t.Errorf("of a chain: %+v", chained)
	}
}

// TestInspectReadsWhatHasEnded shows the one difference to ReadPFX.
func TestInspectReadsWhatHasEnded(t *testing.T) {
	t.Parallel()
	b := self(t, "backup-cert")
	data, err := b.PFX(secret.New("x"))
	if err != nil {
		t.Fatal(err)
	}
	later := day().AddDate(2, 0, 0)
	got, err := certificate.InspectPFX(data, secret.New("x"), later)
	if err != nil || got.Thumbprint() != b.Thumbprint() {
		t.Fatalf("%v, %v", got, err)
	}
	if err := got.CheckValidity(later); err == nil || fault.From(err).Field != "certificate" {
		t.Errorf("ended: %v", err)
	}
	if err := got.CheckValidity(day()); err != nil {
		t.Error(err)
	}
	if _, err := certificate.ReadPFX(data, secret.New("x"), later); err == nil {
		t.Error("ReadPFX takes it")
	}
	if _, err := certificate.InspectPFX(data, secret.New("y"), day()); err == nil || fault.From(err).Field != "password" {
		t.Errorf("wrong password: %v", err)
	}
}
