package renewal

import (
	"context"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

// PreviewRequest asks what a certificate file is, and whether it fits an application. The ids may be left out.
type PreviewRequest struct {
	Certificate   []byte // a PFX/P12 file
	Password      secret.Value
	ApplicationID string
	TenantID      string
	Cloud         string // empty: the default
}

// Fits is whether an application can sign in with a certificate.
type Fits string

// The answers.
const (
	FitsYes     Fits = "yes"
	FitsNo      Fits = "no"
	FitsUnknown Fits = "unknown"
)

// Preview is what a certificate file is. Detail says in a sentence why it fits or not, Remedy what to do next.
type Preview struct {
	certificate.Facts
	Fits           Fits
	Detail, Remedy string
}

// previewPatience bounds the one question to Microsoft: a person is looking at a form.
const previewPatience = 20 * time.Second

// PreviewCertificate reads a certificate file and asks Entra once whether the application can sign in with it. Nothing is
// stored and nothing is changed; the key is used to sign the question, and stays here. The faults are those of a file that
// cannot be read, by field, and of ids that are none.
func (e *Engine) PreviewCertificate(ctx context.Context, q PreviewRequest) (*Preview, error) {
	if len(q.Certificate) == 0 {
		return nil, fault.BadField("certificate", "No certificate file is given, or it is empty.", "Choose a .PFX or .P12 file.")
	}
	e.refreshClock(ctx)
	now := e.clock.Now()
	b, err := certificate.InspectPFX(q.Certificate, q.Password, now)
	if err != nil {
		return nil, err
	}
	p := &Preview{Facts: b.Facts(now), Fits: FitsUnknown}
	if err := b.CheckValidity(now); err != nil {
		f := fault.From(err)
		p.Fits, p.Detail, p.Remedy = FitsNo, f.Message, f.Remedy
		return p, nil
	}
	switch {
	case strings.TrimSpace(q.ApplicationID) == "":
		p.Detail, p.Remedy = "No application is named.", "Give the application (client) id, to see whether the certificate fits it."
		return p, nil
	case strings.TrimSpace(q.TenantID) == "":
		p.Detail, p.Remedy = "No tenant is named.", "Give the tenant (directory) id, to see whether the certificate fits the application."
		return p, nil
	}
	return p, e.askWhetherItFits(ctx, p, b, q)
}

func (e *Engine) askWhetherItFits(ctx context.Context, p *Preview, b *certificate.Bundle, q PreviewRequest) error {
	conn, err := e.cloudOf(q.Cloud)
	if err != nil {
		return err
	}
	appID, err := guid("application_id", q.ApplicationID)
	if err != nil {
		return err
	}
	tenant, err := tenantID(q.TenantID)
	if err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, previewPatience)
	defer cancel()
	_, err = conn.entra.AppToken(bounded, tenant, appID, entra.Credential{Certificate: b}, conn.cloud.ManagementScope)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	p.Fits, p.Detail, p.Remedy = fits(err)
	return nil
}

// fits judges Entra's answer to a question signed with the certificate. What is wrong with the application in another way
// says nothing about the certificate.
func fits(err error) (answer Fits, detail, remedy string) {
	if err == nil {
		return FitsYes, "Microsoft Entra accepts this certificate from the application.", ""
	}
	f := explain(err)
	switch entra.StateOf(err) {
	case account.CertificateMismatch:
		if code, ok := entraCode(err); ok && code == 700027 {
			return FitsNo, "The application has no certificate with this thumbprint.",
				"Upload the certificate (without its key) to the application under Certificates & secrets first. If that was minutes ago, wait a little and choose the file again."
		}
		return FitsNo, f.Message, f.Remedy
	case account.AppNotFound, account.Expired:
		return FitsNo, f.Message, f.Remedy
	}
	return FitsUnknown, f.Message, f.Remedy
}
