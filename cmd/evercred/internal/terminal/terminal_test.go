package terminal_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/cmd/evercred/internal/terminal"
	"github.com/evercred/evercred/internal/fault"
)

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for code, want := range map[fault.Code]int{
		fault.Internal: 1, fault.Azure: 1, fault.Interrupted: 1, fault.Invalid: 2, fault.NotFound: 3, fault.Refused: 4, fault.Conflict: 4,
		fault.Permission: 4, fault.Unauthorized: 4, fault.NeedsChoice: 5, fault.NeedsSignIn: 5, fault.SignIn: 6, fault.Unreachable: 7,
		fault.Credential: 8, "new": 1,
	} {
		if got := terminal.ExitCode(fmt.Errorf("doing it: %w", fault.New(code, "x"))); got != want {
			t.Errorf("%s: %d, want %d", code, got, want)
		}
	}
	if terminal.ExitCode(nil) != 0 || terminal.ExitCode(os.ErrClosed) != 1 || terminal.ExitCode(terminal.ErrDetached) != 130 {
		t.Error("nil, a plain error or a detached one")
	}
}

func TestFaultInThreeLines(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	term := terminal.Terminal{Err: &b}
	term.SayFault(&fault.Error{
		Code: fault.Invalid, Field: "password", Message: "The password does not open\nthe file.", Meaning: "Nothing was stored.",
		Remedy: "Type it again.", Source: "AADSTS1",
	}, func(string) string { return "--password-file" })
	want := `evercred: password (--password-file): The password does not open the file. [AADSTS1]
  What it means: Nothing was stored.
  What to do: Type it again.
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNoColourAndNoQuestionsWithoutATerminal(t *testing.T) {
	t.Parallel()
	term := terminal.New(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}, func(string) string { return "" })
	if term.Asks || term.Colour || term.OutIsTTY {
		t.Errorf("%+v", term)
	}
}

func TestCleanStripsWhatSteersATerminal(t *testing.T) {
	t.Parallel()
	if got := terminal.Clean("a\x1b[2Jb\u202ec\r\n"); got != "a [2Jb c" {
		t.Errorf("%q", got)
	}
}

func TestSheetKeepsCommandsWhole(t *testing.T) {
	t.Parallel()
	s := terminal.Sheet{}
	s.Add("What to do", terminal.Cell{Text: strings.Repeat("word ", 14) + "`evercred account renew backup-prod` now."})
	var b bytes.Buffer
	if err := s.Write(&b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "`evercred account renew backup-prod`") || strings.Count(b.String(), "\n") != 2 {
		t.Errorf("got:\n%s", b.String())
	}
}
