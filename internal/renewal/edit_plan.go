package renewal

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/permission"
)

// EditPreview is what an edit would do.
type EditPreview struct {
	Changes []EditChange
	Issues  []Issue
}

// EditChange is one thing that would be otherwise, or would have to be.
type EditChange struct {
	Where  string // InEvercred or InAzure
	Title  string
	Detail string // empty where the title says it all
	Needs  string // what has to be done besides saving: NeedsNothing, NeedsGrant or NeedsSignIn
}

// Where a change is, and what it needs.
const (
	InEvercred   = "evercred"
	InAzure      = "azure"
	NeedsNothing = "nothing"
	NeedsGrant   = "grant"
	NeedsSignIn  = "sign_in"
)

// Issue is something that speaks against an edit.
type Issue struct {
	Severity string     // IssueError or IssueWarning
	Code     fault.Code // of the fault that saving would be; empty for a warning
	Field    string
	Message  string
	Meaning  string
	Remedy   string
}

// Severities of an issue. An edit with an error is not stored.
const (
	IssueError   = "error"
	IssueWarning = "warning"
)

// editPlan is what comes of a request: the account as it would be, and what is said about that.
type editPlan struct {
	next    *account.Account
	audit   map[string]string // FIELD.from and FIELD.to
	azure   bool              // what the account reaches or is to do becomes another
	first   *fault.Error      // the first error
	changes []EditChange
	issues  []Issue
}

func (p *editPlan) flaw() error {
	if p.first == nil {
		return nil
	}
	return &Flawed{fault: p.first, Issues: slices.DeleteFunc(slices.Clone(p.issues), func(i Issue) bool { return i.Severity != IssueError })}
}

// flawed notes an error. field is that of a fault which names none.
func (p *editPlan) flawed(err error, field string) {
	f := fault.From(err)
	if f.Field != "" {
		field = f.Field
	}
	if p.first == nil {
		p.first = f
	}
	p.issues = append(p.issues, Issue{Severity: IssueError, Code: f.Code, Field: field, Message: f.Message, Meaning: f.Meaning, Remedy: f.Remedy})
}

func (p *editPlan) warn(field, message, remedy string) {
	p.issues = append(p.issues, Issue{Severity: IssueWarning, Field: field, Message: message, Remedy: remedy})
}

// changed notes a change of one field for the audit log and for people.
func (p *editPlan) changed(field, from, to, title, detail string) {
	p.audit[field+".from"], p.audit[field+".to"] = from, to
	p.changes = append(p.changes, EditChange{Where: InEvercred, Title: title, Detail: detail, Needs: NeedsNothing})
}

func (p *editPlan) inAzure(title, detail, needs string) {
	p.changes = append(p.changes, EditChange{Where: InAzure, Title: title, Detail: detail, Needs: needs})
}

func (e *Engine) planEdit(ctx context.Context, by account.Caller, a *account.Account, q EditRequest) *editPlan {
	next := *a
	p := &editPlan{next: &next, audit: map[string]string{}, changes: []EditChange{}, issues: []Issue{}}
	e.planName(ctx, by, p, a, q)
	p.planPolicy(a, q, e.clock.Now())
	p.planScope(a, q)
	p.planPurposes(a, q)
	return p
}

func (e *Engine) planName(ctx context.Context, by account.Caller, p *editPlan, a *account.Account, q EditRequest) {
	if q.Name != nil && *q.Name != a.Name {
		if err := e.checkNewName(ctx, by, a, *q.Name); err != nil {
			p.flawed(err, "name")
		}
		detail := "Commands and requests that use the old name need the new one; the id stays."
		if a.Origin == account.Created {
			detail += " The application in Microsoft Entra keeps its display name."
		}
		p.next.Name = *q.Name
		p.changed("name", a.Name, *q.Name, "The account is named "+*q.Name+" instead of "+a.Name, detail)
	}
	if q.Description != nil && *q.Description != a.Description {
		if err := account.CheckDescription(*q.Description); err != nil {
			p.flawed(err, "description")
		}
		p.next.Description = *q.Description
		p.changed("description", a.Description, *q.Description, "The description becomes "+orNothing(*q.Description), "")
	}
	if q.UsedBy != nil {
		used := trimmed(*q.UsedBy)
		if err := account.CheckUsedBy(used); err != nil {
			p.flawed(err, "used_by")
		}
		if !slices.Equal(used, a.UsedBy) {
			p.next.UsedBy = used
			p.changed("used_by", strings.Join(a.UsedBy, ", "), strings.Join(used, ", "), "Used by: "+orNothing(strings.Join(used, ", ")), "")
		}
	}
}

func orNothing(text string) string {
	if text == "" {
		return "empty"
	}
	return quote(text)
}

// trimmed leaves out white space around texts, empty ones, and what is there already.
func trimmed(list []string) []string {
	var out []string
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func (p *editPlan) planPolicy(a *account.Account, q EditRequest, now time.Time) {
	for _, err := range append([]error{checkPolicy(q.Soak, nil), checkPolicy(nil, q.Lifetime)}, q.Unreadable...) {
		if err != nil {
			p.flawed(err, "policy")
		}
	}
	old, policy := a.Policy, &p.next.Policy
	set := func(field string, into *account.Duration, to *time.Duration, title, detail string) {
		if to == nil || account.Duration(*to) == *into {
			return
		}
		from := account.Span(time.Duration(*into))
		*into = account.Duration(*to)
		p.changed(field, from, account.Span(*to), title+" "+account.Span(*to)+" instead of "+from, detail)
	}
	set("soak", &policy.Soak, q.Soak, "After a hand-over, the old credential is kept", "One that is being kept already keeps its time.")
	set("lifetime", &policy.Lifetime, q.Lifetime, "A new credential lives", "The one in use is not changed; the next renewal makes one that lives so long.")
	if q.RenewBefore != nil {
		if err := checkRenewBefore(*q.RenewBefore); err != nil {
			p.flawed(err, "renew_before")
		}
		if policy.RenewBefore == 0 {
			policy.RenewBefore = account.Duration(account.DefaultRenewBefore)
		}
		set("renew_before", &policy.RenewBefore, q.RenewBefore, "A renewal is due before the end by", "")
		if old.RenewBefore == 0 && policy.RenewBefore == account.Duration(account.DefaultRenewBefore) {
			policy.RenewBefore = 0 // as it was: the default, whatever that becomes
		}
	}
	if q.Automatic != nil && *q.Automatic != a.Policy.Automatic {
		policy.Automatic = *q.Automatic
		title := "Evercred renews the credential by itself"
		if !policy.Automatic {
			title = "Evercred does not renew the credential by itself any more"
		}
		p.changed("automatic", strconv.FormatBool(a.Policy.Automatic), strconv.FormatBool(policy.Automatic), title, "")
	}
	if policy.Automatic && !old.Automatic && !a.RollsItself(now) {
		p.warn("automatic", "At present a renewal of this account needs a person who signs in, so nothing is renewed by itself.",
			"Renew it once with a certificate: `evercred account renew "+a.Name+" --certificate`.")
	}
}

// planScope records which subscriptions, or which management group, the account is for.
func (p *editPlan) planScope(a *account.Account, q EditRequest) {
	group, ids := a.ManagementGroup, a.SubscriptionIDs()
	if group != "" {
		ids = nil // those are what a check found below the group
	}
	switch named := q.Subscriptions != nil && len(*q.Subscriptions) > 0; {
	case named && q.ManagementGroup != nil && *q.ManagementGroup != "":
		p.flawed(fault.BadField("management_group", "Both subscriptions and a management group are given.", "Give one of them."), "")
		return
	case named:
		group = ""
	case q.ManagementGroup != nil:
		group = strings.TrimSpace(*q.ManagementGroup)
	}
	if q.Subscriptions != nil {
		var err error
		if ids, err = guids(*q.Subscriptions); err != nil {
			p.flawed(err, "subscriptions")
			return
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
	}
	if group != a.ManagementGroup {
		p.planGroup(a, group)
	}
	if group != "" {
		return
	}
	if len(ids) == 0 && (q.Subscriptions != nil || q.ManagementGroup != nil) {
		p.flawed(fault.BadField("subscriptions", "No subscription is left in the scope.", "Name at least one subscription, or a management group."), "")
		return
	}
	p.planSubscriptions(a, ids)
}

func (p *editPlan) planGroup(a *account.Account, group string) {
	if group != "" {
		if err := account.CheckManagementGroup(group); err != nil {
			p.flawed(err, "management_group")
		}
	}
	p.azure, p.next.ManagementGroup = true, group
	if group == "" {
		p.next.Subscriptions = nil
		p.changed("management_group", a.ManagementGroup, "", "The scope is not management group "+a.ManagementGroup+" any more", "")
		p.inAzure("Roles that are assigned at management group "+a.ManagementGroup+" stay", p.leftOver(), p.afterwards())
		return
	}
	p.next.Subscriptions = nil // the check that follows finds those below the group
	p.changed("management_group", a.ManagementGroup, group, "The scope is management group "+group+", with all subscriptions below it",
		"A check follows and shows what the account holds there.")
	p.inAzure("The account needs its permissions at management group "+group, "Saving does not give them. Grant them after the check.", NeedsGrant)
}

func (p *editPlan) planSubscriptions(a *account.Account, ids []string) {
	known := map[string]account.Subscription{}
	had := []string{}
	for _, s := range a.Subscriptions {
		known[s.ID] = s
		if a.ManagementGroup == "" {
			had = append(had, s.ID)
		}
	}
	label := func(id string) string {
		if s := known[id]; s.Name != "" {
			return s.Name + " (" + id + ")"
		}
		return id
	}
	var added, removed []string
	for _, id := range ids {
		if !slices.Contains(had, id) {
			added = append(added, label(id))
		}
	}
	for _, id := range had {
		if !slices.Contains(ids, id) {
			removed = append(removed, label(id))
		}
	}
	if len(added)+len(removed) == 0 {
		return
	}
	p.azure, p.next.Subscriptions = true, nil
	for _, id := range ids {
		s := known[id]
		s.ID = id
		p.next.Subscriptions = append(p.next.Subscriptions, s)
	}
	title := "The scope"
	if len(added) > 0 {
		title += " gains " + strings.Join(added, ", ")
	}
	if len(removed) > 0 {
		if len(added) > 0 {
			title += " and"
		}
		title += " loses " + strings.Join(removed, ", ")
	}
	p.changed("subscriptions", strings.Join(had, ", "), strings.Join(ids, ", "), title, "A check follows and shows what the account holds there.")
	if len(added) > 0 {
		p.inAzure("The account needs its permissions on "+strings.Join(added, ", "), "Saving does not give them. Grant them after the check.", NeedsGrant)
	}
	if len(removed) > 0 {
		p.inAzure("Roles that are assigned on "+strings.Join(removed, ", ")+" stay", p.leftOver(), p.afterwards())
	}
}

func (p *editPlan) planPurposes(a *account.Account, q EditRequest) {
	if q.Profile == nil && q.Purposes == nil {
		return
	}
	profile, purposes := a.Profile, a.Purposes
	if q.Profile != nil && !strings.EqualFold(orDefault(*q.Profile), orDefault(a.Profile)) {
		profile, purposes = *q.Profile, nil // those of another profile mean nothing in it
	}
	if q.Purposes != nil {
		purposes = *q.Purposes
	}
	name, chosen, err := permission.Choose(profile, purposes)
	if err != nil {
		p.flawed(err, "purposes")
		return
	}
	if name == a.Profile && slices.Equal(chosen, a.Purposes) {
		return
	}
	p.azure, p.next.Profile, p.next.Purposes = true, name, chosen
	if name != a.Profile {
		p.changed("profile", orDefault(a.Profile), orDefault(name), "The permission profile is "+profileTitle(name)+" instead of "+profileTitle(a.Profile), "")
	}
	if !slices.Equal(chosen, a.Purposes) || name != a.Profile {
		p.changed("purposes", orAll(a.Purposes), orAll(chosen), "Purposes: "+purposeTitles(name, chosen), "A check follows and shows what is missing.")
	}
	detail := "Saving gives nothing and takes nothing back in Azure. Grant what is missing after the check."
	if len(a.Made.Roles) > 0 {
		detail += " The grant also takes out of the custom role what these purposes do not need."
	}
	p.inAzure("The account needs what these purposes ask for", detail, NeedsGrant)
}

// leftOver says what becomes of roles outside of the scope as it would be.
func (p *editPlan) leftOver() string {
	if p.next.LeftOver() {
		return "Saving takes nothing back in Azure. The next grant takes back what Evercred assigned there; what others assigned stays."
	}
	return "Saving takes nothing back in Azure. Remove them there if they are not wanted any more."
}

func (p *editPlan) afterwards() string {
	if p.next.LeftOver() {
		return NeedsGrant
	}
	return NeedsNothing
}

func orDefault(profile string) string {
	if profile == "" {
		return permission.DefaultProfile
	}
	return profile
}

// profileTitle is what people call a profile.
func profileTitle(name string) string {
	if p, err := permission.Lookup(name); err == nil {
		return p.Title
	}
	return orDefault(name)
}

// purposeTitles is what people call purposes of a profile; none of them chosen means all.
func purposeTitles(profile string, names []string) string {
	p, err := permission.Lookup(profile)
	if err != nil || len(names) == 0 {
		return orAll(names)
	}
	chosen, err := p.Select(names)
	if err != nil {
		return orAll(names)
	}
	titles := make([]string, 0, len(chosen))
	for i := range chosen {
		titles = append(titles, chosen[i].Title)
	}
	return strings.Join(titles, ", ")
}

func orAll(purposes []string) string {
	if len(purposes) == 0 {
		return "all"
	}
	return strings.Join(purposes, ", ")
}
