package graph

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// Types and uses of keyCredentials (Microsoft Graph, keyCredential).
const (
	certificateType = "AsymmetricX509Cert"
	verifyUse       = "Verify"
)

// replaceKeys reads the keyCredentials of a create or an update, which replace the whole list. Clients read the list,
// whose keys are null, and send it back: an entry without a key keeps the one that its keyId has.
func replaceKeys(sent json.RawMessage, have []directory.Key) ([]directory.Key, error) {
	var list []json.RawMessage
	if string(sent) == "null" || json.Unmarshal(sent, &list) != nil {
		return nil, odata.InvalidValue("keyCredentials", "Application")
	}
	if len(list) > maxCredentials {
		return nil, odata.TooLarge()
	}
	var out []directory.Key
	for _, item := range list {
		if item[0] != '{' {
			return nil, odata.InvalidValue("keyCredentials", "Application")
		}
		values, err := odata.Object(item)
		if err != nil {
			return nil, err
		}
		k, err := readKey(values, have)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(o directory.Key) bool { return o.KeyID == k.KeyID }) {
			return nil, odata.InvalidValue("keyId", "KeyCredential")
		}
		out = append(out, k)
	}
	return out, nil
}

// readKey reads one keyCredential.
func readKey(values map[string]json.RawMessage, have []directory.Key) (directory.Key, error) {
	r := &odata.Reader{Values: values, Resource: "KeyCredential"}
	r.Only("microsoft.graph.keyCredential", "customKeyIdentifier", "displayName", "endDateTime", "key", "keyId", "startDateTime", "type", "usage", "hasExtendedValue")
	k := directory.Key{KeyID: r.GUID("keyId"), DisplayName: r.Text("displayName"), CustomID: r.Text("customKeyIdentifier"), Type: certificateType, Usage: verifyUse}
	start, end, key := r.Time("startDateTime"), r.Time("endDateTime"), r.Text("key")
	if t := r.Text("type"); t != nil {
		k.Type = *t
	}
	if u := r.Text("usage"); u != nil {
		k.Usage = *u
	}
	if r.Err != nil {
		return k, r.Err
	}
	if key == nil {
		i := slices.IndexFunc(have, func(h directory.Key) bool { return h.KeyID == k.KeyID })
		if k.KeyID == "" || i < 0 {
			return k, odata.Required("key", "KeyCredential")
		}
		return have[i], nil
	}
	if k.KeyID == "" {
		k.KeyID = uuid.NewString()
	}
	switch {
	case k.Usage != verifyUse && k.Usage != "Sign":
		return k, odata.InvalidValue("usage", "KeyCredential")
	case k.Type == certificateType:
		return withCertificate(k, *key, start, end)
	case k.Type == "Symmetric":
		return symmetric(k, *key, start, end)
	}
	return k, odata.InvalidValue("type", "KeyCredential")
}

// withCertificate fills in what the certificate says: the dates that were not sent, the thumbprint, the subject.
func withCertificate(k directory.Key, key string, start, end *time.Time) (directory.Key, error) {
	cert, err := parseCertificate(key)
	if err != nil {
		return k, odata.InvalidValue("key", "KeyCredential")
	}
	k.DER, k.Start, k.End = cert.Raw, cert.NotBefore.UTC(), cert.NotAfter.UTC()
	if start != nil {
		k.Start = *start
	}
	if end != nil {
		k.End = *end
	}
	if k.End.After(cert.NotAfter) || !k.End.After(k.Start) {
		return k, &odata.Problem{Status: http.StatusBadRequest, Code: "KeyCredentialsInvalidEndDate", Message: "Key credential end date is invalid."}
	}
	if k.CustomID == nil {
		hex := thumbprint(cert.Raw)
		k.CustomID = &hex
	}
	if k.DisplayName == nil {
		subject := subjectName(cert.RawSubject)
		k.DisplayName = &subject
	}
	return k, nil
}

// symmetric is a shared key; its value signs tokens elsewhere and is never used here, so it is not kept.
func symmetric(k directory.Key, key string, start, end *time.Time) (directory.Key, error) {
	if _, err := decode64(key); err != nil || key == "" {
		return k, odata.InvalidValue("key", "KeyCredential")
	}
	if start == nil || end == nil || !end.After(*start) {
		return k, &odata.Problem{Status: http.StatusBadRequest, Code: "KeyCredentialsInvalidEndDate", Message: "Key credential end date is invalid."}
	}
	k.Start, k.End = *start, *end
	return k, nil
}

// rollable finds the object whose own certificate signs a proof. An application needs no permission to roll its keys
// (Microsoft Graph, application: addKey).
func (c *call) rollable(k *odata.Kind, key objectKey) (*holder, error) {
	return c.changeableHolder(k, key, func(owners []string, appID string) bool {
		return !c.caller.User && c.caller.AppID == appID || c.mayWrite(owners)
	})
}

func (c *call) addKey(k *odata.Kind, key objectKey) (*answer, error) {
	in, err := c.parameters("addKey", "keyCredential", "passwordCredential", "proof")
	if err != nil {
		return nil, err
	}
	proof := in.Text("proof")
	if in.Err != nil {
		return nil, in.Err
	}
	if in.Absent("keyCredential") || in.Values["keyCredential"][0] != '{' {
		return nil, odata.Required("keyCredential", k.Name)
	}
	values, err := odata.Object(in.Values["keyCredential"])
	if err != nil {
		return nil, err
	}
	if !in.Absent("passwordCredential") {
		// Only a PFX has a password, and a private key has no place in the emulator.
		return nil, odata.InvalidValue("passwordCredential", k.Name)
	}
	return c.write(func() (*answer, error) {
		h, err := c.rollable(k, key)
		if err != nil {
			return nil, err
		}
		if err := c.checkProof(h, proof); err != nil {
			return nil, err
		}
		if h.full() {
			return nil, odata.TooLarge()
		}
		added, err := readKey(values, nil)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(*h.keys, func(o directory.Key) bool { return o.KeyID == added.KeyID }) {
			return nil, odata.InvalidValue("keyId", "KeyCredential")
		}
		if err := c.replaceable(h.target(), h.appID, *h.keys, append([]directory.Key{added}, *h.keys...)); err != nil {
			return nil, err
		}
		*h.keys = append([]directory.Key{added}, *h.keys...)
		h.put()
		return done(append(entity{c.context("microsoft.graph.keyCredential")}, keyEntity(added, false)...))
	})
}

func (c *call) removeKey(k *odata.Kind, key objectKey) (*answer, error) {
	in, err := c.parameters("removeKey", "keyId", "proof")
	if err != nil {
		return nil, err
	}
	id, proof := in.GUID("keyId"), in.Text("proof")
	if in.Err != nil {
		return nil, in.Err
	}
	if id == "" {
		return nil, odata.Required("keyId", k.Name)
	}
	return c.write(func() (*answer, error) {
		h, err := c.rollable(k, key)
		if err != nil {
			return nil, err
		}
		if err := c.checkProof(h, proof); err != nil {
			return nil, err
		}
		i := slices.IndexFunc(*h.keys, func(o directory.Key) bool { return o.KeyID == id })
		if i < 0 {
			return nil, odata.Refused("No key credential found with keyId.")
		}
		rest := slices.Delete(slices.Clone(*h.keys), i, i+1)
		if err := c.replaceable(h.target(), h.appID, *h.keys, rest); err != nil {
			return nil, err
		}
		*h.keys = rest
		h.put()
		return noContent()
	})
}

// replaceable checks a change of keys against the policies and, on a service principal, its application's locks.
func (c *call) replaceable(t target, appID string, have, want []directory.Key) error {
	if t.kind == c.kinds.servicePrincipal {
		if err := c.keysLocked(appID, have, want); err != nil {
			return err
		}
	}
	return c.checkNewKeys(t, have, want)
}
