package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/seal"
)

//go:embed migrations/*.sql
var migrations embed.FS

// readers is how many reads run at once. SQLite's readers wait for nobody.
const readers = 4

// Config says which database to open.
type Config struct {
	Path   string                 // the database file; made with mode 0600, its folder with 0700, where missing
	Keys   *seal.KeyEncryptionKey // required
	Clock  clock.Clock            // nil: the system's
	Logger *slog.Logger           // nil: none

	// Commit stands around the commit of each Change, for tests; its error is as one of SQLite's. Nil outside them.
	Commit func(commit func() error) error

	// Volatile keeps the database in memory: Close forgets it. For simulations.
	Volatile bool
}

// Exists reports whether there is a database at the path: what seal.LoadKey has to know. An empty file, which a crash
// at the very first start can leave, is none.
func Exists(path string) (bool, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for the database: %w", err)
	}
	return info.Size() > 0, nil
}

// Open opens the database, makes it where it is missing, and brings its tables up to date. One process at a time may
// have it open. Its faults: another process has it (Conflict), the key file is another one's or the database was written
// by a newer Evercred (Refused), the disk (Internal).
func Open(ctx context.Context, c Config) (_ *Store, err error) {
	if c.Keys == nil || c.Path == "" {
		return nil, errors.New("opening the database: a path and a key are required")
	}
	s := &Store{clock: c.Clock, logger: c.Logger, changing: make(chan struct{}, 1)}
	if s.clock == nil {
		s.clock = clock.System{}
	}
	if s.commit = c.Commit; s.commit == nil {
		s.commit = func(commit func() error) error { return commit() }
	}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	path, err := filepath.Abs(c.Path)
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, unwritable(path, err)
	}
	if s.lock, err = lockFile(path + ".lock"); err != nil {
		return nil, inUse(path, err)
	}
	defer func() {
		if err != nil {
			_ = s.Close()
		}
	}()
	if err := touch(path); err != nil {
		return nil, unwritable(path, err)
	}
	if s.writer, err = openDB(dsn(path, true, c.Volatile)); err != nil {
		return nil, explain("opening the database", err)
	}
	s.writer.SetMaxOpenConns(1)
	version, err := migrate(ctx, s.writer)
	if err != nil {
		return nil, explain("updating the database's tables", err)
	}
	if s.sealer, err = dataKey(ctx, s.writer, c.Keys, s.clock.Now()); err != nil {
		return nil, explain("reading the data key", err)
	}
	if s.installation, err = installation(ctx, s.writer); err != nil {
		return nil, explain("reading the installation's id", err)
	}
	if err := makeLists(ctx, s.writer); err != nil {
		return nil, explain("making the rows of lists", err)
	}
	if err := s.openReader(path, c.Volatile); err != nil {
		return nil, explain("opening the database", err)
	}
	if err := s.reader.PingContext(ctx); err != nil {
		return nil, explain("opening the database", err)
	}
	s.logger.InfoContext(ctx, "database opened", slog.String("path", path), slog.Int64("schema", version))
	return s, nil
}

// openReader opens the connections that read. In memory there is one connection for all: others would read anew what it has.
func (s *Store) openReader(path string, volatile bool) (err error) {
	if volatile {
		s.reader = s.writer
		return nil
	}
	if s.reader, err = openDB(dsn(path, false, false)); err != nil {
		return err
	}
	s.reader.SetMaxOpenConns(readers)
	s.reader.SetMaxIdleConns(readers)
	return nil
}

// Close ends all connections and lets the next process in. Changes under way fail.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.reader, s.writer} { // the writer last: it folds the write-ahead log into the database
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	errs = append(errs, s.lock.release())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("closing the database: %w", err)
	}
	return nil
}

// dsn names the file and how each connection is set up. synchronous FULL makes a committed change survive a power cut;
// secure_delete overwrites what is dropped; immediate transactions (see begin) never fail half-way for want of the write lock.
func dsn(path string, write, volatile bool) string {
	q := url.Values{"_pragma": {"busy_timeout(5000)", "foreign_keys(1)"}}
	if volatile {
		return "file::memory:?" + q.Encode()
	}
	if write {
		q["_pragma"] = append(q["_pragma"], "journal_mode(WAL)", "synchronous(FULL)", "secure_delete(1)")
	} else {
		q["_pragma"] = append(q["_pragma"], "query_only(1)")
	}
	path = filepath.ToSlash(path)
	if path[0] != '/' { // a drive letter
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

// touch makes the file for the owner alone; SQLite gives the files beside it the same mode.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

func migrate(ctx context.Context, db *sql.DB) (version int64, err error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return 0, err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return 0, err
	}
	version, err = provider.GetDBVersion(ctx)
	if err != nil {
		return 0, err
	}
	sources := provider.ListSources()
	if newest := sources[len(sources)-1].Version; version > newest {
		return 0, fault.New(fault.Refused, "The database was written by a newer Evercred (its tables have version %d, this program knows %d).", version, newest).
			WithMeaning("Nothing was changed.").WithRemedy("Start the newer program, or restore the backup that was made before the update.")
	}
	if _, err := provider.Up(ctx); err != nil {
		return 0, err
	}
	return provider.GetDBVersion(ctx)
}

// dataKey opens the data key, and makes it at the first start.
func dataKey(ctx context.Context, db *sql.DB, keys *seal.KeyEncryptionKey, now time.Time) (*seal.Sealer, error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }() // without effect once committed
	var wrapped []byte
	err = tx.QueryRowContext(ctx, `SELECT wrapped FROM data_keys ORDER BY id DESC LIMIT 1`).Scan(&wrapped)
	if err == nil {
		return keys.Unwrap(wrapped)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	wrapped, sealer, err := keys.NewDataKey()
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO data_keys (wrapped, created_at) VALUES (?, ?)`, wrapped, formatTime(now)); err != nil {
		return nil, err
	}
	return sealer, tx.Commit()
}

func unwritable(path string, err error) error {
	return fault.New(fault.Internal, "The database file %s cannot be made or opened: %v.", path, err).
		WithRemedy("Check that its folder exists, that the user that runs Evercred may write in it, and that the disk is not full.").WithCause(err)
}

func inUse(path string, err error) error {
	var held *heldError
	if !errors.As(err, &held) {
		return unwritable(path, err)
	}
	who := "another process"
	if held.holder != "" {
		who += " (process id " + held.holder + ")"
	}
	return fault.New(fault.Conflict, "The database %s is in use by %s.", path, who).
		WithMeaning("Two servers on one database would undo each other's work, so this one does not start.").
		WithRemedy("Stop the other one, or give this one a data folder of its own.").WithCause(err)
}
