// Package terminal is where the command line meets a person or a script. The rules, for all commands:
//
//   - Standard output is data and nothing else; what is said to people goes to standard error.
//   - Nothing is asked unless standard input and standard error are both terminals.
//   - Colour only where standard output is a terminal and NO_COLOR is unset (no-color.org).
//   - Text that came from elsewhere is stripped of control characters before it is shown.
package terminal

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// Terminal is the three standard streams of one run of the program.
type Terminal struct {
	In       io.Reader
	Out      io.Writer
	Err      io.Writer
	Asks     bool // a person is there to be asked
	OutIsTTY bool
	Colour   bool
}

// New looks at the streams. getenv is os.Getenv or a stand-in.
func New(in io.Reader, out, errw io.Writer, getenv func(string) string) *Terminal {
	outTTY := isTerminal(out)
	return &Terminal{
		In: in, Out: out, Err: errw,
		Asks:     isTerminal(in) && isTerminal(errw),
		OutIsTTY: outTTY,
		Colour:   outTTY && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb",
	}
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && f != nil && term.IsTerminal(int(f.Fd()))
}

// Say writes a line to standard error.
func (t *Terminal) Say(format string, args ...any) {
	_, _ = fmt.Fprintf(t.Err, format+"\n", args...)
}

// Clean replaces control characters by spaces, so that a name or a message from elsewhere cannot steer the terminal.
func Clean(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, text))
}
