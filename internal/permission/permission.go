// Package permission answers what a set of Azure permissions allows, and what it lacks of another. It does no I/O.
//
// Azure's rules (Azure role-based access control, "Understand Azure role definitions"): a pattern is matched without
// regard to case, and * stands for any run of characters, slashes included. An element grants what one of its actions
// matches and none of its own notActions does. Elements add up: what the notActions of one take away, another may
// still grant. The dataActions are a second, separate set with the same rules.
//
// Deny assignments and conditions on assignments are not in the permissions that Azure reports, and so not here.
package permission

// Grant is one element of a role's permissions, or one of the effective permissions of a caller.
type Grant struct{ Actions, NotActions, DataActions, NotDataActions []string }

// Allows says whether one of the elements grants the action. An action with a * in it stands for all that it matches,
// and is allowed only if every one of them is.
func Allows(granted []Grant, action string) bool {
	return newSet(granted, management).covers(newPattern(action), nil)
}

// AllowsData is Allows for data actions.
func AllowsData(granted []Grant, dataAction string) bool {
	return newSet(granted, data).covers(newPattern(dataAction), nil)
}

// Missing returns the patterns of required, less the notActions of their own element, that granted does not cover, as
// they are written in required, each once and in their order. Both results are empty when all is covered.
//
// It never takes for covered what is not. It may report a pattern that is covered only by several patterns of which
// none alone contains it (a/* by a/b*, and a/* less a/b*, is found; by one role for each letter it is not).
func Missing(required, granted []Grant) (actions, dataActions []string) {
	return Holding(granted).Missing(required)
}

// Held is what is granted, made ready for several questions.
type Held struct{ management, data set }

// Holding makes ready what is granted.
func Holding(granted []Grant) Held {
	return Held{newSet(granted, management), newSet(granted, data)}
}

// Missing is Missing of what is held.
func (h Held) Missing(required []Grant) (actions, dataActions []string) {
	return h.management.missing(required, management), h.data.missing(required, data)
}

// side picks the management or the data half of an element.
type side func(Grant) (allow, except []string)

func management(g Grant) (allow, except []string) { return g.Actions, g.NotActions }
func data(g Grant) (allow, except []string)       { return g.DataActions, g.NotDataActions }

func (s set) missing(required []Grant, of side) []string {
	var lacks []string
	reported := map[string]bool{}
	for _, r := range required {
		allow, except := of(r)
		without := newPatterns(except)
		for _, text := range allow {
			if p := newPattern(text); !reported[p.text] && !s.covers(p, without) {
				reported[p.text] = true
				lacks = append(lacks, text)
			}
		}
	}
	return lacks
}
