package emulator

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/evercred/evercred/emulator/internal/seed"
	"github.com/evercred/evercred/emulator/internal/token"
)

const (
	signerFile = "signer.pem"
	issuerFile = "issuer.pem" // of the issuer for tests; made when it is first asked for
	appPEMFile = "app.pem"

	certificateLife = 2 * 365 * 24 * time.Hour
	// credentialLeft is what a credential of the test application must have left at a start; else it is replaced.
	credentialLeft = 30 * 24 * time.Hour
)

// keys are what takes time to make: RSA keys, once per data folder.
type keys struct {
	signer      *token.Signer        // may still be in the making: it waits by itself
	application func() (pair, error) // waits
	work        sync.WaitGroup       // under way
}

// pair is the test application's certificate and key.
type pair struct {
	cert *x509.Certificate
	key  *rsa.PrivateKey
}

// openKeys reads both from the folder and makes what is missing. How long an RSA key takes is chance, so both are begun
// at once: the first that is done becomes the application's, which the start waits for; the other becomes the signer's,
// which only the first token waits for. now is the emulator's clock.
func (f *folder) openKeys(now time.Time, logger *slog.Logger) (*keys, error) {
	k := &keys{}
	have, found, err := f.applicationPair(now)
	if err != nil {
		return nil, err
	}
	if k.signer, err = f.readSigner(signerFile); err != nil {
		return nil, err
	}
	made := make(chan *rsa.PrivateKey, 2)
	generate := func() {
		k.work.Go(func() {
			key, err := rsa.GenerateKey(rand.Reader, 2048)
			if err != nil {
				panic(fmt.Errorf("making an RSA key: %w", err)) // 2048 bits are valid, and the system's chance does not fail
			}
			made <- key
		})
	}
	k.application = func() (pair, error) { return have, nil }
	taken := make(chan struct{}) // the application has its key
	if found {
		close(taken)
	} else {
		generate()
		k.application = sync.OnceValues(func() (pair, error) {
			key := <-made
			close(taken)
			return f.newApplicationPair(key, now)
		})
		k.work.Go(func() { _, _ = k.application() }) // whoever asks hears of an error
	}
	if k.signer == nil {
		generate()
		later := sync.OnceValue(func() *token.Signer {
			<-taken
			return f.newSigner(<-made, logger)
		})
		k.work.Go(func() { later() })
		k.signer = token.Later(later)
	}
	return k, nil
}

// readSigner reads a key that signs tokens; nil: there is none yet.
func (f *folder) readSigner(file string) (*token.Signer, error) {
	material, err := f.read(file)
	if err != nil || material == nil {
		return nil, err
	}
	s, err := token.LoadSigner(material)
	if err != nil {
		return nil, fmt.Errorf("reading %s, the key that signs tokens (remove it to get a new one; tokens then end): %w", f.join(file), err)
	}
	return s, nil
}

// newSigner keeps a new key, as far as the folder lets it: without the file, tokens end with this process.
func (f *folder) newSigner(key *rsa.PrivateKey, logger *slog.Logger) *token.Signer {
	s, err := token.SignerOf(key)
	if err != nil {
		panic(fmt.Errorf("making the signer of tokens: %w", err)) // a certificate over a good key always works
	}
	if err := f.write(signerFile, s.PEM()); err != nil {
		logger.Error("the key that signs tokens was not kept: tokens end with this process", "error", err)
	}
	return s
}

// signer reads a key that signs tokens, or makes it.
func (f *folder) signer(file string) (*token.Signer, error) {
	s, err := f.readSigner(file)
	if s != nil || err != nil {
		return s, err
	}
	if s, err = token.NewSigner(); err != nil {
		return nil, err
	}
	return s, f.write(file, s.PEM())
}

// applicationPair reads the test application's certificate; false: there is none that is good for a while.
func (f *folder) applicationPair(now time.Time) (pair, bool, error) {
	material, err := f.read(appPEMFile)
	if err != nil {
		return pair{}, false, err
	}
	have, err := tls.X509KeyPair(material, material)
	if err != nil {
		return pair{}, false, nil //nolint:nilerr // no certificate, or a torn one: a new one takes its place
	}
	key, ok := have.PrivateKey.(*rsa.PrivateKey)
	if !ok || have.Leaf.NotBefore.After(now) || have.Leaf.NotAfter.Sub(now) <= credentialLeft {
		return pair{}, false, nil
	}
	return pair{have.Leaf, key}, true, nil
}

func (f *folder) newApplicationPair(key *rsa.PrivateKey, now time.Time) (pair, error) {
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
