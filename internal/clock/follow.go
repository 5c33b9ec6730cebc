package clock

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// Following is the clock of an emulated cloud: the wall clock and the emulator's offset, which is read every second,
// kept while the emulator is away, and written to a file so that it outlives a restart.
type Following struct {
	offset atomic.Int64
	url    string
	file   string
	client *http.Client
}

// Follow makes a clock that follows the emulator's clock at url (…/_emulator/clock). It starts from the offset in file.
func Follow(url, file string, client *http.Client) (*Following, error) {
	f := &Following{url: url, file: file, client: client}
	text, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return f, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the clock's offset: %w", err)
	}
	d, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("reading the clock's offset in %s: %w", file, err)
	}
	f.offset.Store(int64(d))
	return f, nil
}

// Now returns the emulator's time in UTC.
func (f *Following) Now() time.Time {
	return time.Now().UTC().Add(time.Duration(f.offset.Load()))
}

// Run reads the offset every second until ctx ends.
func (f *Following) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		_ = f.Read(ctx) // the emulator may be away: the last offset stays
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Read asks the emulator once.
func (f *Following) Read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url, nil)
	if err != nil {
		return fmt.Errorf("asking the emulator's clock: %w", err)
	}
	res, err := f.client.Do(req)
	if err != nil {
		return fmt.Errorf("asking the emulator's clock: %w", err)
	}
	defer res.Body.Close()
	var answer struct {
		Offset string `json:"offset"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<16)).Decode(&answer); err != nil {
		return fmt.Errorf("reading the emulator's clock: %w", err)
	}
	d, err := time.ParseDuration(answer.Offset)
	if err != nil {
		return fmt.Errorf("reading the emulator's clock: %w", err)
	}
	if f.offset.Swap(int64(d)) == int64(d) {
		return nil
	}
	return f.save(d)
}

func (f *Following) save(d time.Duration) error {
	tmp, err := os.CreateTemp(filepath.Dir(f.file), "clock-*")
	if err != nil {
		return fmt.Errorf("writing the clock's offset: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(d.String() + "\n")
	if closed := tmp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(tmp.Name(), f.file)
	}
	if err != nil {
		return fmt.Errorf("writing the clock's offset: %w", err)
	}
	return nil
}
