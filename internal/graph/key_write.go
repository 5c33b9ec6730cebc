package graph

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/secret"
)

// NewKey is a certificate to be registered. KeyID is chosen by who adds it, so that it is known also if the answer is lost.
type NewKey struct {
	KeyID, DisplayName string
	DER                []byte
	Start, End         time.Time // within the certificate's own
}

func (k NewKey) entry() map[string]any {
	return map[string]any{
		"keyId": k.KeyID, "displayName": k.DisplayName, "type": "AsymmetricX509Cert", "usage": "Verify",
		"key":           base64.StdEncoding.EncodeToString(k.DER),
		"startDateTime": k.Start.UTC().Format(time.RFC3339), "endDateTime": k.End.UTC().Format(time.RFC3339),
	}
}

// AddKey registers a certificate on the application whose token this is (Microsoft Graph, application: addKey). It needs no
// permission, but a proof that the application holds the key of a certificate it has. It returns the key id: Graph's where
// it tells one. IsProofRefused(err) when the proof was not taken.
func (c *Client) AddKey(ctx context.Context, objectID string, k NewKey, proof secret.Value) (keyID string, err error) {
	in := map[string]any{"keyCredential": k.entry(), "passwordCredential": nil, "proof": proof.Reveal()}
	var out keyJSON
	if _, err := c.api.Write(ctx, http.MethodPost, "/v1.0/applications/"+url.PathEscape(objectID)+"/addKey", nil, in, &out); err != nil {
		return "", fmt.Errorf("adding a certificate to application %s: %w", objectID, err)
	}
	if out.KeyID == "" {
		return k.KeyID, nil
	}
	return out.KeyID, nil
}

// RemoveKey removes a certificate from the application whose token this is, with a proof as for AddKey.
// IsNoSuchKey(err) when the application does not have it.
func (c *Client) RemoveKey(ctx context.Context, objectID, keyID string, proof secret.Value) error {
	_, err := c.api.Write(ctx, http.MethodPost, "/v1.0/applications/"+url.PathEscape(objectID)+"/removeKey", nil,
		map[string]any{"keyId": keyID, "proof": proof.Reveal()}, nil)
	if err != nil {
		return fmt.Errorf("removing certificate %s from application %s: %w", keyID, objectID, err)
	}
	return nil
}

// RegisterKey registers a certificate by writing the list of all (Microsoft Graph, update application): for who may change
// the application. Entries of others are sent back as they were read, without their key, which keeps them. Done again, it
// changes nothing. IsStaleKeys(err) when one of the entries is not there any more.
func (c *Client) RegisterKey(ctx context.Context, objectID string, k NewKey) error {
	entries, err := c.keyEntries(ctx, objectID)
	if err != nil {
		return fmt.Errorf("reading the certificates of application %s: %w", objectID, err)
	}
	if slices.ContainsFunc(entries, func(e keyEntry) bool { return e.is(k.KeyID) }) {
		return nil
	}
	list := make([]any, 0, len(entries)+1)
	for _, e := range entries {
		list = append(list, e.raw)
	}
	if err := c.writeKeys(ctx, objectID, append(list, k.entry())); err != nil {
		return fmt.Errorf("adding a certificate to application %s: %w", objectID, err)
	}
	return nil
}

// UnregisterKey removes a certificate by writing the list of the others. there is false, and nothing was written, when no
// server showed it: one that was registered a moment ago may be on the application all the same. IsStaleKeys(err) as of RegisterKey.
func (c *Client) UnregisterKey(ctx context.Context, objectID, keyID string) (there bool, err error) {
	entries, err := c.keyEntries(ctx, objectID)
	if err != nil {
		return false, fmt.Errorf("reading the certificates of application %s: %w", objectID, err)
	}
	list := make([]any, 0, len(entries))
	for _, e := range entries {
		if !e.is(keyID) {
			list = append(list, e.raw)
		}
	}
	if len(list) == len(entries) {
		return false, nil
	}
	if err := c.writeKeys(ctx, objectID, list); err != nil {
		return true, fmt.Errorf("removing certificate %s from application %s: %w", keyID, objectID, err)
	}
	return true, nil
}

// keyEntry is an entry of keyCredentials as Graph gave it, with all properties, known here or not, but for the key.
type keyEntry struct {
	id  string
	raw json.RawMessage
}

func (e keyEntry) is(keyID string) bool { return strings.EqualFold(e.id, keyID) }

// keyReads is how often the list is read before it is written. The write replaces all of it and there is no ETag, so an
// entry that one lagging server does not know would be lost: what any answer has is kept. If that is too much, because a
// server still shows what was removed, Graph refuses an entry without a key, and nothing is changed. So the key is left out:
// with it, what was removed would be made anew. (Selected on a single object, keys are given; else they are null. Microsoft Graph,
// keyCredential.)
const keyReads = 3

func (c *Client) keyEntries(ctx context.Context, objectID string) ([]keyEntry, error) {
	var all []keyEntry
	for range keyReads {
		var a struct {
			Keys []json.RawMessage `json:"keyCredentials"`
		}
		if err := c.api.Read(ctx, "/v1.0/applications/"+url.PathEscape(objectID), azure.Query{"$select": "id,keyCredentials"}, &a); err != nil {
			return nil, err
		}
		for _, raw := range a.Keys {
			var id struct {
				KeyID string `json:"keyId"`
			}
			if err := json.Unmarshal(raw, &id); err != nil || id.KeyID == "" {
				return nil, fmt.Errorf("%w: a certificate has no key id", azure.ErrUnreadable)
			}
			if !slices.ContainsFunc(all, func(e keyEntry) bool { return e.is(id.KeyID) }) {
				keyless, err := withoutKey(raw)
				if err != nil {
					return nil, err
				}
				all = append(all, keyEntry{id.KeyID, keyless})
			}
		}
	}
	return all, nil
}

// withoutKey makes the key of an entry null; what else it has stays.
func withoutKey(raw json.RawMessage) (json.RawMessage, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("%w: %w", azure.ErrUnreadable, err)
	}
	if key, ok := all["key"]; !ok || string(key) == "null" {
		return raw, nil
	}
	all["key"] = json.RawMessage("null")
	return json.Marshal(all)
}

func (c *Client) writeKeys(ctx context.Context, objectID string, list []any) error {
	_, err := c.api.Write(ctx, http.MethodPatch, "/v1.0/applications/"+url.PathEscape(objectID), nil, map[string]any{"keyCredentials": list}, nil)
	return err
}
