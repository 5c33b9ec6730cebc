package input

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/evercred/evercred/internal/fault"
)

// Pending is a file that its owner alone may read (mode 0600) and that appears whole under its name, or not at all.
// It is made before the secret is asked for, so that a path nobody can write to discloses nothing.
type Pending struct {
	path string
	temp *os.File
}

// NewPending makes the file beside path, under a name of its own.
func NewPending(path string) (*Pending, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fault.BadField("out", fmt.Sprintf("%s is not a file.", path), "Name a file, or - for standard output.")
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return nil, fault.BadField("out", fmt.Sprintf("No file can be made at %s: %s.", path, reason(err)),
			"Check that the folder exists and that you may write to it.").WithCause(err)
	}
	return &Pending{path: path, temp: temp}, nil
}

// Commit writes data and gives the file its name, replacing one that is there.
func (p *Pending) Commit(data []byte) error {
	_, err := p.temp.Write(data)
	err = errors.Join(err, p.temp.Sync(), p.temp.Close())
	if err == nil {
		err = os.Rename(p.temp.Name(), p.path)
	}
	if err != nil {
		_ = os.Remove(p.temp.Name())
		return fmt.Errorf("writing %s: %w", p.path, err)
	}
	return nil
}

// Discard removes the file if it was not committed. It may be called in any case.
func (p *Pending) Discard() {
	_ = p.temp.Close()
	_ = os.Remove(p.temp.Name())
}
