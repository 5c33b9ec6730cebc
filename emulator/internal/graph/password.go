package graph

import (
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
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
	r := &odata.Reader{Values: values, Resource: "PasswordCredential"}
	r.Only("microsoft.graph.passwordCredential", "customKeyIdentifier", "displayName", "endDateTime", "hint", "keyId", "secretText", "startDateTime")
	now := c.at.Truncate(odata.Tick)
	p := directory.Password{KeyID: r.GUID("keyId"), DisplayName: r.Text("displayName"), Start: now, End: now.AddDate(2, 0, 0)}
	if start := r.Time("startDateTime"); start != nil {
		p.Start = *start
	}
	if end := r.Time("endDateTime"); end != nil {
		p.End = *end
	}
	switch {
	case r.Err != nil:
	case p.DisplayName != nil && len([]rune(*p.DisplayName)) > 256:
		r.Fail(odata.InvalidValue("displayName", "PasswordCredential"))
	case !p.End.After(p.Start):
		r.Fail(odata.InvalidValue("endDateTime", "PasswordCredential"))
	case p.KeyID == "":
		p.KeyID = uuid.NewString()
	case slices.ContainsFunc(have, func(h directory.Password) bool { return h.KeyID == p.KeyID }):
		r.Fail(odata.InvalidValue("keyId", "PasswordCredential"))
	}
	if r.Err != nil {
		return p, "", r.Err
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
func (c *call) newPasswords(t target, sent json.RawMessage, have []directory.Password, creating bool) (madePasswords, error) {
	m := madePasswords{passwords: have, texts: map[string]string{}}
	if sent == nil {
		return m, nil
	}
	var list []json.RawMessage
	if string(sent) == "null" || json.Unmarshal(sent, &list) != nil || len(list) > maxCredentials {
		return m, odata.InvalidValue("passwordCredentials", "Application")
	}
	m.passwords = nil
	for _, item := range list {
		if item[0] != '{' {
			return m, odata.InvalidValue("passwordCredentials", "Application")
		}
		values, err := odata.Object(item)
		if err != nil {
			return m, err
		}
		r := &odata.Reader{Values: values, Resource: "PasswordCredential"}
		id := r.GUID("keyId")
		if r.Err != nil {
			return m, r.Err
		}
		known := slices.IndexFunc(have, func(h directory.Password) bool { return h.KeyID == id })
		if id != "" && known >= 0 && r.Absent("secretText") {
			m.passwords = append(m.passwords, have[known])
			continue
		}
		if !creating || !r.Absent("secretText") {
			return m, odata.Refused("New password credentials must be generated with service actions.")
		}
		p, text, err := c.makePassword(values, m.passwords, true)
		if err != nil {
			return m, err
		}
		if err := c.checkPassword(t, p, false); err != nil {
			return m, err
		}
		m.passwords = append(m.passwords, p)
		m.texts[p.KeyID] = text
	}
	return m, nil
}

// addPassword answers 200 with the secret, once (Microsoft Graph, application: addPassword).
func (c *call) addPassword(k *odata.Kind, key objectKey) (*answer, error) {
	in, err := c.parameters("addPassword", "passwordCredential")
	if err != nil {
		return nil, err
	}
	values := map[string]json.RawMessage{}
	if !in.Absent("passwordCredential") {
		sent := in.Values["passwordCredential"]
		if sent[0] != '{' {
			return nil, odata.InvalidValue("passwordCredential", k.Name)
		}
		if values, err = odata.Object(sent); err != nil {
			return nil, err
		}
	}
	return c.write(func() (*answer, error) {
		h, err := c.writableHolder(k, key)
		if err != nil {
			return nil, err
		}
		if h.full() {
			return nil, odata.TooLarge()
		}
		if h.kind == c.kinds.servicePrincipal {
			if err := c.locked(h.appID, "passwordCredentials", "credentialsWithUsageVerify"); err != nil {
				return nil, err
			}
		}
		p, text, err := c.makePassword(values, *h.passwords, h.hints)
		if err != nil {
			return nil, err
		}
		if err := c.checkPassword(h.target(), p, !(&odata.Reader{Values: values}).Absent("secretText")); err != nil {
			return nil, err
		}
		*h.passwords = append([]directory.Password{p}, *h.passwords...) // newest first
		h.put()
		return done(append(entity{c.context("microsoft.graph.passwordCredential")}, passwordEntity(p, text)...))
	})
}

func (c *call) removePassword(k *odata.Kind, key objectKey) (*answer, error) {
	in, err := c.parameters("removePassword", "keyId")
	if err != nil {
		return nil, err
	}
	id := in.GUID("keyId")
	if in.Err != nil {
		return nil, in.Err
	}
	if id == "" {
		return nil, odata.Required("keyId", k.Name)
	}
	return c.write(func() (*answer, error) {
		h, err := c.writableHolder(k, key)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(*h.passwords, func(p directory.Password) bool { return strings.EqualFold(p.KeyID, id) })
		if i < 0 {
			return nil, odata.Refused("No password credential found with keyId.")
		}
		if h.kind == c.kinds.servicePrincipal {
			if err := c.locked(h.appID, "passwordCredentials", "credentialsWithUsageVerify"); err != nil {
				return nil, err
			}
		}
		*h.passwords = slices.Delete(slices.Clone(*h.passwords), i, i+1)
		h.put()
		return noContent()
	})
}
