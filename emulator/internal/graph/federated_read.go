package graph

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// maxFederatedText is the limit of issuer, subject, audience and description (Microsoft Graph, federatedIdentityCredential).
const maxFederatedText = 600

// federatedName says whether a text may be a name: 3 to 120 characters that need no escaping in a URL (same document).
func federatedName(name string) bool {
	for i := range len(name) {
		c := name[i]
		alphanumeric := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !alphanumeric && (i == 0 || strings.IndexByte("-_.~", c) < 0) {
			return false
		}
	}
	return len(name) >= 3 && len(name) <= 120
}

const federatedType = "FederatedIdentityCredential"

// changeFederated puts what a request sends into f. Values are kept as they are sent, white space and letter case
// included: a wrong one only shows when a token is exchanged.
func (c *call) changeFederated(f *directory.FederatedCredential, values map[string]json.RawMessage) error {
	creating := f.Name == ""
	r := &odata.Reader{Values: values, Resource: federatedType}
	known := []string{"id", "name", "issuer", "subject", "description", "audiences"}
	if c.version == "beta" {
		known = append(known, "claimsMatchingExpression")
	}
	r.Only("microsoft.graph.federatedIdentityCredential", known...)
	if sent := r.Text("name"); sent != nil {
		if !creating && *sent != f.Name {
			return federatedInvalid("Name", *sent, "The name of a federated identity credential cannot be changed.")
		}
		f.Name = *sent
	}
	if _, ok := values["description"]; ok {
		f.Description = r.Text("description")
	}
	if sent := r.Text("issuer"); sent != nil {
		f.Issuer = *sent
	}
	if _, ok := values["subject"]; ok {
		f.Subject = ""
		if sent := r.Text("subject"); sent != nil {
			f.Subject = *sent
		}
	}
	if _, ok := values["audiences"]; ok {
		if r.Absent("audiences") || json.Unmarshal(values["audiences"], &f.Audiences) != nil {
			return odata.InvalidValue("audiences", federatedType)
		}
	}
	if sent, ok := values["claimsMatchingExpression"]; ok && r.Err == nil {
		expression, err := claimsExpression(sent)
		if err != nil {
			return err
		}
		f.Expression = expression
	}
	if r.Err != nil {
		return r.Err
	}
	return checkFederated(f)
}

// claimsExpression reads the expression of a flexible credential (Microsoft Graph beta, federatedIdentityExpression).
func claimsExpression(sent json.RawMessage) (*directory.ClaimsExpression, error) {
	if string(sent) == "null" {
		return nil, nil //nolint:nilnil // no expression is a value of the property
	}
	values, err := odata.Object(sent)
	if err != nil {
		return nil, odata.InvalidValue("claimsMatchingExpression", federatedType)
	}
	r := &odata.Reader{Values: values, Resource: "FederatedIdentityExpression"}
	r.Only("microsoft.graph.federatedIdentityExpression", "value", "languageVersion")
	e := &directory.ClaimsExpression{LanguageVersion: 1}
	if !r.Absent("languageVersion") && json.Unmarshal(values["languageVersion"], &e.LanguageVersion) != nil {
		return nil, odata.InvalidValue("languageVersion", r.Resource)
	}
	value := r.Text("value")
	switch {
	case r.Err != nil:
		return nil, r.Err
	case value == nil || *value == "":
		return nil, odata.Required("value", r.Resource)
	case e.LanguageVersion != 1:
		return nil, odata.InvalidValue("languageVersion", r.Resource)
	}
	e.Value = *value
	return e, nil
}

// checkFederated checks a whole federated credential.
func checkFederated(f *directory.FederatedCredential) error {
	switch {
	case f.Name == "":
		return odata.Required("name", federatedType)
	case !federatedName(f.Name):
		return federatedInvalid("Name", f.Name, "The name must have 3 to 120 characters, which may be letters, digits, '-', '_', '.' and '~', and begin with a letter or a digit.")
	case f.Issuer == "":
		return odata.Required("issuer", federatedType)
	case len(f.Issuer) > maxFederatedText || !absolute(f.Issuer):
		return federatedInvalid("Issuer", f.Issuer, "The issuer must be an absolute URL of at most 600 characters.")
	case f.Subject == "" && f.Expression == nil:
		return odata.Required("subject", federatedType)
	case f.Subject != "" && f.Expression != nil:
		return federatedInvalid("Subject", f.Subject, "A credential has either a subject or a claimsMatchingExpression.")
	case len(f.Subject) > maxFederatedText:
		return federatedInvalid("Subject", f.Subject, "The subject must have at most 600 characters.")
	case len(f.Audiences) == 0:
		return odata.Required("audiences", federatedType)
	case len(f.Audiences) > 1 || f.Audiences[0] == "" || len(f.Audiences[0]) > maxFederatedText:
		return federatedInvalid("Audiences", fmt.Sprint(len(f.Audiences)), "There must be exactly one audience, of at most 600 characters.")
	case f.Description != nil && len([]rune(*f.Description)) > maxFederatedText:
		return odata.InvalidValue("description", federatedType)
	}
	return nil
}

func absolute(issuer string) bool {
	u, err := url.Parse(issuer)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// federatedInvalid has the code and the ending of a recorded answer (2022-05).
func federatedInvalid(property, value, message string) error {
	return &odata.Problem{
		Status: http.StatusBadRequest, Code: "InvalidFederatedIdentityCredentialValue",
		Message: fmt.Sprintf("%s paramName: FederatedIdentityCredential.%s, paramValue: %s, objectType: Microsoft.Online.DirectoryServices.Application", message, property, value),
	}
}

// uniqueSubject wants no other credential with the same issuer and subject (text recorded 2022-05).
func uniqueSubject(f directory.FederatedCredential, others []directory.FederatedCredential) error {
	for _, o := range others {
		if f.Expression == nil && o.Expression == nil && o.Issuer == f.Issuer && o.Subject == f.Subject {
			return federatedInvalid("Subject", f.Subject, fmt.Sprintf(
				"The combination of issuer and subject must be unique for the application. Issuer %s and Subject: %s already exist.", f.Issuer, f.Subject))
		}
	}
	return nil
}
