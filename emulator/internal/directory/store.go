// Package directory is the state of the emulated cloud: the objects of one Entra tenant and of its Azure subscriptions.
//
// All of it is in memory. With a folder, every change is appended to FOLDER/state.jsonl before the answer is given, so
// that the emulator can be killed at any instant and started again. One line is one Write, so a kill leaves all of it or
// nothing: a torn last line is dropped. At a start the file is rewritten to one line per version that is still needed,
// if most of it is history. Secrets are kept as hashes only.
//
// Replication: a read may ask for the state as a replica sees it that is behind by a delay (the Seen methods), while
// writes always meet the primary. There can be several replicas, each with a lag of its own: see View. The delay is
// measured on the emulator's clock as far as that is moved forward. A shorter delay holds at once; a longer one for what
// is written from then on, because what a replica once knew it does not forget.
package directory

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Store holds the tables. Use Read and Write; the tables are not safe outside them. A Store may be a view: the same
// state, whose Seen methods answer as one replica.
type Store struct {
	*state
	replica int // whose eyes the Seen methods have; none: the farthest behind

	Applications      *Table[Application]
	ServicePrincipals *Table[ServicePrincipal]
	Users             *Table[User]
	Groups            *Table[Group]
	AppRoleGrants     *Table[AppRoleAssignment]
	Tenants           *Table[Tenant]
	Subscriptions     *Table[Subscription]
	ResourceGroups    *Table[ResourceGroup]
	ManagementGroups  *Table[ManagementGroup]
	RoleDefinitions   *Table[RoleDefinition]
	RoleAssignments   *Table[RoleAssignment]
	DeviceCodes       *Table[DeviceCode]
	RefreshTokens     *Table[RefreshToken]
	Codes             *Table[AuthorizationCode]
	PermissionGrants  *Table[PermissionGrant]
	AppPolicies       *Table[AppManagementPolicy]
	DefaultPolicies   *Table[DefaultAppManagementPolicy]
	DeletedUsers      *Table[DeletedUser]
	DeletedGroups     *Table[DeletedGroup]
}

// state is what all views of a store share.
type state struct {
	mu       sync.RWMutex
	file     *os.File
	size     int64 // of the file: where the last whole line ends
	broken   error // the file can no longer be trusted: no more writes
	pending  []byte
	undo     []func()
	tables   []anyTable
	settings savedSettings
	saved    *Table[savedSettings]
	views    [MaxReplicas]atomic.Pointer[Store]
}

// anyTable is a table of whatever kind, as the state file needs it.
type anyTable interface {
	name() string // its kind
	load(r record) error
	dump(emit func(record) error) error
	live() int // objects that are there
	sweep()
}

type record struct {
	Kind  string          `json:"kind"`
	ID    string          `json:"id"`
	At    time.Time       `json:"at"`              // on the clock of replication
	Delay time.Duration   `json:"delay,omitempty"` // of replication when it was written
	Value json.RawMessage `json:"value,omitempty"` // absent: deleted
}

// Open reads the state in folder, or starts an empty one. An empty folder name keeps it in memory only.
func Open(folder string) (*Store, error) {
	s := &Store{state: &state{}, replica: none}
	s.Applications = newTable(s, "application", applicationKeys)
	s.ServicePrincipals = newTable(s, "servicePrincipal", servicePrincipalKeys)
	s.Users = newTable(s, "user", userKeys)
	s.Groups = newTable(s, "group", groupKeys)
	s.AppRoleGrants = newTable(s, "appRoleAssignment", appRoleKeys)
	s.Tenants = newTable[Tenant](s, "tenant", nil)
	s.Subscriptions = newTable[Subscription](s, "subscription", nil)
	s.ResourceGroups = newTable[ResourceGroup](s, "resourceGroup", nil)
	s.ManagementGroups = newTable[ManagementGroup](s, "managementGroup", nil)
	s.RoleDefinitions = newTable(s, "roleDefinition", func(r *RoleDefinition) []string { return []string{ByName(r.Name)} })
	s.RoleAssignments = newTable(s, "roleAssignment", assignmentKeys)
	s.DeviceCodes = newTable(s, "deviceCode", func(c *DeviceCode) []string { return []string{c.UserCode} })
	s.RefreshTokens = newTable[RefreshToken](s, "refreshToken", nil)
	s.Codes = newTable[AuthorizationCode](s, "authorizationCode", nil)
	s.PermissionGrants = newTable(s, "permissionGrant", grantKeys)
	s.AppPolicies = newTable(s, "appManagementPolicy", policyKeys)
	s.DefaultPolicies = newTable[DefaultAppManagementPolicy](s, "defaultAppManagementPolicy", nil)
	s.DeletedUsers = newTable[DeletedUser](s, "deletedUser", nil)
	s.DeletedGroups = newTable[DeletedGroup](s, "deletedGroup", nil)
	s.saved = newTable[savedSettings](s, "settings", nil)
	if folder == "" {
		return s, nil
	}
	return s, s.open(filepath.Join(folder, "state.jsonl"))
}

// Read runs f with the state held still.
func (s *state) Read(f func()) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	f()
}

// Write runs f alone, and keeps what it put only if f returns nil (and does not panic) and the change is in the file.
func (s *state) Write(f func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return s.broken
	}
	for _, t := range s.tables {
		t.sweep()
	}
	s.pending, s.undo = s.pending[:0], s.undo[:0]
	kept := false
	defer func() {
		for i := len(s.undo) - 1; i >= 0 && !kept; i-- {
			s.undo[i]()
		}
		clear(s.undo)
	}()
	if err := f(); err != nil {
		return err
	}
	if err := s.append(); err != nil {
		return err
	}
	kept = true
	return nil
}

// Close closes the state file.
func (s *state) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
