package renewal

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/azure/azuretest"
	"github.com/evercred/evercred/internal/permission"
)

// A check of 500 subscriptions and all purposes takes little room: what is alike is kept once.
func TestAWideCheckIsSmall(t *testing.T) {
	t.Parallel()
	r := requiredBy(subject{profile: "veeam-backup-azure"})
	if len(r.purposes) != 11 {
		t.Fatalf("%d purposes", len(r.purposes))
	}
	reader := []permission.Grant{{Actions: []string{"*/read"}}}
	check := account.Check{}
	b := newBook(r)
	for i := range 500 {
		held := reader
		if i%100 == 0 {
			held = nil
		}
		e := examined{check: account.SubscriptionCheck{ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Name: fmt.Sprintf("Subscription %d", i), Result: account.ResultMissing}, lacks: r.lacking(held)}
		b.enter(&e)
		check.Subscriptions = append(check.Subscriptions, e.check)
	}
	check.Permissions = b.permissions()
	text, err := json.Marshal(check)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > 100_000 || len(check.Permissions.Findings) != 2 {
		t.Errorf("%d bytes, %d findings", len(text), len(check.Permissions.Findings))
	}
	// And it says the same as before it was folded.
	a := &account.Account{Name: "a", Profile: "veeam-backup-azure", Check: &check}
	for _, s := range check.Subscriptions {
		a.Subscriptions = append(a.Subscriptions, account.Subscription{ID: s.ID})
	}
	var back account.Check
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	a.Check = &back
	report := reportOf(a, check.At)
	if len(report.Rows) != 500*11 || len(report.MissingScopes) != 500 {
		t.Fatalf("%d rows, %d scopes", len(report.Rows), len(report.MissingScopes))
	}
	for _, row := range report.Rows {
		i := slices.IndexFunc(r.purposes, func(p permission.Purpose) bool { return p.Name == row.Purpose })
		held := reader
		if row.Scope[len(row.Scope)-2:] == "00" {
			held = nil
		}
		want, wantData := permission.Missing([]permission.Grant{r.purposes[i].Grant()}, held)
		if !slices.EqualFunc(row.MissingActions, want, equalFold) || !slices.EqualFunc(row.MissingDataActions, wantData, equalFold) {
			t.Fatalf("%s on %s (-want +got):\n%s", row.Purpose, row.Scope, cmp.Diff(want, row.MissingActions))
		}
	}
}

func equalFold(a, b string) bool { return same([]string{a}, []string{b}) }

func TestRoleNames(t *testing.T) {
	t.Parallel()
	long := make([]byte, account.MaxNameLength)
	for i := range long {
		long[i] = 'x'
	}
	w := wanted{name: string(long), profile: "veeam-backup-azure"}
	name := roleName(w, "12345678-0000-4000-8000-000000000001", true)
	if len(name) > 128 || !strings.HasSuffix(name, "(12345678)") || name == roleName(w, "22345678-0000-4000-8000-000000000001", true) {
		t.Errorf("%q", name)
	}
	w.name = "backup-prod"
	for data, want := range map[bool]string{
		false: "Evercred - backup-prod: Veeam Backup for Microsoft Azure (12345678)",
		true:  "Evercred - backup-prod: Veeam Backup for Microsoft Azure, data (12345678)",
	} {
		if got := roleName(w, "12345678-0000-4000-8000-000000000001", data); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAssignableScopesHaveOneGroup(t *testing.T) {
	t.Parallel()
	one, two := account.ManagementGroupScope("one"), account.ManagementGroupScope("two")
	for name, test := range map[string]struct{ have, add, want []string }{
		"subscriptions add up":     {[]string{"/subscriptions/A"}, []string{"/subscriptions/a", "/subscriptions/b"}, []string{"/subscriptions/A", "/subscriptions/b"}},
		"a group beside":           {[]string{"/subscriptions/a"}, []string{one}, []string{"/subscriptions/a", one}},
		"a group in place of one":  {[]string{one, "/subscriptions/a"}, []string{two}, []string{"/subscriptions/a", two}},
		"the same group once more": {[]string{one}, []string{one}, []string{one}},
	} {
		if d := cmp.Diff(test.want, assignable(test.have, test.add)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// Many subscriptions are asked side by side, and answered for in their order.
func TestManySubscriptions(t *testing.T) {
	t.Parallel()
	s := azuretest.Serve(t, azuretest.Answer{Body: `{"value":[{"actions":["*/read"],"notActions":[]}]}`})
	client, err := arm.New(arm.Config{Cloud: s.Cloud, Token: azuretest.Token})
	if err != nil {
		t.Fatal(err)
	}
	sub := subject{profile: "veeam-backup-azure", purposes: []string{"AzureFiles"}}
	x := &examination{subject: sub, client: client, required: requiredBy(sub)}
	for i := range 100 {
		one := account.Subscription{ID: fmt.Sprintf("s%03d", i), Name: fmt.Sprint(i)}
		x.scope = append(x.scope, one)
		if i != 50 {
			x.seen = append(x.seen, one)
		}
	}
	var check account.Check
	x.all(t.Context(), x.scope, &check)
	if len(check.Subscriptions) != 100 || check.State != account.PermissionsMissing || len(check.Permissions.Findings) != 2 || len(s.Requests()) != 99 {
		t.Fatalf("%d subscriptions, state %s, %d findings, %d requests", len(check.Subscriptions), check.State, len(check.Permissions.Findings), len(s.Requests()))
	}
	for i := range check.Subscriptions {
		c := &check.Subscriptions[i]
		if c.ID != x.scope[i].ID || c.Unseen != (i == 50) || c.Finding == 0 {
			t.Errorf("%d: %+v", i, c)
		}
	}
	// All that the purpose needs but one action is reading, which is held.
	actions, _ := check.Permissions.Missing(check.Finding(&check.Subscriptions[0]).Lacks[0])
	if d := cmp.Diff([]string{"Microsoft.Storage/storageAccounts/listKeys/action"}, actions); d != "" {
		t.Errorf("missing (-want +got):\n%s", d)
	}
}
