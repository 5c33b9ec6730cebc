package signin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/arm"
	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/cloud"
	"github.com/evercred/evercred/internal/entra"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
)

// manager is Resource Manager in this process: so many subscriptions, and the most that were asked about at once.
type manager struct {
	count int
	mu    sync.Mutex
	now   int
	most  int
}

func (m *manager) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := func(status int, body string) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
	if r.URL.Path == "/subscriptions" {
		list := []string{}
		for i := range m.count {
			list = append(list, fmt.Sprintf(`{"subscriptionId":"id-%03d","displayName":"Sub %03d","state":"Enabled"}`, i, m.count-i))
		}
		return answer(http.StatusOK, `{"value":[`+strings.Join(list, ",")+`]}`)
	}
	m.mu.Lock()
	m.now++
	m.most = max(m.most, m.now)
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		m.now--
		m.mu.Unlock()
	}()
	select {
	case <-time.After(2 * time.Millisecond): // so that questions overlap
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	switch {
	case strings.Contains(r.URL.Path, "id-000"):
		return answer(http.StatusForbidden, `{"error":{"code":"AuthorizationFailed","message":"no"}}`)
	case strings.Contains(r.URL.Path, "id-001"):
		return answer(http.StatusBadRequest, `{"error":{"code":"Odd","message":"what"}}`)
	case strings.Contains(r.URL.Path, "id-002"):
		return answer(http.StatusOK, `{"value":[{"actions":["*"],"notActions":["Microsoft.Authorization/*/Write"]}]}`)
	}
	return answer(http.StatusOK, `{"value":[{"actions":["microsoft.authorization/*"],"notActions":[]}]}`)
}

func client(t *testing.T, m *manager) *arm.Client {
	t.Helper()
	c, err := arm.New(arm.Config{
		Cloud: cloud.Cloud{ResourceManager: "https://manager.example", InProcess: m},
		Token: func(context.Context) (secret.Value, time.Time, error) {
			return secret.New("t"), time.Now().Add(time.Hour), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestHundredsOfSubscriptions(t *testing.T) {
	t.Parallel()
	m := &manager{count: 400}
	got, err := subscriptionsOf(t.Context(), client(t, m), "")
	if err != nil || len(got) != 400 {
		t.Fatalf("%d subscriptions: %v", len(got), err)
	}
	if m.most > subscriptionsAtOnce || m.most < 2 {
		t.Errorf("%d questions at once", m.most)
	}
	if !slices.IsSortedFunc(got, func(a, b Subscription) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("they are not by name")
	}
	for _, s := range got {
		want := map[string]Answer{"id-000": No, "id-001": Unknown, "id-002": No}[s.ID]
		if want == "" {
			want = Yes
		}
		if s.AssignRoles != want || (s.Reason == "") != (want == Yes) {
			t.Errorf("%s: %s %q", s.ID, s.AssignRoles, s.Reason)
		}
	}
	if got, err = subscriptionsOf(t.Context(), client(t, &manager{count: 400}), " SUB 40"); err != nil || len(got) != 1 || got[0].Name != "Sub 400" {
		t.Errorf("found: %v %v", got, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := subscriptionsOf(ctx, client(t, m), ""); err == nil {
		t.Error("a question that nobody waits for was answered")
	}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]Access{
		50076: MFARequired, 50079: MFARequired, 50158: MFARequired, 50020: GuestDisabled, 50057: GuestDisabled, 500571: GuestDisabled,
		90072: GuestDisabled, 53003: TokenError, 700082: TokenError, 90033: UnknownAccess,
	} {
		wrapped := fmt.Errorf("continuing: %w", &entra.Error{Status: 400, OAuth: "invalid_grant", Code: code})
		if got := accessOf(wrapped); got != want {
			t.Errorf("AADSTS%d: %s, want %s", code, got, want)
		}
		// As the service returns it, with the error as its cause.
		if got := accessOf(explain(wrapped)); got != want {
			t.Errorf("AADSTS%d explained: %s, want %s", code, got, want)
		}
	}
	if got := accessOf(&azure.NoAnswer{Service: "Microsoft Entra", Err: errors.New("away")}); got != UnknownAccess {
		t.Errorf("no answer: %s", got)
	}
	if got := accessOf(errors.New("odd")); got != TokenError {
		t.Errorf("anything else: %s", got)
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	got := groupsOf([]arm.Entity{
		{ID: "b", Name: "Beta", Parent: "root", Access: true},
		{ID: "s2", Name: "two", Parent: "B", Subscription: true, Access: true},
		{ID: "s1", Name: "One", Parent: "b", Subscription: true, Access: true},
		{ID: "a", Name: "alpha", Parent: "b", Access: false},
		{ID: "s3", Name: "three", Parent: "elsewhere", Subscription: true, Access: true},
	})
	want := []ManagementGroup{
		{ID: "a", Name: "alpha", Parent: "b", AssignRoles: No, Reason: "It is shown for what is below it; there is no right on the group itself.", Subscriptions: []account.Subscription{}},
		{ID: "b", Name: "Beta", AssignRoles: Unknown, Subscriptions: []account.Subscription{{ID: "s1", Name: "One"}, {ID: "s2", Name: "two"}}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("groups (-want +got):\n%s", d)
	}
}

func TestInputsOfASignIn(t *testing.T) {
	t.Parallel()
	for tenant, good := range map[string]bool{
		"organizations": true, "7d1f3c52-0b6e-4c1a-9a57-3e8f0c2b6d10": true, "contoso.onmicrosoft.com": true,
		"common": false, "Consumers": false, "a/b": false, "a?b": false, "a b": false, "ä.example": false, strings.Repeat("a", 254): false,
	} {
		if err := checkTenant(tenant); (err == nil) != good {
			t.Errorf("tenant %.30q: %v", tenant, err)
		}
	}
	for address, good := range map[string]bool{
		"http://localhost:1": true, "http://localhost:50123/": true, "http://127.0.0.1:5": true, "http://[::1]:5": true,
		"http://localhost": false, "https://localhost:1": false, "http://localhost.example:1": false, "http://127.0.0.1.example:1": false,
		"http://localhost:1/x": false, "http://localhost:1?x=y": false, "http://localhost:1#": false, "http://u:p@localhost:1": false, "": false, ":": false,
	} {
		if err := checkLoopback(address); (err == nil) != good || err != nil && fault.From(err).Field != "redirect_uri" {
			t.Errorf("address %q: %v", address, err)
		}
	}
	home := arm.Tenant{Domains: []string{"contoso.onmicrosoft.com", "Contoso.example"}}
	for person, want := range map[string]bool{"o@contoso.example": true, "o@fabrikam.example": false, "o": false, "": false} {
		if isHome(&account.SignInSession{Person: person}, home) != want {
			t.Errorf("the home of %q", person)
		}
	}
}

func TestTokensOfTheAzureCLI(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	in := map[string]entra.Token{"s": {Access: secret.New("the-token"), ExpiresAt: at}}
	packed, err := packTokens(in)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := unpackTokens(packed); err != nil || out["s"].Access.Reveal() != "the-token" || !out["s"].ExpiresAt.Equal(at) {
		t.Errorf("%v %v", out, err)
	}
	if _, err := unpackTokens(secret.New(`{"s":"the-token`)); err == nil || strings.Contains(err.Error(), "the-token") {
		t.Errorf("what cannot be unpacked: %v", err)
	}
	for _, bad := range []string{"", "x", "a.b.c", "a.e30.c", "a.eyJ0aWQiOiJ0In0.c"} {
		if _, err := claimsOf("tokens.graph", GivenToken{Access: secret.New(bad)}); fault.From(err).Field != "tokens.graph" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	// {"tid":"t","oid":"o","exp":1798859045}: 2027-01-02 03:04:05
	good := secret.New("a.eyJ0aWQiOiJ0Iiwib2lkIjoibyIsImV4cCI6MTc5ODg1OTA0NX0.c")
	for _, one := range []struct{ told, want time.Time }{{time.Time{}, at}, {at.Add(-time.Minute), at.Add(-time.Minute)}, {at.Add(time.Hour), at}} {
		if c, err := claimsOf("x", GivenToken{Access: good, ExpiresAt: one.told}); err != nil || !c.expires.Equal(one.want) {
			t.Errorf("told %s: %+v %v", one.told, c, err)
		}
	}
}

func FuzzClaims(f *testing.F) {
	f.Add("a.eyJ0aWQiOiJ0Iiwib2lkIjoibyIsImV4cCI6MTc5ODg1OTA0NX0.c")
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := claimsOf("f", GivenToken{Access: secret.New(text)})
		if (c == nil) == (err == nil) || err == nil && (c.Tenant == "" || c.expires.IsZero()) {
			t.Fatalf("%+v %v", c, err)
		}
	})
}
