package directory

import (
	"context"
	"reflect"
	"time"

	"github.com/evercred/evercred/emulator/internal/exchange"
)

// MaxReplicas bounds Settings.Replicas.
const MaxReplicas = 16

// none is the replica of a store that is no view.
const none = -1

// Settings are the controls that outlive a restart.
type Settings struct {
	ClockOffset      time.Duration `json:"clockOffset"`
	ReplicationDelay time.Duration `json:"replicationDelay"`

	// Replicas is how many there are; 0 means one. One is behind by the whole delay. Of several, the first is never
	// behind, the last by the whole delay, the others by even steps between.
	Replicas int `json:"replicas,omitempty"`
	// RandomReplica lets chance choose the replica that serves a request, instead of the turn of each.
	RandomReplica bool `json:"randomReplica,omitempty"`
	// Seed is where chance starts from.
	Seed uint64 `json:"seed,omitempty"`
	// Skew is how far the services' clocks are ahead of the emulator's own, which is the one that /_emulator/clock shows.
	Skew time.Duration `json:"skew,omitempty"`
}

// savedSettings are Settings and the clock of replication, which is the emulator's clock without its moves backward:
// else such a move would make replicas forget what they knew.
type savedSettings struct {
	Settings
	ReplicaOffset time.Duration `json:"replicaOffset"`
}

// View is the store as it shows itself to the request of ctx: its Seen methods answer as the replica that serves the
// request, and its Now is the services' clock, skew included. Outside a request, and with one replica, Seen is as before.
func (s *Store) View(ctx context.Context) *Store {
	replica, chosen := exchange.Replica(ctx)
	if !chosen {
		replica = MaxReplicas - 1 // the farthest behind of however many
	}
	replica = min(max(replica, 0), MaxReplicas-1)
	if v := s.views[replica].Load(); v != nil {
		return v
	}
	v := *s
	v.replica = replica
	// Every table of Store is copied, so that a new kind of object needs no line here.
	fields := reflect.ValueOf(&v).Elem()
	for _, f := range fields.Fields() {
		if f.CanSet() {
			if t, ok := reflect.TypeAssert[viewed](f); ok {
				f.Set(reflect.ValueOf(t.seenBy(replica)))
			}
		}
	}
	s.views[replica].Store(&v)
	return &v
}

// viewed is a table of whatever kind.
type viewed interface{ seenBy(replica int) any }

func (t *Table[T]) seenBy(replica int) any { return &Table[T]{t.tableData, replica} }

// lag is how far behind a replica is in a version that was written under the delay written.
func (s *state) lag(written time.Duration, replica int) time.Duration {
	delay := min(written, s.settings.ReplicationDelay)
	last := s.settings.Replicas - 1
	if replica == none || last < 1 {
		return delay
	}
	return delay / time.Duration(last) * time.Duration(min(replica, last))
}

// Now is the emulator's clock, in UTC; in a view the services' clock. Only inside Read and Write.
func (s *Store) Now() time.Time {
	now := time.Now().UTC().Add(s.settings.ClockOffset)
	if s.replica != none {
		now = now.Add(s.settings.Skew)
	}
	return now
}

// Settings returns the controls. Only inside Read and Write.
func (s *state) Settings() Settings { return s.settings.Settings }

// SetSettings changes the controls. Only inside Write.
func (s *state) SetSettings(v Settings) {
	before := s.settings
	after := savedSettings{Settings: v, ReplicaOffset: before.ReplicaOffset + max(0, v.ClockOffset-before.ClockOffset)}
	s.settings = after
	s.saved.Put("settings", &after)
	s.undo = append(s.undo, func() { s.settings = before })
}

// replicaNow is the clock of replication: it only goes forward.
func (s *state) replicaNow() time.Time { return time.Now().UTC().Add(s.settings.ReplicaOffset) }

// keepVersions is how long an older version must be kept for replicas that lag.
func (s *state) keepVersions() time.Duration { return max(s.settings.ReplicationDelay, time.Hour) }
