import { Field, SearchBox, Select, makeStyles, tokens } from "@fluentui/react-components";

import type { ResultFilter } from "./rows";

const useStyles = makeStyles({
  row: { display: "flex", flexWrap: "wrap", alignItems: "flex-end", gap: tokens.spacingHorizontalM },
  search: { maxWidth: "none" },
  grow: { flex: "1 1 220px", minWidth: 0 },
});

interface Props {
  search: string;
  onSearch: (search: string) => void;
  result: ResultFilter;
  onResult: (result: ResultFilter) => void;
}

/** What is looked for among the rows of a check. */
export function Filters({ search, onSearch, result, onResult }: Props) {
  const styles = useStyles();
  return (
    <div className={styles.row}>
      <Field label="Search" className={styles.grow}>
        <SearchBox
          className={styles.search}
          value={search}
          placeholder="Purpose, subscription or action"
          onChange={(_event, data) => onSearch(data.value)}
          onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
        />
      </Field>
      <Field label="Show">
        <Select value={result} onChange={(_event, data) => onResult(data.value as ResultFilter)}>
          <option value="">All</option>
          <option value="missing">Missing</option>
          <option value="unknown">Unknown</option>
          <option value="success">Success</option>
        </Select>
      </Field>
    </div>
  );
}
