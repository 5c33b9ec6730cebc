package permission

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/evercred/evercred/internal/fault"
)

// DefaultProfile is the profile of accounts that name none: the Azure roles of the account itself.
const DefaultProfile = "default"

// Profile says what software needs in Azure, by purpose. Version is that of the software it was written for, so that what
// was checked can be told from what is known today.
type Profile struct {
	Name     string    `json:"profile"`
	Version  string    `json:"version"`
	Title    string    `json:"title"`
	Source   string    `json:"source"` // where its permissions are documented
	Purposes []Purpose `json:"purposes"`
	Roles    []string  `json:"roles"` // of DefaultProfile, in place of purposes
}

// Purpose is one thing that the software does, with the permissions it needs for that.
type Purpose struct {
	Name        string   `json:"name"`
	Title       string   `json:"title"`
	Group       string   `json:"group"` // management: of the software's own parts; operation: of what it protects
	Actions     []string `json:"actions"`
	DataActions []string `json:"dataActions"`
}

// Grant is what the purpose needs, as an element of a role.
func (p *Purpose) Grant() Grant { return Grant{Actions: p.Actions, DataActions: p.DataActions} }

//go:embed profiles/*.json
var files embed.FS

// profiles reads the embedded files once; they are part of the program, so a wrong one is a defect of it.
var profiles = sync.OnceValue(func() []*Profile { //nolint:gochecknoglobals // embedded data, read once
	names, err := files.ReadDir("profiles")
	if err != nil {
		panic("reading the embedded permission profiles: " + err.Error())
	}
	out := make([]*Profile, 0, len(names))
	for _, f := range names {
		data, err := files.ReadFile(path.Join("profiles", f.Name()))
		if err != nil {
			panic("reading an embedded permission profile: " + err.Error())
		}
		p := new(Profile)
		if err := json.Unmarshal(data, p); err != nil {
			panic(fmt.Sprintf("reading the embedded permission profile %s: %v", f.Name(), err))
		}
		out = append(out, p)
	}
	sort.Slice(out, func(i, j int) bool { // the default one first
		return (out[i].Name == DefaultProfile) != (out[j].Name == DefaultProfile) && out[i].Name == DefaultProfile ||
			out[i].Name != DefaultProfile && out[j].Name != DefaultProfile && out[i].Name < out[j].Name
	})
	return out
})

// Profiles are all profiles, the default one first. They must not be changed.
func Profiles() []*Profile { return slices.Clone(profiles()) }

// Lookup finds a profile by its name; the empty name is the default one. The fault names the field "profile".
func Lookup(name string) (*Profile, error) {
	if name == "" {
		name = DefaultProfile
	}
	var known []string
	for _, p := range profiles() {
		if strings.EqualFold(p.Name, name) {
			return p, nil
		}
		known = append(known, p.Name)
	}
	return nil, fault.BadField("profile", "There is no permission profile \""+name+"\".", "Use one of: "+strings.Join(known, ", ")+".")
}

// IsDefault reports whether the profile is the one that asks for Azure roles rather than for permissions.
func (p *Profile) IsDefault() bool { return p.Name == DefaultProfile }

// Select returns the purposes with the names, in the profile's order; no names mean all. Names are compared without regard
// to case. The fault names the field "purposes".
func (p *Profile) Select(names []string) ([]Purpose, error) {
	if len(names) == 0 {
		return slices.Clone(p.Purposes), nil
	}
	if p.IsDefault() {
		return nil, fault.BadField("purposes", "Purposes are given for a profile that has none.",
			"Leave them out, or choose a profile with purposes: `evercred permission profiles`.")
	}
	var out []Purpose
	found := map[string]bool{}
	for i := range p.Purposes {
		for _, n := range names {
			if strings.EqualFold(n, p.Purposes[i].Name) && !found[fold(n)] {
				found[fold(n)] = true
				out = append(out, p.Purposes[i])
			}
		}
	}
	for _, n := range names {
		if !found[fold(n)] {
			return nil, fault.BadField("purposes", "Profile "+p.Name+" has no purpose \""+n+"\".",
				"Use names as `evercred permission profiles` lists them.")
		}
	}
	return out, nil
}

// Choose checks a profile and purposes as somebody gave them, and returns them as they are stored: the names as the profile
// writes them, none where all are meant, and an empty profile for the default one.
func Choose(profile string, purposes []string) (name string, chosen []string, err error) {
	p, err := Lookup(profile)
	if err != nil {
		return "", nil, err
	}
	selected, err := p.Select(purposes)
	if err != nil {
		return "", nil, err
	}
	if len(purposes) > 0 && len(selected) < len(p.Purposes) {
		for i := range selected {
			chosen = append(chosen, selected[i].Name)
		}
	}
	if p.IsDefault() {
		return "", nil, nil
	}
	return p.Name, chosen, nil
}

// Union adds up what purposes need: each action once, whatever its case, and none that another one contains.
func Union(of []Purpose) Grant {
	var g Grant
	for i := range of {
		g.Actions = append(g.Actions, of[i].Actions...)
		g.DataActions = append(g.DataActions, of[i].DataActions...)
	}
	return Grant{Actions: Reduce(g.Actions), DataActions: Reduce(g.DataActions)}
}

// Reduce leaves out patterns that are there already or that another one contains, and sorts the rest without regard to
// case. What the result allows is what the patterns allow.
func Reduce(texts []string) []string {
	ps := newPatterns(texts)
	var out []string
	for i := range ps {
		within := func(j int) bool { // of two that say the same, the first stays
			return j != i && ps[j].contains(ps[i]) && (j < i || !ps[i].contains(ps[j]))
		}
		if !slices.ContainsFunc(indices(len(ps)), within) {
			out = append(out, texts[i])
		}
	}
	slices.SortFunc(out, func(a, b string) int { return strings.Compare(fold(a), fold(b)) })
	return out
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
