package terminal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/evercred/evercred/internal/secret"
)

// Ask asks a question and returns the answer's line without its end.
// It must only be called where Asks is true. It ends with ctx.
func (t *Terminal) Ask(ctx context.Context, question string) (string, error) {
	_, _ = fmt.Fprint(t.Err, question+" ")
	return until(ctx, func() (string, error) {
		line, err := bufio.NewReader(t.In).ReadString('\n')
		return strings.TrimSpace(line), err
	})
}

// AskSecret asks for a secret and does not show what is typed.
func (t *Terminal) AskSecret(ctx context.Context, question string) (secret.Value, error) {
	file, ok := t.In.(*os.File)
	if !ok {
		return secret.Value{}, errors.New("asking for a secret: the input is no terminal")
	}
	fd := int(file.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return secret.Value{}, fmt.Errorf("reading the terminal's state: %w", err)
	}
	_, _ = fmt.Fprint(t.Err, question+" ")
	defer t.Say("")
	text, err := until(ctx, func() (string, error) {
		raw, err := term.ReadPassword(fd)
		return string(raw), err
	})
	if ctx.Err() != nil {
		_ = term.Restore(fd, before) // the reader is still there with the echo off
	}
	return secret.New(text), err
}

// Confirm asks a question whose answer is no unless it is yes.
func (t *Terminal) Confirm(ctx context.Context, question string) (bool, error) {
	answer, err := t.Ask(ctx, question+" [y/N]")
	if err != nil {
		return false, err
	}
	answer = strings.ToLower(answer)
	return answer == "y" || answer == "yes", nil
}

// until returns what read returns, or the context's error if that comes first. The reader then stays behind: there is no
// way to take a read of a terminal back, and the program is about to end.
func until(ctx context.Context, read func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		text, err := read()
		done <- answer{text, err}
	}()
	select {
	case a := <-done:
		if a.err != nil {
			return "", fmt.Errorf("reading the answer: %w", a.err)
		}
		return a.text, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
