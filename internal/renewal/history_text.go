package renewal

import (
	"maps"
	"slices"
	"strings"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/permission"
)

// historyTitles are the titles of what is audited; actions that are not here are told in their own words.
var historyTitles = map[string]string{ //nolint:gochecknoglobals // a constant table
	"account.added":              "Account added",
	"account.edited":             "Account edited",
	"account.connected":          "Connected to the application",
	"account.removed":            "Account removed",
	"application.created":        "Application created in Microsoft Entra",
	"application.restored":       "Application restored in Microsoft Entra",
	"application.deleted":        "Application deleted in Microsoft Entra",
	"service_principal.created":  "Service principal created",
	"service_principal.restored": "Service principal restored",
	"credential.added":           "New credential added to the application",
	"credential.made":            "Certificate made",
	"credential.proven":          "New credential proven: Microsoft Entra accepts it",
	"credential.switched":        "New credential in use",
	"credential.rolled_back":     "Former credential in use again",
	"credential.removed":         "Credential removed from the application",
	"credential.given_up":        "Credential given up with its application, which was gone",
	"credential.orphan_removed":  "Leftover credential removed from the application",
	"credential.disclosed":       "Credential handed over",
	"credential.acknowledged":    "Hand-over acknowledged: the software has the credential",
	"role.assigned":              "Role assigned",
	"role.removed":               "Role assignment taken back",
	"role.written":               "Custom role written",
	"role.deleted":               "Custom role deleted",
	"sign_in.done":               "Signed in to Azure",
	"sign_in.requested":          "New sign-in asked for",
	"steward.set":                "Made the steward of its tenant",
	"steward.dropped":            "Not the steward of its tenant any more",
}

// historyTexts tells an event in a title and, where there is more to say, a text.
func historyTexts(a *account.Account, h *HistoryEvent) (title, text string) {
	title = historyTitles[h.Action]
	d := h.Detail
	switch {
	case h.Action == "account.edited":
		return title + ": " + h.edits(a), h.editText()
	case h.Action == "account.checked":
		return "Checked: " + strings.ReplaceAll(d["state"], "_", " "), ""
	case strings.HasPrefix(h.Action, "operation."):
		return operationTexts(h)
	case h.Action == "sign_in.done" && d["person"] != "":
		return d["person"] + " signed in to Azure", ""
	case h.Action == "role.assigned" || h.Action == "role.removed" || h.Action == "role.written" || h.Action == "role.deleted":
		return title, strings.TrimPrefix(d["role"]+where(a, d["scope"]), " ")
	case h.Action == "credential.disclosed" && d["purpose"] != "" && d["purpose"] != "hand-over":
		text = "For: " + d["purpose"]
	case d["key_id"] != "":
		text = "Key id " + d["key_id"]
	case d["thumbprint"] != "":
		text = "Thumbprint " + d["thumbprint"]
	case d["application_id"] != "":
		text = "Application " + d["application_id"]
	}
	if title == "" {
		noun, verb, _ := strings.Cut(h.Action, ".")
		title = sentence(noun + " " + verb)
	}
	return title, text
}

// where says a scope in words; empty for none.
func where(a *account.Account, scope string) string {
	if scope == "" {
		return ""
	}
	return " on " + a.ScopeWords(scope)
}

// sentence turns a machine name into words: "device_code used" becomes "Device code used".
func sentence(name string) string {
	name = strings.TrimSpace(strings.ReplaceAll(name, "_", " "))
	if name == "" {
		return "Changed"
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// operationTexts tells a stage of an operation by what its journal says by now.
func operationTexts(h *HistoryEvent) (title, text string) {
	noun := sentence(h.Detail["kind"])
	if h.Operation != nil {
		noun = sentence(h.Operation.Kind.Noun())
	}
	op := h.Operation
	switch h.Action {
	case "operation.started":
		return noun + " started", ""
	case "operation.done":
		if op != nil {
			text = op.Summary
		}
		return noun + " done", text
	case "operation.failed":
		if op != nil && op.Problem != nil {
			text = strings.TrimSpace(op.Problem.Message + " " + op.Problem.Meaning)
		}
		return noun + " failed", text
	case "operation.cancelled":
		return noun + " cancelled", ""
	case "operation.rolled_back":
		return noun + " is being undone", ""
	case "operation.chosen":
		if op != nil && op.Params.Choice != "" {
			text = "The answer: " + op.Params.Choice
		}
		return noun + ": the question was answered", text
	}
	_, verb, _ := strings.Cut(h.Action, ".")
	return noun + ": " + strings.ReplaceAll(verb, "_", " "), ""
}

// edits fills in what was edited, and names the fields.
func (h *HistoryEvent) edits(a *account.Account) string {
	var names []string
	for _, key := range slices.Sorted(maps.Keys(h.Detail)) {
		field, ok := strings.CutSuffix(key, ".to")
		if !ok {
			continue
		}
		h.Changes = append(h.Changes, HistoryChange{field, inWords(a, field, h.Detail[field+".from"]), inWords(a, field, h.Detail[key])})
		names = append(names, fieldTitle(field))
	}
	return strings.Join(names, ", ")
}

func (h *HistoryEvent) editText() string {
	var lines []string
	for _, c := range h.Changes {
		lines = append(lines, sentence(fieldTitle(c.Field))+": "+orNothing(c.From)+" became "+orNothing(c.To)+".")
	}
	return strings.Join(lines, " ")
}

// inWords is the value of an edited field as people call it: titles of purposes and profiles, names of subscriptions.
func inWords(a *account.Account, field, value string) string {
	var word func(string) string
	switch field {
	case "profile":
		return profileTitle(value)
	case "purposes":
		word = purposeTitle
	case "subscriptions":
		word = func(id string) string {
			return strings.TrimPrefix(a.ScopeWords(account.SubscriptionScope(id)), "subscription ")
		}
	default:
		return value
	}
	words := strings.Split(value, ", ")
	for i, w := range words {
		words[i] = word(w)
	}
	return strings.Join(words, ", ")
}

// purposeTitle is what people call a purpose, of whatever profile; what is none stays as it is.
func purposeTitle(name string) string {
	for _, p := range permission.Profiles() {
		for i := range p.Purposes {
			if p.Purposes[i].Name == name {
				return p.Purposes[i].Title
			}
		}
	}
	return name
}
