package entra_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/entra"
)

func TestProofOfPossession(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	b, err := certificate.NewSelfSigned("CN=backup", certificate.MinBits, now.Add(-time.Hour), now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	const objectID = "cccccccc-0000-4000-8000-00000000000c"
	proof, err := entra.ProofOfPossession(b, objectID, now)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(proof.Reveal(), "=") {
		t.Error("it is padded, which Microsoft Graph refuses")
	}
	sig, err := jose.ParseSignedCompact(proof.Reveal(), []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := sig.Verify(&b.Key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		Aud, Iss string
		Nbf, Exp int64
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	if claims.Aud != "00000002-0000-0000-c000-000000000000" || claims.Iss != objectID {
		t.Errorf("claims %+v", claims)
	}
	if claims.Nbf > now.Unix() || claims.Exp <= now.Unix() || claims.Exp-claims.Nbf > 600 {
		t.Errorf("good from %d to %d, now %d; Microsoft Graph takes at most ten minutes", claims.Nbf, claims.Exp, now.Unix())
	}
	if _, err := entra.ProofOfPossession(&certificate.Bundle{Leaf: b.Leaf}, objectID, now); err == nil {
		t.Error("a certificate without its key signs")
	}
}
