package directory

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"
)

// Application is an application registration. Properties the emulator has no rule for are in Properties, by their
// Graph names, as they were sent (the type is open: Microsoft Graph, application resource).
type Application struct {
	ID             string                     `json:"id"` // object id
	AppID          string                     `json:"appId"`
	DisplayName    string                     `json:"displayName"`
	SignInAudience string                     `json:"signInAudience"`
	IdentifierURIs []string                   `json:"identifierUris,omitempty"`
	CreatedAt      time.Time                  `json:"createdAt"`
	DeletedAt      *time.Time                 `json:"deletedAt,omitempty"` // soft-deleted; gone 30 days later
	Owners         []string                   `json:"owners,omitempty"`    // object ids of users and service principals
	Passwords      []Password                 `json:"passwords,omitempty"` // newest first, as Graph lists them
	Keys           []Key                      `json:"keys,omitempty"`
	Properties     map[string]json.RawMessage `json:"properties,omitempty"`

	// FederatedCredentials are the outside identities whose tokens prove the application. Entra and Graph share them.
	FederatedCredentials []FederatedCredential `json:"federatedCredentials,omitempty"`
}

// FederatedCredential is a federatedIdentityCredential. Issuer, subject and audiences are compared with regard to case,
// and kept as they were sent (Microsoft Graph, federatedIdentityCredential resource).
type FederatedCredential struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"` // never changes; an alternate key
	Issuer      string   `json:"issuer"`
	Subject     string   `json:"subject"`
	Audiences   []string `json:"audiences"`
	Description *string  `json:"description"`

	// Expression stands in for Subject in a flexible credential (beta: claimsMatchingExpression); nil: none.
	Expression *ClaimsExpression `json:"expression,omitempty"`
}

// ClaimsExpression is what a flexible federated credential wants of a token's claims.
type ClaimsExpression struct {
	Value           string `json:"value"`
	LanguageVersion int    `json:"languageVersion"`
}

// ServicePrincipal is an application's identity in the tenant. It can have credentials of its own.
type ServicePrincipal struct {
	ID          string                     `json:"id"`
	AppID       string                     `json:"appId"`
	DisplayName string                     `json:"displayName"`
	Enabled     bool                       `json:"enabled"`
	CreatedAt   time.Time                  `json:"createdAt"`
	DeletedAt   *time.Time                 `json:"deletedAt,omitempty"`
	Owners      []string                   `json:"owners,omitempty"`
	Passwords   []Password                 `json:"passwords,omitempty"`
	Keys        []Key                      `json:"keys,omitempty"`
	Properties  map[string]json.RawMessage `json:"properties,omitempty"`
}

// Password is a client secret: its hash, never its text.
type Password struct {
	KeyID       string    `json:"keyId"`
	DisplayName *string   `json:"displayName"`
	Hint        *string   `json:"hint"` // first three characters; nil on service principals
	Hash        string    `json:"hash"` // HashSecret of the text
	Start       time.Time `json:"start"`
	End         time.Time `json:"end"`
}

// Key is a keyCredential: a certificate, public part only.
type Key struct {
	KeyID       string    `json:"keyId"`
	DisplayName *string   `json:"displayName"`
	CustomID    *string   `json:"customKeyIdentifier"` // SHA-1 of the DER in upper-case hex
	Type        string    `json:"type"`
	Usage       string    `json:"usage"`
	DER         []byte    `json:"der"`
	Start       time.Time `json:"start"`
	End         time.Time `json:"end"`
}

// User is a person. Roles are display names of directory roles, e.g. "Application Administrator".
type User struct {
	ID                string   `json:"id"`
	UserPrincipalName string   `json:"userPrincipalName"` // lower case
	DisplayName       string   `json:"displayName"`
	GivenName         string   `json:"givenName"`
	Surname           string   `json:"surname"`
	Roles             []string `json:"roles,omitempty"`
	DeviceCodeBlocked bool     `json:"deviceCodeBlocked,omitempty"` // Conditional Access refuses the device code flow

	Disabled   bool                       `json:"disabled,omitempty"`
	Manager    string                     `json:"manager,omitempty"`    // object id of another person
	CreatedAt  *time.Time                 `json:"createdAt,omitempty"`  // nil: with the tenant
	Properties map[string]json.RawMessage `json:"properties,omitempty"` // those the emulator has no rule for

	AccessRules []AccessRule `json:"accessRules,omitempty"` // what Conditional Access refuses this person
	ValidFrom   *time.Time   `json:"validFrom,omitempty"`   // sessions older than this were revoked (AADSTS50173)
}

// AccessRule is a policy of Conditional Access as one person meets it: which refusal, and where.
type AccessRule struct {
	Code     int    `json:"code"`               // AADSTS, e.g. 53003 (blocked), 50076 (needs multifactor authentication)
	Flow     string `json:"flow,omitempty"`     // device_code, authorization_code or refresh_token; empty: all of them
	Resource string `json:"resource,omitempty"` // client id of the resource; empty: all of them
}

// Group is a security group.
type Group struct {
	ID          string   `json:"id"`
	DisplayName string   `json:"displayName"`
	Members     []string `json:"members,omitempty"`

	Owners     []string                   `json:"owners,omitempty"`
	CreatedAt  *time.Time                 `json:"createdAt,omitempty"`  // nil: with the tenant
	Properties map[string]json.RawMessage `json:"properties,omitempty"` // those the emulator has no rule for
}

// AppRoleAssignment grants a service principal an application permission, e.g. Application.ReadWrite.All of Graph.
type AppRoleAssignment struct {
	ID          string    `json:"id"`
	PrincipalID string    `json:"principalId"` // service principal's object id
	ResourceID  string    `json:"resourceId"`
	RoleID      string    `json:"appRoleId"`
	RoleValue   string    `json:"roleValue"`               // e.g. "Application.ReadWrite.All"
	Type        string    `json:"principalType,omitempty"` // User or Group; empty: ServicePrincipal
	CreatedAt   time.Time `json:"createdAt"`
}

// Tenant is the one directory.
type Tenant struct {
	ID            string    `json:"id"`
	Domain        string    `json:"domain"`
	DisplayName   string    `json:"displayName"`
	CountryCode   string    `json:"countryCode"`
	CreatedAt     time.Time `json:"createdAt"`
	UsersRegister bool      `json:"usersRegister"` // "Users can register applications"

	Others []OtherTenant `json:"others,omitempty"` // where people of this one are guests
}

// Subscription is an Azure subscription; Parent is the id of its management group.
type Subscription struct {
	ID          string            `json:"id"`
	DisplayName string            `json:"displayName"`
	Parent      string            `json:"parent"`
	Tags        map[string]string `json:"tags,omitempty"`
	// Providers are the registration states that differ from those of a new subscription, by lower-case namespace.
	Providers map[string]string `json:"providers,omitempty"`
}

// ResourceGroup is addressed by its subscription and lower-case name.
type ResourceGroup struct {
	Subscription string            `json:"subscription"`
	Name         string            `json:"name"`
	Location     string            `json:"location"`
	Tags         map[string]string `json:"tags,omitempty"`
	ManagedBy    string            `json:"managedBy,omitempty"`
}

// ManagementGroup groups subscriptions; the root has the tenant's id and no parent.
type ManagementGroup struct {
	ID          string     `json:"id"`
	DisplayName string     `json:"displayName"`
	Parent      string     `json:"parent"`
	Version     int        `json:"version,omitempty"` // counts changes; 0: as seeded
	UpdatedAt   *time.Time `json:"updatedAt,omitempty"`
	UpdatedBy   string     `json:"updatedBy,omitempty"`
}

// RoleDefinition is an Azure role, built-in or custom.
type RoleDefinition struct {
	ID               string       `json:"id"` // the guid
	Name             string       `json:"name"`
	Description      string       `json:"description"`
	BuiltIn          bool         `json:"builtIn"`
	Permissions      []Permission `json:"permissions"`
	AssignableScopes []string     `json:"assignableScopes"`
	CreatedAt        time.Time    `json:"createdAt"`
	UpdatedAt        time.Time    `json:"updatedAt"`
	CreatedBy        string       `json:"createdBy"`
	UpdatedBy        string       `json:"updatedBy"`
}

// Permission is one element of a role's permissions.
type Permission struct {
	Actions        []string `json:"actions"`
	NotActions     []string `json:"notActions"`
	DataActions    []string `json:"dataActions"`
	NotDataActions []string `json:"notDataActions"`
	Condition      *string  `json:"condition,omitempty"` // of 2022-05-01-preview
	ConditionVer   *string  `json:"conditionVersion,omitempty"`
}

// RoleAssignment gives a principal a role at a scope. The table's key is the lower-case resource id.
type RoleAssignment struct {
	Name           string    `json:"name"`  // the guid
	Scope          string    `json:"scope"` // as the request wrote it, e.g. /subscriptions/{id}
	RoleID         string    `json:"roleId"`
	PrincipalID    string    `json:"principalId"`
	PrincipalType  string    `json:"principalType"`
	Description    *string   `json:"description"`
	Condition      *string   `json:"condition"`
	ConditionVer   *string   `json:"conditionVersion"`
	DelegatedMIRes *string   `json:"delegatedManagedIdentityResourceId"`
	CreatedAt      time.Time `json:"createdAt"`
	UpdatedAt      time.Time `json:"updatedAt"`
	CreatedBy      string    `json:"createdBy"`
	UpdatedBy      string    `json:"updatedBy"`
}

// DeviceCode is one device authorization. The table's key is the hash of the device code.
type DeviceCode struct {
	UserCode string    `json:"userCode"`
	ClientID string    `json:"clientId"`
	Tenant   string    `json:"tenant"` // as in the path: a guid, a domain, common or organizations
	Scope    string    `json:"scope"`
	Expires  time.Time `json:"expires"`
	Status   string    `json:"status"` // pending, approved, denied, redeemed
	UserID   string    `json:"userId,omitempty"`
	Stronger bool      `json:"stronger,omitempty"` // the request answered a claims challenge of Conditional Access
}

// AuthorizationCode is what a person's browser took back to a client. The table's key is the hash of the code.
type AuthorizationCode struct {
	ClientID    string    `json:"clientId"`
	Tenant      string    `json:"tenant"` // as in the path
	RedirectURI string    `json:"redirectUri"`
	Platform    string    `json:"platform"` // of the redirect URI: web, spa or publicClient
	Scope       string    `json:"scope"`
	Challenge   string    `json:"challenge,omitempty"` // code_challenge; empty: the client does without
	Plain       bool      `json:"plain,omitempty"`     // the challenge is the verifier itself, not its hash
	Nonce       string    `json:"nonce,omitempty"`
	UserID      string    `json:"userId"`
	Stronger    bool      `json:"stronger,omitempty"`
	Expires     time.Time `json:"expires"`
	Redeemed    bool      `json:"redeemed,omitempty"`
}

// RefreshToken is a person's refresh token. The table's key is its hash.
type RefreshToken struct {
	ClientID string    `json:"clientId"`
	UserID   string    `json:"userId"`
	Device   bool      `json:"device"` // came from the device code flow: Conditional Access tracks that
	Issued   time.Time `json:"issued"`
	Expires  time.Time `json:"expires"`
	Revoked  bool      `json:"revoked,omitempty"`
	Scope    string    `json:"scope,omitempty"`    // of the sign-in: what a request without one means
	Stronger bool      `json:"stronger,omitempty"` // the person met what Conditional Access asked for
}

// HashSecret is how secrets, codes and refresh tokens are kept. They are random and long, so a plain hash suffices.
func HashSecret(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
