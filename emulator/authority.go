package emulator

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/evercred/evercred/emulator/internal/cloud"
)

// The authority keeps to the wall clock, not the emulator's: clients judge TLS by theirs.
const (
	authorityLife = 10 * 365 * 24 * time.Hour
	authorityLeft = 365 * 24 * time.Hour // a CA with less left is replaced at the next start
	leafLife      = 90 * 24 * time.Hour
	leafLeft      = 30 * 24 * time.Hour // a leaf with less left is replaced at the next handshake

	caFile    = "ca.pem"
	caKeyFile = "ca-key.pem"
)

// authority is the emulator's own CA, kept in the data folder, and its leaves, which are made anew at each start: one for
// the emulator's own names, and one, when it is first asked for, for those of Microsoft's hosts, which only a client that
// came through the proxy or by its hosts file asks for.
type authority struct {
	cert  *x509.Certificate
	key   *ecdsa.PrivateKey
	hosts []string // lower case

	mu        sync.Mutex
	leaf      *tls.Certificate
	microsoft *tls.Certificate
}

// openAuthority reads the CA or makes one. listenHost becomes one of the leaf's names.
func openAuthority(f *folder, listenHost string) (*authority, error) {
	a := &authority{hosts: []string{"localhost", "127.0.0.1", "::1"}}
	candidates := []string{listenHost}
	if name, err := os.Hostname(); err == nil {
		candidates = append(candidates, name)
	}
	for _, h := range candidates {
		if ip := net.ParseIP(h); h != "" && (ip == nil || !ip.IsUnspecified()) && !slices.Contains(a.hosts, strings.ToLower(h)) {
			a.hosts = append(a.hosts, strings.ToLower(h))
		}
	}
	if err := a.load(f); err != nil {
		return nil, err
	}
	_, err := a.certificate(nil)
	return a, err
}

func (a *authority) load(f *folder) error {
	certPEM, err := f.read(caFile)
	if err != nil {
		return err
	}
	keyPEM, err := f.read(caKeyFile)
	if err != nil {
		return err
	}
	if pair, err := tls.X509KeyPair(certPEM, keyPEM); err == nil {
		if key, ok := pair.PrivateKey.(*ecdsa.PrivateKey); ok && time.Until(pair.Leaf.NotAfter) > authorityLeft {
			a.cert, a.key = pair.Leaf, key
			return nil
		}
	}
	// There is none, it ends soon, or a kill came between its two files: nobody can have relied on half a CA.
	a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("making the CA key: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{
		Subject:   pkix.Name{CommonName: "Evercred emulator CA " + now.UTC().Format("2006-01-02"), Organization: []string{"Evercred emulator"}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(authorityLife),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := issue(template, template, a.key.Public(), a.key)
	if err != nil {
		return fmt.Errorf("making the CA certificate: %w", err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		return fmt.Errorf("reading the new CA certificate: %w", err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return fmt.Errorf("writing the CA key: %w", err)
	}
	if err := f.write(caKeyFile, encodePEM("PRIVATE KEY", keyDER)); err != nil {
		return err
	}
	return f.write(caFile, encodePEM("CERTIFICATE", der))
}

// certificate returns the leaf for the name that a client asks for, a new one when the old is about to end.
func (a *authority) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	leaf, hosts := &a.leaf, a.hosts
	if hello != nil {
		if _, service := cloud.Find(hello.ServerName); service != cloud.None {
			leaf, hosts = &a.microsoft, cloud.Hosts()
		}
	}
	if *leaf != nil && time.Until((*leaf).Leaf.NotAfter) > leafLeft {
		return *leaf, nil
	}
	made, err := a.makeLeaf(hosts)
	if err == nil {
		*leaf = made
	}
	return made, err
}

func (a *authority) makeLeaf(hosts []string) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the TLS key: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{
		Subject:   pkix.Name{CommonName: hosts[0], Organization: []string{"Evercred emulator"}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(leafLife),
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	der, err := issue(template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, fmt.Errorf("making the TLS certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading the new TLS certificate: %w", err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

// names tells whether the leaf is for the host.
func (a *authority) names(host string) bool { return slices.Contains(a.hosts, strings.ToLower(host)) }

func (a *authority) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: a.certificate}
}

// transport reaches outside issuers of tokens: those that the system's CAs vouch for, and the emulator's own. It uses no
// proxy, which could be the emulator's.
func (a *authority) transport() *http.Transport {
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	roots = roots.Clone()
	roots.AddCert(a.cert)
	return &http.Transport{
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}, ForceAttemptHTTP2: true,
		TLSHandshakeTimeout: headerTimeout, IdleConnTimeout: idleTimeout, MaxIdleConns: 10,
	}
}

// issue signs a certificate with a random serial number.
func issue(template, parent *x509.Certificate, public crypto.PublicKey, signer crypto.Signer) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 126))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	return x509.CreateCertificate(rand.Reader, template, parent, public, signer)
}

func encodePEM(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
