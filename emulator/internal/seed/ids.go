// Package seed is the content of the emulated cloud at its first start: one Entra tenant with its people, a management
// group with two subscriptions, the built-in roles, the test application and the applications of the demo's accounts.
//
// Ids are the same in every emulator, so that documents and tests can name them. Nothing else in the code knows them.
package seed

import "github.com/google/uuid"

// The directory and its subscriptions.
const (
	TenantID         = "7d1f3c52-0b6e-4c1a-9a57-3e8f0c2b6d10"
	Domain           = "contoso.example"
	ManagementGroup  = "contoso-landing" // child of the root group, whose id is the tenant's
	ProductionID     = "2f6a9c14-8d35-4b7e-a1c2-5e90d3f7b841"
	TestID           = "b8e04d71-36fa-4c29-9d15-70c1a2e6f593"
	ResourceGroup    = "rg1" // in each subscription
	resourceLocation = "westeurope"
)

// The people, by user principal name.
const (
	Owner        = "owner@" + Domain         // Owner of both subscriptions, Application Administrator
	AccessAdmin  = "uaa@" + Domain           // User Access Administrator, Cloud Application Administrator
	Contributor  = "contributor@" + Domain   // Contributor
	Reader       = "reader@" + Domain        // Reader
	OwnerNoEntra = "owner-noentra@" + Domain // Owner, no directory role
	Blocked      = "blocked@" + Domain       // as Owner, but Conditional Access refuses the device code flow
)

// Client ids of the applications. DRApplicationID belongs to none: the application of the demo's account backup-dr is
// gone for good.
const (
	TestApplicationID    = "c3a1e5f0-92b4-4d67-8e0f-1b7d4a6c2f95"
	ProdApplicationID    = "41d8b7e2-5c0f-4a93-b6d1-e27f90a3c584"
	DevApplicationID     = "9e27c4a6-1f83-4b5d-8c70-d6e5b1f2a039"
	ArchiveApplicationID = "d05f6b93-a7c2-4e18-93f4-8b1c0e7d52a6"
	CertApplicationID    = "6ab93e1d-d4f7-4c05-a282-f3c8d7059b1e"
	SQLApplicationID     = "f7c20d58-3e9b-4a16-bd84-0a5e6c9137f2"
	DRApplicationID      = "18e5a0c7-b26d-4f39-8571-c94d3b60fea8"
)

// Client ids of Microsoft's own applications (Microsoft, first-party application ids).
const (
	graphAppID      = "00000003-0000-0000-c000-000000000000"
	managementAppID = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
)

// Built-in roles that the seed assigns (Microsoft, Azure built-in roles).
const (
	roleOwner         = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
	roleAccessAdmin   = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
	roleContributor   = "b24988ac-6180-42a0-ab88-20f7382dd24c"
	roleReader        = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
	roleCryptoOfficer = "14b46e9e-c2b7-41b4-b07b-48a6ebf60603"
)

// TestApplication is the display name of the application in emulator.env.
const TestApplication = "evercred-emulator-app"

// Subscriptions returns the ids of the seeded subscriptions.
func Subscriptions() []string { return []string{ProductionID, TestID} }

// Application is a seeded application registration.
type Application struct {
	Name, AppID, ObjectID, ServicePrincipalID string
}

// Applications returns those of the demo's accounts. backup-archive is soft-deleted from the start.
func Applications() []Application {
	return []Application{
		application("backup-prod", ProdApplicationID),
		application("backup-dev", DevApplicationID),
		application("backup-archive", ArchiveApplicationID),
		application("backup-cert", CertApplicationID),
		application("backup-sql", SQLApplicationID),
	}
}

func application(name, appID string) Application {
	return Application{name, appID, id("application", appID), id("service principal", appID)}
}

// TestApp returns the application of emulator.env.
func TestApp() Application { return application(TestApplication, TestApplicationID) }

// UserID returns the object id of a seeded person.
func UserID(userPrincipalName string) string { return id("user", userPrincipalName) }

// id makes a guid that is the same in every emulator.
func id(kind, name string) string {
	return uuid.NewSHA1(uuid.MustParse(TenantID), []byte(kind+"/"+name)).String()
}
