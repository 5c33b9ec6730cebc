package directory

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// history is what a state file had.
type history struct {
	newest  time.Time // of its records
	records int
	whole   int64 // bytes up to the end of its last whole line
}

func (s *state) open(path string) error {
	h, err := s.replay(path)
	if err != nil {
		return err
	}
	if v, ok := s.saved.Get("settings"); ok {
		s.settings = *v
	}
	if ahead := h.newest.Sub(s.replicaNow()); ahead > 0 { // the machine's clock was set back meanwhile
		s.settings.ReplicaOffset += ahead
	}
	if s.bloated(h) {
		if err := s.compact(path); err != nil {
			return fmt.Errorf("rewriting %s: %w", path, err)
		}
	} else if err := os.Truncate(path, h.whole); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("cutting the torn end off %s: %w", path, err)
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

// bloated says whether most of a file is what is no longer there. Rewriting it costs a start more than reading it.
func (s *state) bloated(h history) bool {
	live := 0
	for _, t := range s.tables {
		live += t.live()
	}
	return h.records > 2*live+200
}

// replay loads the file.
func (s *state) replay(path string) (h history, err error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return h, nil
	}
	if err != nil {
		return h, fmt.Errorf("opening the state file: %w", err)
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<20)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return h, nil // a line without its end was torn by a kill: its request was never answered
		}
		if err != nil {
			return h, fmt.Errorf("reading the state file: %w", err)
		}
		h.whole += int64(len(line))
		var records []record
		if err := json.Unmarshal(line, &records); err != nil {
			return h, fmt.Errorf("state file %s, line %d: %w", path, n, err)
		}
		for _, r := range records {
			if err := s.load(r); err != nil {
				return h, fmt.Errorf("state file %s, line %d: %w", path, n, err)
			}
			h.records++
			if r.At.After(h.newest) {
				h.newest = r.At
			}
		}
	}
}

func (s *state) load(r record) error {
	for _, t := range s.tables {
		if t.name() == r.Kind {
			return t.load(r)
		}
	}
	return fmt.Errorf("unknown kind %q", r.Kind)
}

func (s *state) compact(path string) error {
	next := path + ".new" // one name, so that kills do not pile up files
	tmp, err := os.OpenFile(next, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer tmp.Close()
	out := bufio.NewWriter(tmp)
	enc := json.NewEncoder(out)
	for _, t := range s.tables {
		if err := t.dump(func(r record) error { return enc.Encode([]record{r}) }); err != nil {
			return err
		}
	}
	if err := errors.Join(out.Flush(), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(next, path)
}

func (t *tableData[T]) load(r record) error {
	var v *T
	if r.Value != nil {
		v = new(T)
		if err := json.Unmarshal(r.Value, v); err != nil {
			return err
		}
	}
	have := t.row(r.ID)
	have.versions = append(have.versions, version[T]{r.At, r.Delay, v})
	t.link(r.ID, have, v)
	return nil
}

func (t *tableData[T]) dump(emit func(record) error) error {
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

// append writes what is pending as one line. What a full disk cuts short is taken back, lest the next line follow it.
func (s *state) append() error {
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

func (s *state) changed(r record, value any, undo func()) {
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
