package follow

import (
	"fmt"
	"time"

	"github.com/evercred/evercred/cmd/evercred/internal/terminal"
	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
)

// printer says each thing about an operation once.
type printer struct {
	terminal *terminal.Terminal
	code     string         // the last user code shown
	ended    map[int]bool   // steps whose end was said
	waits    map[int]string // what a step waits for, as last said
	closed   bool
}

func (p *printer) show(o *resource.Operation) {
	for i := range o.Steps {
		if s := &o.Steps[i]; s.EndedAt != nil && !p.ended[i] {
			p.ended[i] = true
			p.terminal.Say("%s", StepLine(s))
		}
	}
	p.signIn(o.SignIn)
	if o.State == account.OpRunning {
		for i := range o.Steps {
			if s := &o.Steps[i]; s.EndedAt == nil && s.Detail != "" && p.waits[i] != s.Detail {
				p.waits[i] = s.Detail
				p.terminal.Say("%s", StepLine(s))
			}
		}
	}
	if o.State == account.OpDone && o.Summary != "" && !p.closed {
		p.closed = true
		p.terminal.Say("%s", terminal.Clean(o.Summary))
	}
}

func (p *printer) signIn(s *resource.SignIn) {
	if s == nil {
		return
	}
	if s.State == account.SignInWaiting && s.Message != "" && s.UserCode != p.code {
		p.code = s.UserCode
		p.terminal.Say("%s", terminal.Clean(s.Message))
	}
}

// StepLine is one step in a line: a mark, its title, what came of it or what it waits for, and how long it took.
func StepLine(s *resource.Step) string {
	line := "  " + mark(s) + " " + terminal.Clean(s.Title)
	if s.Detail != "" {
		line += ": " + terminal.Clean(s.Detail)
	}
	if s.EndedAt != nil {
		if took := s.EndedAt.Sub(s.StartedAt); took >= time.Second {
			line += " (" + Took(took) + ")"
		}
	}
	return line
}

func mark(s *resource.Step) string {
	switch {
	case s.EndedAt == nil:
		return "…"
	case s.Outcome == account.StepFailed:
		return "✗"
	case s.Outcome == account.StepSkipped:
		return "–"
	}
	return "✓"
}

// Took says how long something took, to the second.
func Took(d time.Duration) string {
	d = d.Round(time.Second)
	if d < time.Minute {
		return fmt.Sprintf("%d s", d/time.Second)
	}
	return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
}
