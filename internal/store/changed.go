package store

import "strings"

// changedColumns is the SET list of an UPDATE from one version of a row to the next, and its arguments: what stays the same is not
// written, nor are its indexes. Values are in the order of the columns, and can be compared; without a version before,
// all are written.
func changedColumns(columns []string, before, after []any) (set string, args []any) {
	var text strings.Builder
	for i, column := range columns {
		if before != nil && before[i] == after[i] {
			continue
		}
		if text.Len() > 0 {
			text.WriteString(", ")
		}
		text.WriteString(column)
		text.WriteString(" = ?")
		args = append(args, after[i])
	}
	return text.String(), args
}

// operationRow is what is stored of an operation that is open, by its version.
type operationRow struct {
	version int64
	values  []any // by operationFields
}

// storedRow is the row of an operation as the version has left it; nil where that is not at hand.
func (tx *Tx) storedRow(id string, version int64) []any {
	row, ok := tx.rows[id]
	if !ok {
		row = tx.cache.row(id)
	}
	if row.version != version {
		return nil
	}
	return row.values
}
