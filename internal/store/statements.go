package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"

	"modernc.org/sqlite"
)

// mostStatements bounds what a connection keeps. The store's own statements are fewer; those of lists are made of parts.
const mostStatements = 200

// openDB opens a database whose connections keep the statements that they have prepared: parsing the same few dozen texts
// again and again took a fifth of the time of a renewal.
func openDB(name string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(name)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(keeper{c}), nil
}

// keeper makes connections that keep their statements.
type keeper struct{ driver.Connector }

func (k keeper) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	able, ok := c.(connection)
	if !ok {
		return nil, errors.Join(errors.New("opening the database: the driver has changed"), c.Close())
	}
	return &keeping{connection: able, kept: map[string]*statement{}}, nil
}

// connection is what database/sql asks of the driver's connections.
type connection interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// keeping is a connection with its statements. Like every driver.Conn it is used by one goroutine at a time.
type keeping struct {
	connection
	kept map[string]*statement
}

type statement struct {
	driver.Stmt
	busy bool // its rows are still being read
}

// statement returns a kept statement for a query, and prepares it at first. nil: there is none, or it is busy.
func (c *keeping) statement(ctx context.Context, query string) (*statement, error) {
	if s := c.kept[query]; s != nil {
		if s.busy {
			return nil, nil //nolint:nilnil // see above
		}
		return s, nil
	}
	if len(c.kept) >= mostStatements || strings.ContainsRune(query, ';') { // scripts of migrations run once
		return nil, nil //nolint:nilnil // see above
	}
	prepared, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s := &statement{Stmt: prepared}
	c.kept[query] = s
	return s, nil
}

// BeginTx begins a transaction: one that takes the right to write at once, or one that only reads.
func (c *keeping) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	begin := "BEGIN IMMEDIATE"
	if o.ReadOnly {
		begin = "BEGIN"
	}
	if _, err := c.ExecContext(ctx, begin, nil); err != nil {
		return nil, err
	}
	return driverTx{c}, nil
}

// driverTx ends by statements that are kept. Whoever ends it may have a context that is over.
type driverTx struct{ of *keeping }

// Commit stores the changes. What cannot be stored, on a full disk for instance, is taken back.
func (t driverTx) Commit() error {
	_, err := t.of.ExecContext(context.Background(), "COMMIT", nil)
	if err != nil {
		_ = t.Rollback() // there may be nothing left to take back
	}
	return err
}

func (t driverTx) Rollback() error {
	_, err := t.of.ExecContext(context.Background(), "ROLLBACK", nil)
	return err
}

// ExecContext runs a statement without rows.
func (c *keeping) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if able, ok := stmtOf(s).(driver.StmtExecContext); ok {
		return able.ExecContext(ctx, args)
	}
	return c.connection.ExecContext(ctx, query, args)
}

// QueryContext runs a statement with rows. It is busy until they are closed.
func (c *keeping) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	able, ok := stmtOf(s).(driver.StmtQueryContext)
	if !ok {
		return c.connection.QueryContext(ctx, query, args)
	}
	rows, err := able.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &statementRows{rows, s}, nil
}

func stmtOf(s *statement) driver.Stmt {
	if s == nil {
		return nil
	}
	return s.Stmt
}

// Close closes the statements and the connection.
func (c *keeping) Close() error {
	var errs []error
	for _, s := range c.kept {
		errs = append(errs, s.Close())
	}
	clear(c.kept)
	return errors.Join(append(errs, c.connection.Close())...)
}

// statementRows give their statement back when they are closed.
type statementRows struct {
	driver.Rows
	of *statement
}

func (r *statementRows) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}
