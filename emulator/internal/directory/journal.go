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

func (s *state) open(path string) error {
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
func (s *state) replay(path string) (newest time.Time, err error) {
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

func (s *state) compact(path string) error {
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
