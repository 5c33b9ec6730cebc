package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/renewal"
)

type previewAnswer struct{ Body resource.CertificatePreview }

func (s *server) previewRoutes(doc huma.API) {
	handle(s, doc, huma.Operation{
		OperationID: "preview-certificate", Method: http.MethodPost, Path: "/certificate-preview", Tags: []string{"accounts"}, MaxBodyBytes: largeBody,
		Summary: "Show what a certificate file is, and whether it fits an application; nothing is stored",
	}, func(ctx context.Context, _ account.Caller, in *struct {
		Body resource.CertificatePreviewRequest
	},
	) (*previewAnswer, error) {
		b := &in.Body
		p, err := s.engine.PreviewCertificate(ctx, renewal.PreviewRequest{
			Certificate: b.Certificate, Password: b.Password.Take(), ApplicationID: b.ApplicationID, TenantID: b.TenantID, Cloud: b.Cloud,
		})
		if err != nil {
			return nil, err
		}
		return &previewAnswer{resource.CertificatePreview{
			Subject: p.Subject, Issuer: p.Issuer, Thumbprint: p.Thumbprint, ThumbprintSHA256: p.ThumbprintSHA256,
			StartsAt: whole(p.StartsAt), ExpiresAt: whole(p.ExpiresAt), Key: p.Key, SelfSigned: p.SelfSigned, Chain: p.Chain,
			State: string(p.Validity), Fits: string(p.Fits), FitsDetail: p.Detail, FitsRemedy: p.Remedy,
		}}, nil
	})
}
