package emulator

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	pkcs12 "software.sslmate.com/src/go-pkcs12"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/seed"
)

const (
	appPFXFile    = "app.pfx"
	envCredential = EnvName // display name of the secret that emulator.env has
)

// provision gives the test application the credentials that emulator.env names. before is the last emulator.env, the
// only home of the secret's text: if that is lost or its secret ends soon, a new secret takes its place.
func (s *Server) provision(before map[string]string, app pair) (map[string]string, error) {
	env := s.folder.fixedEnv()
	text := before["APP_SECRET"]
	if text == "" {
		text = newSecretText()
	}
	err := s.store.Write(func() error {
		a, ok := s.store.Applications.Find(seed.TestApplicationID)
		if !ok {
			return nil // deleted by a client, for good: the file stays whole, its secret is refused
		}
		now, next, changed := s.store.Now(), *a, false
		if hash := directory.HashSecret(text); !slices.ContainsFunc(a.Passwords, func(p directory.Password) bool {
			return p.Hash == hash && p.End.Sub(now) > credentialLeft && !p.Start.After(now)
		}) {
			text, changed = newSecretText(), true
			mine := func(p directory.Password) bool { return p.DisplayName != nil && *p.DisplayName == envCredential }
			rest := slices.DeleteFunc(slices.Clone(a.Passwords), mine)
			start := now.Add(-time.Minute).Truncate(time.Second)
			next.Passwords = append([]directory.Password{newPassword(text, envCredential, start, start.Add(certificateLife))}, rest...)
		}
		if !slices.ContainsFunc(a.Keys, func(k directory.Key) bool { return bytes.Equal(k.DER, app.cert.Raw) }) {
			changed = true
			mine := func(k directory.Key) bool { return k.DisplayName != nil && *k.DisplayName == app.cert.Subject.String() }
			next.Keys = append([]directory.Key{newKey(app.cert)}, slices.DeleteFunc(slices.Clone(a.Keys), mine)...)
		}
		if changed {
			s.store.Applications.Put(a.ID, &next)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("issuing the test application's credentials: %w", err)
	}
	env["APP_SECRET"] = text
	if env["MSI_HEADER"] = before["MSI_HEADER"]; env["MSI_HEADER"] == "" {
		env["MSI_HEADER"] = rand.Text()
	}
	env["APP_PFX_PASSWORD"], err = s.folder.writePFX(app, before["APP_PFX_PASSWORD"])
	return env, err
}

// writePFX keeps the file if the password opens it and it has the certificate; else it writes a new one.
func (f *folder) writePFX(app pair, password string) (string, error) {
	have, err := f.read(appPFXFile)
	if err != nil {
		return "", err
	}
	if password != "" && have != nil {
		if _, cert, err := pkcs12.Decode(have, password); err == nil && cert.Equal(app.cert) {
			return password, nil
		}
	}
	password = rand.Text()
	content, err := pkcs12.Modern.Encode(app.key, app.cert, nil, password)
	if err != nil {
		return "", fmt.Errorf("writing %s: %w", appPFXFile, err)
	}
	return password, f.write(appPFXFile, content)
}
