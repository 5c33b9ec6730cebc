package app

import (
	"strings"
	"testing"
	"time"

	"github.com/evercred/evercred/emulator/emulatortest"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

const pfxPassword = "correct horse"

// pfx makes a certificate file that is valid from start to end, counted from now.
func (b *bench) pfx(start, end time.Duration) []byte {
	b.t.Helper()
	now := b.emu.Now()
	bundle, err := certificate.NewSelfSigned("CN=stranger", 2048, now.Add(start), now.Add(end))
	if err != nil {
		b.t.Fatal(err)
	}
	data, err := bundle.PFX(secret.New(pfxPassword))
	if err != nil {
		b.t.Fatal(err)
	}
	return data
}

// strangePFX is a good file without a password, of a certificate that no application has.
func (b *bench) strangePFX() []byte {
	b.t.Helper()
	now := b.emu.Now()
	bundle, err := certificate.NewSelfSigned("CN=stranger", 2048, now.Add(-time.Hour), now.Add(time.Hour))
	if err != nil {
		b.t.Fatal(err)
	}
	data, err := bundle.PFX(secret.Value{})
	if err != nil {
		b.t.Fatal(err)
	}
	return data
}

func TestACertificateIsShownBeforeItIsUsed(t *testing.T) {
	b := newBench(t)
	const day = 24 * time.Hour
	password := resource.Reveal(secret.New(pfxPassword))
	a := b.account("backup-cert")
	h, err := b.api.HandOver(t.Context(), "backup-cert", resource.HandOverRequest{Password: password})
	if err != nil {
		t.Fatal(err)
	}
	own, stranger := h.CertificatePFX, b.pfx(-day, 300*day)
	rows := len(b.auditActions())
	for name, c := range map[string]struct {
		file                     []byte
		app, tenant              string
		state, fits, says, mends string
	}{
		"the account's own":      {own, a.ApplicationID, a.TenantID, "valid", "yes", "accepts", ""},
		"a stranger":             {stranger, a.ApplicationID, a.TenantID, "valid", "no", "no certificate with this thumbprint", "Upload"},
		"no application":         {stranger, "", a.TenantID, "valid", "unknown", "No application is named", "application (client) id"},
		"no tenant":              {stranger, a.ApplicationID, "", "valid", "unknown", "No tenant is named", "tenant (directory) id"},
		"an unknown application": {own, "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", a.TenantID, "valid", "no", "not found", "portal"},
		"an unknown tenant":      {own, a.ApplicationID, "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "valid", "no", "tenant was not found", "Copy"},
		"ending soon":            {b.pfx(-day, 10*day), "", "", "expiring", "unknown", "No application", "Give"},
		"ended":                  {b.pfx(-10*day, -day), a.ApplicationID, a.TenantID, "expired", "no", "expired on", "Choose"},
		"not yet valid":          {b.pfx(day, 10*day), a.ApplicationID, a.TenantID, "not_yet_valid", "no", "not valid before", "Wait"},
	} {
		got, err := b.api.PreviewCertificate(t.Context(), resource.CertificatePreviewRequest{
			Certificate: c.file, Password: password, ApplicationID: c.app, TenantID: c.tenant,
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.State != c.state || got.Fits != c.fits || !strings.Contains(got.FitsDetail, c.says) || !strings.Contains(got.FitsRemedy, c.mends) || (got.FitsRemedy == "") != (c.mends == "") {
			t.Errorf("%s: %+v", name, got)
		}
		if len(got.Thumbprint) != 40 || len(got.ThumbprintSHA256) != 64 || got.Key != "RSA 2048" || !got.SelfSigned || got.Subject == "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	b.emu.SetFaults(emulatortest.Fault{Service: "entra", Path: "*/token*", Times: 5, Drop: "before"})
	got, err := b.api.PreviewCertificate(t.Context(), resource.CertificatePreviewRequest{Certificate: own, Password: password, ApplicationID: a.ApplicationID, TenantID: a.TenantID})
	if err != nil || got.Fits != "unknown" || !strings.Contains(got.FitsDetail, "did not answer") || got.FitsRemedy == "" {
		t.Errorf("Microsoft does not answer: %+v, %v", got, err)
	}
	for name, c := range map[string]struct {
		file     []byte
		password string
		app      string
		field    string
	}{
		"wrong password": {own, "battery staple", "", "password"},
		"no password":    {own, "", "", "password"},
		"no file":        {nil, pfxPassword, "", "certificate"},
		"not a PFX":      {[]byte("hello"), "", "", "certificate"},
		"too large":      {make([]byte, certificate.MaxFileSize+1), "", "", "certificate"},
		"not an id":      {own, pfxPassword, "app", "application_id"},
	} {
		_, err := b.api.PreviewCertificate(t.Context(), resource.CertificatePreviewRequest{
			Certificate: c.file, Password: resource.Reveal(secret.New(c.password)), ApplicationID: c.app, TenantID: a.TenantID,
		})
		if f := fault.From(err); f == nil || f.Code != fault.Invalid || f.Field != c.field || f.Remedy == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := len(b.auditActions()); after != rows {
		t.Errorf("%d audit rows were written by looking", after-rows)
	}
}
