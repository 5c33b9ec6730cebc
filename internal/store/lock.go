package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// fileLock is the exclusive right to a database. The operating system gives it back when the process ends, however it
// ends, so a killed process leaves no stale lock. The file itself stays: removing it would race with the next holder.
type fileLock struct{ file *os.File }

// heldError says that another process has the lock, and which one if it is known.
type heldError struct{ holder string }

func (e *heldError) Error() string { return "the lock is held by process " + e.holder }

var errHeld = errors.New("the lock is held")

func lockFile(path string) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := tryLock(f); err != nil {
		defer func() { _ = f.Close() }()
		if errors.Is(err, errHeld) {
			text, _ := io.ReadAll(io.LimitReader(f, 32)) // the id is a help only
			return nil, &heldError{strings.TrimSpace(string(text))}
		}
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	if err := f.Truncate(0); err == nil { // likewise
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return &fileLock{f}, nil
}

func (l *fileLock) release() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}
