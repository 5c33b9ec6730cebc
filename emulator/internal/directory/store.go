// Package directory is the state of the emulated cloud: the objects of one Entra tenant and of its Azure subscriptions.
//
// All of it is in memory. With a folder, every change is appended to FOLDER/state.jsonl before the answer is given, so
// that the emulator can be killed at any instant and started again. One line is one Write, so a kill leaves all of it or
// nothing: a torn last line is dropped. At start the file is rewritten to one line per object. Secrets are kept as
// hashes only.
//
// Replication: a read may ask for the state as a replica sees it that is behind by a delay (the Seen methods), while
// writes always meet the primary. The delay is measured on the emulator's clock as far as that is moved forward. A
// shorter delay holds at once; a longer one for what is written from then on, because what a replica once knew it
// does not forget.
package directory

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Store holds the tables. Use Read and Write; the tables are not safe outside them.
type Store struct {
	mu       sync.RWMutex
	file     *os.File
	size     int64 // of the file: where the last whole line ends
	broken   error // the file can no longer be trusted: no more writes
	pending  []byte
	undo     []func()
	loaders  map[string]func(record) error
	dumpers  []func(func(record) error) error
	settings savedSettings

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
	saved             *Table[savedSettings]
}

// Settings are the controls that outlive a restart.
type Settings struct {
	ClockOffset      time.Duration `json:"clockOffset"`
	ReplicationDelay time.Duration `json:"replicationDelay"`
}

// savedSettings are Settings and the clock of replication, which is the emulator's clock without its moves backward:
// else such a move would make replicas forget what they knew.
type savedSettings struct {
	Settings
	ReplicaOffset time.Duration `json:"replicaOffset"`
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
	s := &Store{loaders: map[string]func(record) error{}}
	s.Applications = newTable(s, "application", func(a *Application) []string { return []string{a.AppID} })
	s.ServicePrincipals = newTable(s, "servicePrincipal", func(p *ServicePrincipal) []string { return []string{p.AppID} })
	s.Users = newTable(s, "user", func(u *User) []string { return []string{u.UserPrincipalName} })
	s.Groups = newTable[Group](s, "group", nil)
	s.AppRoleGrants = newTable(s, "appRoleAssignment", func(g *AppRoleAssignment) []string { return []string{g.PrincipalID} })
	s.Tenants = newTable[Tenant](s, "tenant", nil)
	s.Subscriptions = newTable[Subscription](s, "subscription", nil)
	s.ResourceGroups = newTable[ResourceGroup](s, "resourceGroup", nil)
	s.ManagementGroups = newTable[ManagementGroup](s, "managementGroup", nil)
	s.RoleDefinitions = newTable[RoleDefinition](s, "roleDefinition", nil)
	s.RoleAssignments = newTable(s, "roleAssignment", func(a *RoleAssignment) []string { return []string{a.PrincipalID} })
	s.DeviceCodes = newTable(s, "deviceCode", func(c *DeviceCode) []string { return []string{c.UserCode} })
	s.RefreshTokens = newTable[RefreshToken](s, "refreshToken", nil)
	s.saved = newTable[savedSettings](s, "settings", nil)
	if folder == "" {
		return s, nil
	}
	return s, s.open(filepath.Join(folder, "state.jsonl"))
}

func (s *Store) open(path string) error {
	newest, err := s.replay(path)
	if err != nil {
		return err
	}
	if v, ok := s.saved.Get("settings"); ok {
		s.settings = *v
	}
	if ahead := newest.Sub(s.replicaNow()); ahead > 0 { // the machine's clock was set back meanwhile
		s.settings.ReplicaOffset += ahead
	}
	if err := s.compact(path); err != nil {
		return fmt.Errorf("rewriting %s: %w", path, err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("opening the state file: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("opening the state file: %w", err), f.Close())
	}
	s.file, s.size = f, info.Size()
	return nil
}

// replay loads the file and returns the time of its newest record.
func (s *Store) replay(path string) (newest time.Time, err error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return newest, nil
	}
	if err != nil {
		return newest, fmt.Errorf("opening the state file: %w", err)
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<20)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return newest, nil // a line without its end was torn by a kill: its request was never answered
		}
		if err != nil {
			return newest, fmt.Errorf("reading the state file: %w", err)
		}
		var records []record
		if err := json.Unmarshal(line, &records); err != nil {
			return newest, fmt.Errorf("state file %s, line %d: %w", path, n, err)
		}
		for _, r := range records {
			load, ok := s.loaders[r.Kind]
			if !ok {
				return newest, fmt.Errorf("state file %s, line %d: unknown kind %q", path, n, r.Kind)
			}
			if err := load(r); err != nil {
				return newest, fmt.Errorf("state file %s, line %d: %w", path, n, err)
			}
			if r.At.After(newest) {
				newest = r.At
			}
		}
	}
}

func (s *Store) compact(path string) error {
	next := path + ".new" // one name, so that kills do not pile up files
	tmp, err := os.OpenFile(next, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer tmp.Close()
	out := bufio.NewWriter(tmp)
	enc := json.NewEncoder(out)
	for _, dump := range s.dumpers {
		if err := dump(func(r record) error { return enc.Encode([]record{r}) }); err != nil {
			return err
		}
	}
	if err := errors.Join(out.Flush(), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(next, path)
}

func (t *Table[T]) load(r record) error {
	var v *T
	if r.Value != nil {
		v = new(T)
		if err := json.Unmarshal(r.Value, v); err != nil {
			return err
		}
	}
	have := t.rows[r.ID]
	if have == nil {
		have = &row[T]{}
		t.rows[r.ID] = have
		t.order = append(t.order, r.ID)
	}
	have.versions = append(have.versions, version[T]{r.At, r.Delay, v})
	t.link(r.ID, v)
	return nil
}

func (t *Table[T]) dump(emit func(record) error) error {
	for _, id := range t.order {
		vs := prune(t.rows[id].versions, t.store.replicaNow(), t.store.keepVersions())
		if len(vs) == 1 && vs[0].value == nil {
			continue
		}
		for _, v := range vs {
			r := record{Kind: t.kind, ID: id, At: v.from, Delay: v.delay}
			if v.value != nil {
				raw, err := json.Marshal(v.value)
				if err != nil {
					return err
				}
				r.Value = raw
			}
			if err := emit(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// Read runs f with the state held still.
func (s *Store) Read(f func()) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	f()
}

// Write runs f alone, and keeps what it put only if f returns nil (and does not panic) and the change is in the file.
func (s *Store) Write(f func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return s.broken
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

// append writes what is pending as one line. What a full disk cuts short is taken back, lest the next line follow it.
func (s *Store) append() error {
	if s.file == nil || len(s.pending) == 0 {
		return nil
	}
	s.pending = append(s.pending, "]\n"...)
	n, err := s.file.Write(s.pending)
	if err == nil {
		s.size += int64(n)
		return nil
	}
	err = fmt.Errorf("writing the state file: %w", err)
	if cut := s.file.Truncate(s.size); cut != nil {
		s.broken = errors.Join(err, cut)
	}
	return err
}

func (s *Store) changed(r record, value any, undo func()) {
	s.undo = append(s.undo, undo)
	if s.file == nil {
		return
	}
	if raw, err := json.Marshal(value); err == nil && string(raw) != "null" {
		r.Value = raw
	}
	line, err := json.Marshal(r)
	if err != nil {
		panic(err) // a record is made of plain fields: it always marshals
	}
	before := byte(',')
	if len(s.pending) == 0 {
		before = '['
	}
	s.pending = append(append(s.pending, before), line...)
}

// Close closes the state file.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

// Now is the emulator's clock, in UTC. Only inside Read and Write.
func (s *Store) Now() time.Time { return time.Now().UTC().Add(s.settings.ClockOffset) }

// Settings returns the controls. Only inside Read and Write.
func (s *Store) Settings() Settings { return s.settings.Settings }

// SetSettings changes the controls. Only inside Write.
func (s *Store) SetSettings(v Settings) {
	before := s.settings
	after := savedSettings{Settings: v, ReplicaOffset: before.ReplicaOffset + max(0, v.ClockOffset-before.ClockOffset)}
	s.settings = after
	s.saved.Put("settings", &after)
	s.undo = append(s.undo, func() { s.settings = before })
}

// replicaNow is the clock of replication: it only goes forward.
func (s *Store) replicaNow() time.Time { return time.Now().UTC().Add(s.settings.ReplicaOffset) }

// keepVersions is how long an older version must be kept for replicas that lag.
func (s *Store) keepVersions() time.Duration { return max(s.settings.ReplicationDelay, time.Hour) }
