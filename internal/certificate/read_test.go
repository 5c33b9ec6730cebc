package certificate_test

import (
	"crypto/x509"
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/secret"
)

func wantBundle(t *testing.T, got, want *certificate.Bundle, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("it does not read: %v", err)
	}
	if !got.Leaf.Equal(want.Leaf) {
		t.Errorf("leaf is %s, want %s", got.Leaf.Subject, want.Leaf.Subject)
	}
	if !got.Key.Equal(want.Key) {
		t.Error("another key")
	}
	names := func(list []*x509.Certificate) (out []string) {
		for _, c := range list {
			out = append(out, c.Subject.CommonName)
		}
		return out
	}
	if fmt.Sprint(names(got.Chain)) != fmt.Sprint(names(want.Chain)) {
		t.Errorf("chain %v, want %v", names(got.Chain), names(want.Chain))
	}
}

func TestReadsWhatOpenSSLWrites(t *testing.T) {
	t.Parallel()
	alone, chained := self(t, "backup-cert"), issued(t)
	export := func(more ...string) []string {
		return append([]string{"pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", "-out", "out"}, more...)
	}
	tests := map[string]struct {
		b        *certificate.Bundle
		password string
		args     []string
	}{
		"AES-256 and SHA-256":        {alone, "correct horse", export()},
		"with its chain":             {chained, "correct horse", export("-certfile", "chain.pem")},
		"SHA-512":                    {alone, "correct horse", export("-macalg", "sha512")},
		"AES-128":                    {alone, "correct horse", export("-keypbe", "AES-128-CBC", "-certpbe", "AES-192-CBC")},
		"3DES and SHA-1":             {alone, "correct horse", export("-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1")},
		"RC2 and 3DES":               {alone, "correct horse", export("-legacy")},
		"check without encryption":   {alone, "correct horse", export("-keypbe", "NONE", "-certpbe", "NONE")},
		"neither check nor secrecy":  {alone, "", export("-keypbe", "NONE", "-certpbe", "NONE", "-nomac")},
		"needless password":          {alone, "not asked for", export("-keypbe", "NONE", "-certpbe", "NONE", "-nomac")},
		"many iterations":            {alone, "correct horse", export("-iter", "50000")},
		"friendly name":              {alone, "correct horse", export("-name", "Sicherung für Köln")},
		"empty password":             {alone, "", export()},
		"empty password, legacy":     {alone, "", export("-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1")},
		"umlauts":                    {alone, "Schlüssel fürs Gerät", export()},
		"umlauts, legacy":            {alone, "Schlüssel fürs Gerät", export("-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1")},
		"Japanese":                   {alone, "バックアップ証明書", export()},
		"spaces around the password": {alone, " x ", export()},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append(slices.Clip(tt.args), "-passout", "pass:"+tt.password)
			if tt.args[len(tt.args)-1] == "-legacy" { // openssl's helper looks for it at the end
				args = append(append(tt.args[:len(tt.args)-1:len(tt.args)-1], "-passout", "pass:"+tt.password), "-legacy")
			}
			got, err := certificate.ReadPFX(openssl(t, tt.b, args...), secret.New(tt.password), day())
			wantBundle(t, got, tt.b, err)
		})
	}
}

func TestReadsWhatEncodersWrite(t *testing.T) {
	t.Parallel()
	b := issued(t)
	encoders := map[string]*pkcs12.Encoder{
		"RC2": pkcs12.LegacyRC2, "3DES": pkcs12.LegacyDES, "2023": pkcs12.Modern2023, "PBMAC1": pkcs12.Modern2026,
	}
	decomposed := norm.NFD.String("Schlüssel é")
	passwords := map[string]struct{ written, typed string }{
		"plain":                     {"correct horse", "correct horse"},
		"empty":                     {"", ""},
		"composed, typed composed":  {"Schlüssel é", "Schlüssel é"},
		"composed, typed on a Mac":  {"Schlüssel é", decomposed},
		"decomposed, typed on a PC": {decomposed, "Schlüssel é"},
		"taken byte by byte":        {"Ã©tÃ©", "été"},
	}
	for name, encoder := range encoders {
		for kind, p := range passwords {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				data, err := encoder.Encode(b.Key, b.Leaf, b.Chain, p.written)
				if err != nil {
					t.Fatal(err)
				}
				got, err := certificate.ReadPFX(data, secret.New(p.typed), day())
				wantBundle(t, got, b, err)
			})
		}
	}
}

func TestFindsTheLeafWhereverItStands(t *testing.T) {
	t.Parallel()
	b, stranger := issued(t), self(t, "stranger")
	middle, root := b.Chain[0], b.Chain[1]
	orders := map[string]struct {
		file []*x509.Certificate
		want []*x509.Certificate
	}{
		"last":              {[]*x509.Certificate{root, middle, b.Leaf}, []*x509.Certificate{middle, root}},
		"in the middle":     {[]*x509.Certificate{root, b.Leaf, middle}, []*x509.Certificate{middle, root}},
		"first":             {[]*x509.Certificate{b.Leaf, root, middle}, []*x509.Certificate{middle, root}},
		"twice":             {[]*x509.Certificate{b.Leaf, middle, b.Leaf}, []*x509.Certificate{middle}},
		"among strangers":   {[]*x509.Certificate{stranger.Leaf, root, middle, b.Leaf}, []*x509.Certificate{middle, root, stranger.Leaf}},
		"without its chain": {[]*x509.Certificate{b.Leaf}, nil},
	}
	for name, tt := range orders {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := pkcs12.Modern.Encode(b.Key, tt.file[0], tt.file[1:], "x")
			if err != nil {
				t.Fatal(err)
			}
			got, err := certificate.ReadPFX(data, secret.New("x"), day())
			wantBundle(t, got, &certificate.Bundle{Leaf: b.Leaf, Chain: tt.want, Key: b.Key}, err)
		})
	}
}

func TestOfTwoCertificatesForOneKeyTheValidOneCounts(t *testing.T) {
	t.Parallel()
	b := self(t, "renewed with the same key")
	with := func(start, end time.Time) *x509.Certificate {
		c := *b.Leaf
		c.NotBefore, c.NotAfter = start, end
		raw, err := x509.CreateCertificate(nil, &c, &c, &b.Key.PublicKey, b.Key)
		if err != nil {
			t.Fatal(err)
		}
		out, err := x509.ParseCertificate(raw)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	old := with(day().AddDate(-2, 0, 0), day().AddDate(0, 0, -1))
	valid := with(day().AddDate(0, -1, 0), day().AddDate(0, 6, 0))
	future := with(day().AddDate(0, 1, 0), day().AddDate(3, 0, 0))
	for name, list := range map[string][]*x509.Certificate{
		"valid last": {old, future, valid}, "valid first": {valid, old, future}, "valid between": {future, valid, old},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := pkcs12.Modern.Encode(b.Key, list[0], list[1:], "x")
			if err != nil {
				t.Fatal(err)
			}
			got, err := certificate.ReadPFX(data, secret.New("x"), day())
			if err != nil {
				t.Fatal(err)
			}
			if !got.Leaf.Equal(valid) {
				t.Errorf("the leaf ends %s, want %s", got.Leaf.NotAfter, valid.NotAfter)
			}
		})
	}
}

func TestValidToTheLastSecond(t *testing.T) {
	t.Parallel()
	b := self(t, "edge")
	data, err := b.PFX(secret.New("x"))
	if err != nil {
		t.Fatal(err)
	}
	for at, ok := range map[time.Time]bool{
		b.Leaf.NotBefore: true, b.Leaf.NotBefore.Add(-time.Nanosecond): false,
		b.Leaf.NotAfter: true, b.Leaf.NotAfter.Add(time.Nanosecond): false,
	} {
		if _, err := certificate.ReadPFX(data, secret.New("x"), at); (err == nil) != ok {
			t.Errorf("at %s: %v", at, err)
		}
	}
}
