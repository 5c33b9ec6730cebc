package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/evercred/evercred/internal/fault"
)

// explain turns an error of the database into the fault that people read. Faults, and the ends of contexts, stay.
func explain(doing string, err error) error {
	var f *fault.Error
	switch {
	case err == nil || errors.As(err, &f):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: %w", doing, err)
	case errors.Is(err, sql.ErrTxDone), errors.Is(err, sql.ErrConnDone):
		return fmt.Errorf("%s after the end of its transaction: %w", doing, err)
	}
	cause := fmt.Errorf("%s: %w", doing, err)
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return cause
	}
	internal := func(message, meaning, remedy string) error {
		return &fault.Error{Code: fault.Internal, Message: message, Meaning: meaning, Remedy: remedy, Cause: cause}
	}
	const whole = "The change was not made; what was stored before is unharmed."
	switch code := e.Code(); code & 0xff {
	case sqlite3.SQLITE_INTERRUPT:
		return fmt.Errorf("%s: %w", doing, errors.Join(context.Canceled, err))
	case sqlite3.SQLITE_FULL:
		return internal("The disk that holds Evercred's database is full.", whole, "Make room on it, then try again.")
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return internal("Evercred's database cannot be written: it is read-only.", whole,
			"Let the user that runs Evercred own the database file and its folder, and check that the file system is mounted for writing.")
	case sqlite3.SQLITE_CANTOPEN:
		return internal("Evercred's database file cannot be opened.", whole,
			"Check that its folder exists and that the user that runs Evercred may write in it.")
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return internal("Another program holds Evercred's database.", whole,
			"Close the program that has the file open, such as a database shell or a backup tool, then try again.")
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return internal("Evercred's database file is damaged, or is no database.", "It cannot be relied on.",
			"Stop Evercred and restore the database and its key file from the same backup.")
	case sqlite3.SQLITE_IOERR:
		return internal("The disk that holds Evercred's database failed to read or write.", whole,
			"Look at the system's log for disk errors, then try again.")
	}
	return cause
}

func noAccount(ref string) error {
	return fault.New(fault.NotFound, "There is no account %q.", ref).WithRemedy("`evercred account list` shows the accounts.")
}

func noOperation(id string) error {
	return fault.New(fault.NotFound, "There is no operation %q.", id).
		WithRemedy("Check the id: it was given when the operation was started.")
}

func noCredential(id string) error {
	return fault.New(fault.NotFound, "There is no credential %q.", id).
		WithRemedy("`evercred account show NAME` shows the credentials of an account.")
}

func changedMeanwhile(what string) error {
	return fault.New(fault.Conflict, "The %s was changed by somebody else in the meantime.", what).
		WithMeaning("Nothing was stored, so that the other change is not lost.").
		WithRemedy("Read it again, then repeat the change if it is still wanted.")
}

// violates reports whether an error is of a constraint of the tables, one of those with the codes.
func violates(err error, codes ...int) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && slices.Contains(codes, e.Code())
}
