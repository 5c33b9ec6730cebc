package graph

import (
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// newSecret makes the text of a client secret: three characters that become its hint, a digit, "Q~", and 34 more
// (the marker recorded 2021-10; the length of 40 that secrets have had since).
func newSecret() string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	return pick(letters, 3) + "8Q~" + pick(letters+"._~-", 34)
}

func pick(alphabet string, n int) string {
	out := make([]byte, 0, n)
	limit := 256 - 256%len(alphabet) // bytes from here on would favour the first letters
	for len(out) < n {
		var b [64]byte
		_, _ = rand.Read(b[:]) // never fails (crypto/rand)
		for _, x := range b {
			if int(x) < limit && len(out) < n {
				out = append(out, alphabet[int(x)%len(alphabet)])
			}
		}
	}
	return string(out)
}

// makePassword makes a secret for a passwordCredential of a request. Without dates it starts now and ends two years
// from now, whenever it starts (recorded 2021-10). A secretText that is sent is not used: the service makes it.
func (c *call) makePassword(values map[string]json.RawMessage, have []directory.Password, hint bool) (directory.Password, string, error) {
	r := &reader{values: values, resource: "PasswordCredential"}
	r.only("microsoft.graph.passwordCredential", "customKeyIdentifier", "displayName", "endDateTime", "hint", "keyId", "secretText", "startDateTime")
	now := c.at.Truncate(tick)
	p := directory.Password{KeyID: r.guid("keyId"), DisplayName: r.text("displayName"), Start: now, End: now.AddDate(2, 0, 0)}
	if start := r.time("startDateTime"); start != nil {
		p.Start = *start
	}
	if end := r.time("endDateTime"); end != nil {
		p.End = *end
	}
	switch {
	case r.err != nil:
	case p.DisplayName != nil && len([]rune(*p.DisplayName)) > 256:
		r.fail(invalidValue("displayName", "PasswordCredential"))
	case !p.End.After(p.Start):
		r.fail(invalidValue("endDateTime", "PasswordCredential"))
	case p.KeyID == "":
		p.KeyID = uuid.NewString()
	case slices.ContainsFunc(have, func(h directory.Password) bool { return h.KeyID == p.KeyID }):
		r.fail(invalidValue("keyId", "PasswordCredential"))
	}
	if r.err != nil {
		return p, "", r.err
	}
	secret := newSecret()
	p.Hash = directory.HashSecret(secret)
	if hint {
		h := secret[:3]
		p.Hint = &h
	}
	return p, secret, nil
}

// madePasswords is a list of secrets and the texts of those in it that are new, by key id.
type madePasswords struct {
	passwords []directory.Password
	texts     map[string]string
}

func (m madePasswords) entities() []entity {
	out := make([]entity, len(m.passwords))
	for i, p := range m.passwords {
		var text any
		if t, ok := m.texts[p.KeyID]; ok {
			text = t
		}
		out[i] = passwordEntity(p, text)
	}
	return out
}

// newPasswords reads the passwordCredentials of a create or an update. A create may ask for secrets; an update may
// only leave some out. Neither may choose a secret's text (Microsoft Graph, update application).
func (c *call) newPasswords(sent json.RawMessage, have []directory.Password, creating bool) (madePasswords, error) {
	m := madePasswords{passwords: have, texts: map[string]string{}}
	if sent == nil {
		return m, nil
	}
	var list []json.RawMessage
	if string(sent) == "null" || json.Unmarshal(sent, &list) != nil || len(list) > maxCredentials {
		return m, invalidValue("passwordCredentials", "Application")
	}
	m.passwords = nil
	for _, item := range list {
		if item[0] != '{' {
			return m, invalidValue("passwordCredentials", "Application")
		}
		values, err := object(item)
		if err != nil {
			return m, err
		}
		r := &reader{values: values, resource: "PasswordCredential"}
		id := r.guid("keyId")
		if r.err != nil {
			return m, r.err
		}
		known := slices.IndexFunc(have, func(h directory.Password) bool { return h.KeyID == id })
		if id != "" && known >= 0 && r.absent("secretText") {
			m.passwords = append(m.passwords, have[known])
			continue
		}
		if !creating || !r.absent("secretText") {
			return m, refused("New password credentials must be generated with service actions.")
		}
		p, text, err := c.makePassword(values, m.passwords, true)
		if err != nil {
			return m, err
		}
		m.passwords = append(m.passwords, p)
		m.texts[p.KeyID] = text
	}
	return m, nil
}

// addPassword answers 200 with the secret, once (Microsoft Graph, application: addPassword).
func (c *call) addPassword(k *kind, key objectKey) (*answer, error) {
	in, err := c.parameters("addPassword", "passwordCredential")
	if err != nil {
		return nil, err
	}
	values := map[string]json.RawMessage{}
	if !in.absent("passwordCredential") {
		sent := in.values["passwordCredential"]
		if sent[0] != '{' {
			return nil, invalidValue("passwordCredential", k.name)
		}
		if values, err = object(sent); err != nil {
			return nil, err
		}
	}
	return c.write(func() (*answer, error) {
		h, err := c.writableHolder(k, key)
		if err != nil {
			return nil, err
		}
		if h.full() {
			return nil, tooLarge()
		}
		p, text, err := c.makePassword(values, *h.passwords, h.hints)
		if err != nil {
			return nil, err
		}
		*h.passwords = append([]directory.Password{p}, *h.passwords...) // newest first
		h.put()
		return done(append(entity{c.context("microsoft.graph.passwordCredential")}, passwordEntity(p, text)...))
	})
}

func (c *call) removePassword(k *kind, key objectKey) (*answer, error) {
	in, err := c.parameters("removePassword", "keyId")
	if err != nil {
		return nil, err
	}
	id := in.guid("keyId")
	if in.err != nil {
		return nil, in.err
	}
	if id == "" {
		return nil, required("keyId", k.name)
	}
	return c.write(func() (*answer, error) {
		h, err := c.writableHolder(k, key)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(*h.passwords, func(p directory.Password) bool { return strings.EqualFold(p.KeyID, id) })
		if i < 0 {
			return nil, refused("No password credential found with keyId.")
		}
		*h.passwords = slices.Delete(slices.Clone(*h.passwords), i, i+1)
		h.put()
		return noContent()
	})
}
