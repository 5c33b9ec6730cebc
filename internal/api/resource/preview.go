package resource

import "time"

// CertificatePreviewRequest asks what a certificate file is, and whether it fits an application.
type CertificatePreviewRequest struct {
	Certificate   []byte  `json:"certificate" writeOnly:"true" doc:"A PFX or P12 file in base64, of at most 1 MiB before that"`
	Password      *Secret `json:"password,omitempty" required:"false" writeOnly:"true"`
	ApplicationID string  `json:"application_id,omitempty" doc:"Without it, it is not asked whether the certificate fits"`
	TenantID      string  `json:"tenant_id,omitempty" doc:"An id or a domain name"`
	Cloud         string  `json:"cloud,omitempty" doc:"The server's default if left out"`
}

// CertificatePreview is what a certificate file is. Nothing of it was stored.
type CertificatePreview struct {
	Subject          string    `json:"subject"`
	Issuer           string    `json:"issuer"`
	Thumbprint       string    `json:"thumbprint" doc:"SHA-1, upper-case hexadecimal, as the Azure portal shows it"`
	ThumbprintSHA256 string    `json:"thumbprint_sha256"`
	StartsAt         time.Time `json:"starts_at"`
	ExpiresAt        time.Time `json:"expires_at"`
	Key              string    `json:"key" doc:"Kind and size of the key, e.g. RSA 2048"`
	SelfSigned       bool      `json:"self_signed"`
	Chain            int       `json:"chain" doc:"How many further certificates the file has"`
	State            string    `json:"state" enum:"valid,expiring,expired,not_yet_valid"`
	Fits             string    `json:"fits" enum:"yes,no,unknown" doc:"Whether Microsoft Entra accepts the certificate from the application"`
	FitsDetail       string    `json:"fits_detail" doc:"Why, in a sentence"`
	FitsRemedy       string    `json:"fits_remedy" doc:"What to do next; empty when nothing is to be done"`
}
