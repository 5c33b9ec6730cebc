// Package storetest is the conformance suite of package store: what every database behind it has to do. It uses the
// store's methods only, so that it holds for the next database as it stands.
package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/secret"
	"github.com/evercred/evercred/internal/store"
)

// Run runs the suite. open returns a new empty store for each test and closes it at the test's end.
func Run(t *testing.T, open func(t *testing.T) *store.Store) {
	for name, test := range map[string]func(*testing.T, *bench){
		"AccountRoundTrip":           accountRoundTrip,
		"AccountNames":               accountNames,
		"AccountVersions":            accountVersions,
		"AccountNameLikeAnID":        accountNameLikeAnID,
		"AccountsByName":             accountsByName,
		"DeleteAccount":              deleteAccount,
		"CredentialsNewestFirst":     credentialsNewestFirst,
		"CredentialUpsert":           credentialUpsert,
		"OneCurrentCredential":       oneCurrentCredential,
		"Material":                   materials,
		"Disclose":                   disclose,
		"DiscloseNeedsAPurpose":      discloseNeedsAPurpose,
		"OperationRoundTrip":         operationRoundTrip,
		"OperationVersions":          operationVersions,
		"OperationQueries":           operationQueries,
		"SignIn":                     signIns,
		"ClosingDestroysTheSignIn":   closingDestroysTheSignIn,
		"ChangeWritesItsAuditRow":    changeWritesItsAuditRow,
		"ChangeIsWholeOrAbsent":      changeIsWholeOrAbsent,
		"ChangeThatPanics":           changeThatPanics,
		"ChangeRefusesTheNameless":   changeRefusesTheNameless,
		"ReadsRefuseTheNameless":     readsRefuseTheNameless,
		"CancelledChange":            cancelledChange,
		"TxAfterItsEnd":              txAfterItsEnd,
		"Stewards":                   stewards,
		"Offered":                    offered,
		"AccountsToRenew":            accountsToRenew,
		"WroteBetween":               wroteBetween,
		"InUse":                      inUse,
		"Applications":               applications,
		"Runs":                       runs,
		"AuditQueries":               auditQueries,
		"APITokens":                  apiTokens,
		"Sessions":                   sessions,
		"SignInSessions":             signInSessions,
		"LoginCodes":                 loginCodes,
		"ConcurrentReadersAndWriter": concurrentReadersAndWriter,
		"Lists":                      lists,
		"ListAgreesWithStatusOf":     listAgreesWithStatusOf,
		"ListMarks":                  listMarks,
		"Edits":                      edits,
		"DueOperations":              dueOperations,
		"Bulks":                      bulks,
		"Resolve":                    resolves,
		"KeyedRequests":              keyedRequests,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, &bench{Store: open(t), T: t})
		})
	}
}

// bench is a store with short words for what tests do often.
type bench struct {
	*store.Store
	T *testing.T
}

func admin() account.Caller { return account.Caller{Name: "admin", Via: "api"} }

func (b *bench) ctx() context.Context { return b.T.Context() }

// do makes a change that must succeed.
func (b *bench) do(f func(tx *store.Tx) error) {
	b.T.Helper()
	if err := b.try(f); err != nil {
		b.T.Fatalf("the change failed: %v", err)
	}
}

func (b *bench) try(f func(tx *store.Tx) error) error {
	return b.Change(b.ctx(), admin(), store.Event{Action: "test.change"}, f)
}

// addAccount stores an account with a name, whose id is "id-" + name.
func (b *bench) addAccount(name string, more ...account.Credential) *account.Account {
	b.T.Helper()
	a := &account.Account{ID: "id-" + name, Name: name, Cloud: "global", TenantID: "t", Origin: account.Created}
	b.do(func(tx *store.Tx) error {
		if err := tx.PutAccount(a); err != nil {
			return err
		}
		for _, c := range more {
			c.AccountID = a.ID
			if err := tx.PutCredential(c); err != nil {
				return err
			}
		}
		return nil
	})
	return a
}

func (b *bench) account(ref string) *account.Account {
	b.T.Helper()
	a, err := b.Account(b.ctx(), admin(), ref)
	if err != nil {
		b.T.Fatal(err)
	}
	return a
}

func (b *bench) audit() []store.AuditRow {
	b.T.Helper()
	rows, err := b.Audit(b.ctx(), admin(), store.AuditQuery{})
	if err != nil {
		b.T.Fatal(err)
	}
	return rows
}

// wantFault checks an error's code, that people are told what to do, and the field.
func wantFault(t *testing.T, err error, code fault.Code, field string) {
	t.Helper()
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code != code || f.Field != field || f.Remedy == "" {
		t.Errorf("error %v, want a fault of code %s, field %q, with a remedy", err, code, field)
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmp.AllowUnexported(secret.Value{}), cmpopts.EquateApproxTime(0)); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func at(day int) time.Time { return time.Date(2025, 6, day, 8, 30, 15, 123456789, time.UTC) }
