package emulator

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// lockWait is how long a start waits for an emulator that is just ending in the same folder.
const lockWait = 3 * time.Second

// envValue is what a value of emulator.env is made of, so that any shell can source it unquoted.
var envValue = regexp.MustCompile(`^[A-Za-z0-9_./:@,+~-]+$`)

var errLocked = errors.New("the folder is in use")

// folder is the data folder. One emulator at a time has it.
type folder struct {
	path      string // absolute
	temporary bool
	lock      *os.File
}

func openFolder(ctx context.Context, path string) (*folder, error) {
	f := &folder{temporary: path == ""}
	var err error
	if f.temporary {
		if path, err = os.MkdirTemp("", "evercred-emulator-"); err != nil {
			return nil, fmt.Errorf("making a temporary folder: %w", err)
		}
	}
	if f.path, err = filepath.Abs(path); err != nil {
		return nil, fmt.Errorf("finding the data folder: %w", err)
	}
	if !envValue.MatchString(filepath.ToSlash(f.path)) {
		return nil, errors.Join(fmt.Errorf("the data folder %q cannot be written into %s, which shells read unquoted: choose a folder whose whole path has only letters, digits and _./:@,+~-", f.path, EnvName), f.close())
	}
	if err := os.MkdirAll(f.path, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	if err := f.acquire(ctx); err != nil {
		return nil, errors.Join(err, f.close())
	}
	return f, nil
}

// acquire takes the lock, which the system gives back however the process ends.
func (f *folder) acquire(ctx context.Context) error {
	file, err := os.OpenFile(f.join("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("locking the data folder: %w", err)
	}
	f.lock = file
	deadline := time.NewTimer(lockWait)
	defer deadline.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		err := tryLock(file)
		if !errors.Is(err, errLocked) {
			return err
		}
		select {
		case <-again.C:
		case <-deadline.C:
			return fmt.Errorf("another emulator is using the data folder %s: end it, or choose another folder", f.path)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (f *folder) join(name string) string { return filepath.Join(f.path, name) }

// write replaces a file by rename, readable by its owner only: a reader sees the old one or the new one.
func (f *folder) write(name string, content []byte) error {
	next := f.join(name + ".new")
	file, err := os.OpenFile(next, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Chmod(0o600), file.Close()); err == nil {
		err = os.Rename(next, f.join(name))
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

// read returns a file's content; nil if there is no such file.
func (f *folder) read(name string) ([]byte, error) {
	content, err := os.ReadFile(f.join(name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return content, nil
}

func (f *folder) close() error {
	var errs []error
	if f.lock != nil {
		errs = append(errs, f.lock.Close())
	}
	if f.temporary {
		errs = append(errs, os.RemoveAll(f.path))
	}
	return errors.Join(errs...)
}
