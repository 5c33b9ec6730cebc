package terminal

import (
	"io"
	"strings"
	"unicode/utf8"
)

// Width is what tables and texts are made to fit, in characters.
const Width = 100

// Style is how a cell looks where colour is on.
type Style string

// The styles, as SGR parameters.
const (
	Plain  Style = ""
	Bold   Style = "1"
	Green  Style = "32"
	Yellow Style = "33"
	Red    Style = "31"
)

// Cell is one piece of a table.
type Cell struct {
	Text  string
	Style Style
}

// Table has aligned columns. A cell wider than widest pushes only its own row, so that one long name does not tear all
// other rows apart; no text is cut, because people copy it.
type Table struct {
	Head   []string
	Rows   [][]Cell
	Colour bool
}

const (
	widest = 44
	gap    = "  "
)

// Add appends a row.
func (t *Table) Add(cells ...Cell) {
	for i := range cells {
		cells[i].Text = Clean(cells[i].Text)
	}
	t.Rows = append(t.Rows, cells)
}

// Write prints the table.
func (t *Table) Write(w io.Writer) error {
	widths := make([]int, len(t.Head))
	for i, h := range t.Head {
		widths[i] = utf8.RuneCountInString(h)
	}
	for _, row := range t.Rows {
		for i, c := range row {
			if n := utf8.RuneCountInString(c.Text); n > widths[i] && n <= widest {
				widths[i] = n
			}
		}
	}
	head := make([]Cell, len(t.Head))
	for i, h := range t.Head {
		head[i] = Cell{h, Bold}
	}
	var b strings.Builder
	for _, row := range append([][]Cell{head}, t.Rows...) {
		var line strings.Builder
		for i, c := range row {
			if i > 0 {
				line.WriteString(gap)
			}
			line.WriteString(Paint(c, t.Colour))
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(c.Text))))
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Paint is the cell's text, in its style where colour is on.
func Paint(c Cell, colour bool) string {
	if !colour || c.Style == Plain || c.Text == "" {
		return c.Text
	}
	return "\x1b[" + string(c.Style) + "m" + c.Text + "\x1b[0m"
}

// Sheet is a list of labels and values; values wrap within Width.
type Sheet struct {
	Colour bool
	b      strings.Builder
}

const labelWidth = 16

// Add appends a line; one with an empty value is left out.
func (s *Sheet) Add(label string, value Cell) {
	value.Text = Clean(value.Text)
	if value.Text == "" {
		return
	}
	for i, line := range wrap(value.Text, Width-labelWidth-len(gap)) {
		if i > 0 {
			label = ""
		}
		pad := strings.Repeat(" ", max(0, labelWidth-utf8.RuneCountInString(label)))
		s.b.WriteString(label + pad + gap + Paint(Cell{line, value.Style}, s.Colour) + "\n")
	}
}

// Break appends an empty line.
func (s *Sheet) Break() { s.b.WriteString("\n") }

// Write prints the sheet.
func (s *Sheet) Write(w io.Writer) error {
	_, err := io.WriteString(w, s.b.String())
	return err
}

// wrap breaks at spaces outside of `commands`, so that those can be copied as one piece where they fit on a line.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range words(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	return append(lines, line)
}

func words(text string) []string {
	var out []string
	quoted := false
	for field := range strings.FieldsSeq(text) {
		if quoted {
			out[len(out)-1] += " " + field
		} else {
			out = append(out, field)
		}
		if strings.Count(field, "`")%2 == 1 {
			quoted = !quoted
		}
	}
	return out
}
