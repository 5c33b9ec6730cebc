package resource

// Steward is an account by whose rights the others of its tenant are renewed without a person.
type Steward struct {
	Cloud    string     `json:"cloud"`
	TenantID string     `json:"tenant_id"`
	Account  AccountRef `json:"account"`
}

// Stewards are all of them, by cloud and tenant.
type Stewards struct {
	Stewards []Steward `json:"stewards" nullable:"false"`
}
