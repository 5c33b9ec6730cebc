// Package complete tells a shell what could come next on a command line of evercred. It reads the tree of commands that kong
// has, so that no command or flag can be forgotten; what names things at the server is asked there.
package complete

import (
	"context"
	"embed"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/evercred/evercred/internal/fault"
)

// Candidate is something that could come next. Text may be empty.
type Candidate struct{ Value, Text string }

// Files is the only line of an answer that leaves it to the shell to complete the name of a file.
const Files = ":files"

//go:embed scripts
var scripts embed.FS

// Shells are those that there is a script for.
func Shells() []string { return []string{"bash", "zsh", "fish"} }

// Script returns the script that lets a shell ask. The fault of an unknown one names those there are.
func Script(shell string) (string, error) {
	if !slices.Contains(Shells(), shell) {
		return "", fault.BadField("shell", "There is no script for the shell "+shell+".", "Use one of: "+strings.Join(Shells(), ", ")+".")
	}
	raw, err := scripts.ReadFile("scripts/evercred." + shell)
	if err != nil {
		return "", fault.New(fault.Internal, "The script is missing in the program.").WithRemedy("Build it again.").WithCause(err)
	}
	return string(raw), nil
}

// Line is what was typed: the words before the one that is completed, as far as they were understood.
type Line struct {
	node        *kong.Node
	Flags       map[string]string // value by the flag's long name, of those that take one
	Command     string            // e.g. "account show"
	Positionals int               // arguments that are there already
	Current     string            // the beginning of the word that is completed
	Flag        *kong.Flag        // whose value that word is; nil where it is none
	Prefix      string            // of that word, which is kept: --flag= or the part of a list up to its last comma
	ended       bool              // by --
}

// Parse reads the words of a command line; the last is the one that is completed, and may be empty.
func Parse(root *kong.Node, words []string) *Line {
	l := &Line{node: root, Flags: map[string]string{}}
	words = joined(words)
	if len(words) == 0 {
		words = []string{""}
	}
	last := len(words) - 1
	l.Current = words[last]
	for i := 0; i < last; i++ {
		i += l.take(words[i], words[i+1:last])
	}
	if name, value, ok := strings.Cut(l.Current, "="); ok && l.Flag == nil && strings.HasPrefix(name, "--") && !l.ended {
		l.Flag, l.Prefix, l.Current = l.flag(name), name+"=", value
	}
	if comma := strings.LastIndexByte(l.Current, ','); l.Flag != nil && l.Flag.IsSlice() && comma >= 0 {
		l.Prefix, l.Current = l.Prefix+l.Current[:comma+1], l.Current[comma+1:]
	}
	return l
}

// joined undoes what bash does to --flag=value: it makes three words of it. The shell keeps the first two as they are.
func joined(words []string) []string {
	var out []string
	for i := range words {
		if words[i] != "=" || i == 0 {
			out = append(out, words[i])
		} else if i == len(words)-1 {
			out = append(out, "")
		}
	}
	return out
}

// take reads one word; it returns how many of those that follow belong to it.
func (l *Line) take(word string, rest []string) int {
	switch {
	case l.ended || word == "" || word[0] != '-' || word == "-":
		l.argument(word)
		return 0
	case word == "--":
		l.ended = true
		return 0
	}
	name, value, given := strings.Cut(word, "=")
	f := l.flag(name)
	switch {
	case f == nil || f.IsBool() || f.IsCounter():
		return 0
	case given:
		l.Flags[f.Name] = value
		return 0
	case len(rest) == 0:
		l.Flag = f
		return 0
	}
	l.Flags[f.Name] = rest[0]
	return 1
}

func (l *Line) argument(word string) {
	for _, child := range l.node.Children {
		if child.Name == word || slices.Contains(child.Aliases, word) {
			l.node, l.Command = child, strings.TrimSpace(l.Command+" "+child.Name)
			return
		}
	}
	l.Positionals++
}

// flag finds a flag of the command by its name with dashes; nil if there is none.
func (l *Line) flag(name string) *kong.Flag {
	for _, f := range l.flags() {
		if name == "--"+f.Name || f.Short != 0 && name == "-"+string(f.Short) || slices.Contains(f.Aliases, strings.TrimPrefix(name, "--")) {
			return f
		}
	}
	return nil
}

// flags are those of the command and of those above it, and of the one that is meant where none is named.
func (l *Line) flags() []*kong.Flag {
	var out []*kong.Flag
	for n := l.node; n != nil; n = n.Parent {
		out = append(out, n.Flags...)
	}
	if l.node.DefaultCmd != nil {
		out = append(out, l.node.DefaultCmd.Flags...)
	}
	return out
}

// Source knows the values that the program or the server has names for.
type Source interface {
	// Values are what a value of a flag or an argument could be. kind is the flag's name with its dashes, or the command and
	// the name of its argument. Nil means that nobody knows; known is false where a file is meant.
	Values(ctx context.Context, l *Line, kind string) (values []Candidate, known bool)
}

// Candidates returns what could come next, or files.
func (l *Line) Candidates(ctx context.Context, s Source) (found []Candidate, files bool) {
	switch {
	case l.Flag != nil:
		return l.values(ctx, s)
	case strings.HasPrefix(l.Current, "-") && !l.ended:
		return l.matching(l.flagNames()), false
	case len(l.node.Children) > 0 && l.Positionals == 0 && !l.ended:
		return l.matching(l.commands()), false
	}
	arguments := l.node.Positional
	if len(arguments) == 0 {
		return nil, false
	}
	p := arguments[min(l.Positionals, len(arguments)-1)]
	if l.Positionals >= len(arguments) && !p.IsSlice() {
		return nil, false
	}
	if options := p.EnumSlice(); len(options) > 0 && p.Enum != "" {
		return l.matching(plain(options)), false
	}
	values, _ := s.Values(ctx, l, l.Command+" "+p.Name)
	return l.matching(values), false
}

func (l *Line) values(ctx context.Context, s Source) ([]Candidate, bool) {
	if l.Flag.Enum != "" {
		return l.matching(plain(l.Flag.EnumSlice())), false
	}
	values, known := s.Values(ctx, l, "--"+l.Flag.Name)
	if !known {
		return nil, true
	}
	return l.matching(values), false
}

func plain(options []string) []Candidate {
	var out []Candidate
	for _, o := range options {
		out = append(out, Candidate{Value: strings.TrimSpace(o)})
	}
	return out
}

// matching are those that begin as what was typed, without regard to case, with what comes before them in the word.
func (l *Line) matching(all []Candidate) []Candidate {
	var out []Candidate
	for _, c := range all {
		if c.Value != "" && len(c.Value) >= len(l.Current) && strings.EqualFold(c.Value[:len(l.Current)], l.Current) {
			out = append(out, Candidate{l.Prefix + c.Value, c.Text})
		}
	}
	return out
}

func (l *Line) commands() []Candidate {
	var out []Candidate
	for _, child := range l.node.Children {
		if !child.Hidden {
			out = append(out, Candidate{child.Name, child.Help})
		}
	}
	return out
}

func (l *Line) flagNames() []Candidate {
	var out []Candidate
	for _, f := range l.flags() {
		if f.Hidden {
			continue
		}
		out = append(out, Candidate{"--" + f.Name, f.Help})
		if f.Tag != nil && f.Tag.Negatable != "" {
			out = append(out, Candidate{"--no-" + f.Name, "Not: " + f.Help})
		}
	}
	return out
}
