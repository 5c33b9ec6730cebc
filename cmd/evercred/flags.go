package main

import (
	"context"
	"fmt"
	"time"

	"github.com/evercred/evercred/cmd/evercred/internal/input"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

// duration is a flag that also takes days: 180d, 24h, 1d12h, 0s. Empty means that it was not given.
type duration string

// UnmarshalText checks the flag's value.
func (d *duration) UnmarshalText(text []byte) error {
	if _, err := resource.ParseDuration(string(text)); err != nil {
		return err
	}
	*d = duration(text)
	return nil
}

// value is the flag as a length of time; 0 where it was not given.
func (d duration) value() time.Duration {
	v, _ := resource.ParseDuration(string(d)) // UnmarshalText has checked it
	return v
}

// orAtOnce is value for a setting of which 0 would mean the default: 0s is asked for as a negative one.
func (d duration) orAtOnce() time.Duration {
	if v := d.value(); v > 0 {
		return v
	}
	return -1
}

// date is a flag that takes a day, which begins at midnight UTC, or a moment in RFC 3339.
type date struct{ at *time.Time }

// UnmarshalText reads the flag's value.
func (d *date) UnmarshalText(text []byte) error {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, string(text)); err == nil {
			t = t.UTC()
			d.at = &t
			return nil
		}
	}
	return fmt.Errorf("%q is not a date such as 2027-06-30 or 2027-06-30T12:00:00Z", text)
}

// application has the flags that specify an existing application.
type application struct {
	ApplicationID string   `name:"application-id" placeholder:"ID" help:"Application (client) id."`
	TenantID      string   `name:"tenant-id" aliases:"tenant" placeholder:"ID" help:"Tenant (directory) id."`
	Cloud         string   `placeholder:"CLOUD" help:"global, usgov, china or custom."`
	SecretFile    string   `placeholder:"FILE" xor:"credential" help:"File with the client secret; - for standard input."`
	SecretExpires date     `placeholder:"DATE" help:"When the secret ends, e.g. 2027-06-30."`
	Certificate   string   `placeholder:"FILE" xor:"credential" help:"PFX or P12 file with certificate and private key; - for standard input."`
	PasswordFile  string   `placeholder:"FILE" help:"File with the password of --certificate; - for standard input."`
	Subscription  []string `placeholder:"ID" help:"Subscription id; repeat it for several. All that the application sees if left out."`
	Role          []string `sep:"none" placeholder:"NAME" help:"Azure role the account must hold; repeat it for several."`
	AllowMissing  bool     `help:"Store the account although roles are missing."`
}

// material reads the credential that the flags name. Where none does, a person is asked for the secret.
func (a *application) material(ctx context.Context, p *program) (resource.Material, error) {
	var m resource.Material
	var err error
	switch {
	case a.Certificate != "":
		return m, a.readCertificate(ctx, p, &m)
	case a.PasswordFile != "":
		return m, fault.BadField("password", "A password is given without a certificate.", "Add --certificate FILE, or leave --password-file out.")
	}
	var value secret.Value
	switch {
	case a.SecretFile != "":
		value, err = p.files.Secret("secret", a.SecretFile)
	case p.term.Asks:
		value, err = p.term.AskSecret(ctx, "Client secret:")
	default:
		return m, fault.BadField("secret", "No credential is given, and there is no terminal to ask on.",
			"Use --secret-file FILE, or --certificate FILE with --password-file FILE.")
	}
	if err != nil {
		return m, err
	}
	if value.Empty() {
		return m, fault.BadField("secret", "The client secret is empty.", "Check the file; it holds the secret's value and nothing else.")
	}
	m.Secret, m.SecretExpiresAt = &resource.Secret{Value: value}, a.SecretExpires.at
	return m, nil
}

func (a *application) readCertificate(ctx context.Context, p *program, m *resource.Material) error {
	if a.SecretExpires.at != nil {
		return fault.BadField("secret_expires_at", "An end is given for a certificate, which states its own.", "Leave --secret-expires out.")
	}
	data, err := p.files.File("certificate", a.Certificate, input.MaxCertificate)
	if err != nil {
		return err
	}
	if len(data) == 0 {
		return fault.BadField("certificate", "The certificate file is empty.", "Name a PFX or P12 file with a certificate and its private key.")
	}
	var password secret.Value
	switch {
	case a.PasswordFile != "":
		password, err = p.files.Secret("password", a.PasswordFile)
	case p.term.Asks:
		password, err = p.term.AskSecret(ctx, "Password of "+a.Certificate+" (empty if it has none):")
	}
	if err != nil {
		return err
	}
	m.Certificate, m.Password = data, resource.Reveal(password)
	return nil
}
