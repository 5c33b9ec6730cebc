// Package input brings what the command line is given into memory and what it is asked for onto disk: secrets from files
// or standard input, KEY=value files, and files that only their owner may read.
package input

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

// Largest inputs, in bytes.
const (
	MaxSecret      = 16 << 10
	MaxCertificate = 1 << 20
	maxEnv         = 64 << 10
)

// Reader reads the files that flags name. "-" is standard input, once.
type Reader struct {
	In   io.Reader
	used string // the field that has read standard input
}

// File reads at most limit bytes of a file. field is the input's name in the REST API, for the fault.
func (r *Reader) File(field, path string, limit int64) ([]byte, error) {
	if path == "" {
		return nil, fault.BadField(field, "No file is named.", "Name a file, or - for standard input.")
	}
	if path == "-" {
		if r.used != "" {
			return nil, fault.BadField(field, "Standard input is asked for twice: it is the "+r.used+" already.", "Put one of them into a file.")
		}
		r.used = field
		return readAll(field, "standard input", r.In, limit)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.BadField(field, fmt.Sprintf("The file %s cannot be read: %s.", path, reason(err)), "Check the path and your right to read it.").WithCause(err)
	}
	defer func() { _ = f.Close() }()
	return readAll(field, "the file "+path, f, limit)
}

func readAll(field, name string, in io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err != nil {
		return nil, fault.BadField(field, fmt.Sprintf("Reading %s failed: %s.", name, reason(err)), "Check that it is a file.").WithCause(err)
	}
	if int64(len(data)) > limit {
		return nil, fault.BadField(field, fmt.Sprintf("There is too much in %s: more than %d KiB.", name, limit>>10), "Check that it is the right file.")
	}
	return data, nil
}

// Secret reads a secret: all of the file but one line end at its close and a byte order mark at its start, which editors
// add without being asked.
func (r *Reader) Secret(field, path string) (secret.Value, error) {
	data, err := r.File(field, path, MaxSecret)
	if err != nil {
		return secret.Value{}, err
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	data = bytes.TrimSuffix(bytes.TrimSuffix(data, []byte("\n")), []byte("\r"))
	return secret.New(string(data)), nil
}

// Env reads a file of KEY=value lines, as the server and the demo write them.
func (r *Reader) Env(field, path string) (map[string]string, error) {
	data, err := r.File(field, path, maxEnv)
	if err != nil {
		return nil, err
	}
	vars, err := ParseEnv(string(data))
	if err != nil {
		return nil, fault.BadField(field, fmt.Sprintf("The file %s cannot be read: %s.", path, err), "It needs lines like EVERCRED_URL=http://127.0.0.1:8080.")
	}
	return vars, nil
}

// ParseEnv reads KEY=value lines. Empty lines and lines that start with # are left out; values are taken as they are.
func ParseEnv(text string) (map[string]string, error) {
	vars := map[string]string{}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || key == "" || strings.ContainsAny(key, " \t\"'") {
			return nil, fmt.Errorf("line %d is not KEY=value", number)
		}
		vars[key] = value
	}
	return vars, nil
}

// reason is the innermost text of a file error: the path is said already.
func reason(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err.Error()
	}
	return err.Error()
}
