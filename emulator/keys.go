package emulator

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/evercred/evercred/emulator/internal/seed"
	"github.com/evercred/evercred/emulator/internal/token"
)

const (
	signerFile = "signer.pem"
	appPEMFile = "app.pem"

	certificateLife = 2 * 365 * 24 * time.Hour
	// credentialLeft is what a credential of the test application must have left at a start; else it is replaced.
	credentialLeft = 30 * 24 * time.Hour
)

// keys are what takes time to make: RSA keys, once per data folder.
type keys struct {
	signer      *token.Signer
	application pair
}

// pair is the test application's certificate and key.
type pair struct {
	cert *x509.Certificate
	key  *rsa.PrivateKey
}

// keys reads both from the folder and makes what is missing, side by side. now is the emulator's clock.
func (f *folder) keys(now time.Time) (keys, error) {
	var k keys
	var work errgroup.Group
	work.Go(func() (err error) {
		k.signer, err = f.signer()
		return err
	})
	work.Go(func() (err error) {
		k.application, err = f.applicationKey(now)
		return err
	})
	return k, work.Wait()
}

func (f *folder) signer() (*token.Signer, error) {
	material, err := f.read(signerFile)
	if err != nil {
		return nil, err
	}
	if material != nil {
		s, err := token.LoadSigner(material)
		if err != nil {
			return nil, fmt.Errorf("reading %s, the key that signs tokens (remove it to get a new one; tokens then end): %w", f.join(signerFile), err)
		}
		return s, nil
	}
	s, err := token.NewSigner()
	if err != nil {
		return nil, err
	}
	return s, f.write(signerFile, s.PEM())
}

func (f *folder) applicationKey(now time.Time) (pair, error) {
	material, err := f.read(appPEMFile)
	if err != nil {
		return pair{}, err
	}
	if have, err := tls.X509KeyPair(material, material); err == nil {
		key, ok := have.PrivateKey.(*rsa.PrivateKey)
		if ok && !have.Leaf.NotBefore.After(now) && have.Leaf.NotAfter.Sub(now) > credentialLeft {
			return pair{have.Leaf, key}, nil
		}
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return pair{}, fmt.Errorf("making the test application's key: %w", err)
	}
	start := now.Add(-time.Minute).Truncate(time.Second) // a client's clock may be behind
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: seed.TestApplication}, NotBefore: start, NotAfter: start.Add(certificateLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, BasicConstraintsValid: true,
	}
	der, err := issue(template, template, key.Public(), key)
	if err != nil {
		return pair{}, fmt.Errorf("making the test application's certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return pair{}, fmt.Errorf("reading the test application's new certificate: %w", err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return pair{}, fmt.Errorf("writing the test application's key: %w", err)
	}
	content := append(encodePEM("PRIVATE KEY", keyDER), encodePEM("CERTIFICATE", der)...)
	return pair{cert, key}, f.write(appPEMFile, content)
}
