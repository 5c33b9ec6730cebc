import { Button, Select, makeStyles, tokens } from "@fluentui/react-components";
import { AddRegular } from "@fluentui/react-icons";
import { useHref, useLinkClickHandler } from "react-router";

import { useNarrow } from "../frame/useNarrow";
import { ColumnChooser } from "./ColumnChooser";
import { ExportMenu } from "./ExportMenu";
import { Filters } from "./Filters";
import { Search } from "./Search";
import { columns, nameColumn, type ColumnID } from "./columns";
import type { AccountList } from "./list";
import type { ListQuery } from "./query";

const useStyles = makeStyles({
  bar: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS, alignItems: "center" },
  push: { marginLeft: "auto", display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
});

/** "Add": where the accounts begin. */
export function AddLink() {
  const href = useHref("/accounts/new");
  const follow = useLinkClickHandler("/accounts/new");
  return (
    <Button as="a" href={href} onClick={follow} appearance="primary" icon={<AddRegular />}>
      Add
    </Button>
  );
}

interface Props {
  query: ListQuery;
  onQuery: (part: Partial<ListQuery>) => void;
  list: AccountList | undefined;
  shown: readonly ColumnID[];
  onShown: (shown: readonly ColumnID[]) => void;
}

/** Search, filters, columns and export: what decides on the list as a whole. */
export function Toolbar({ query, onQuery, list, shown, onShown }: Props) {
  const styles = useStyles();
  const isNarrow = useNarrow();
  return (
    <div className={styles.bar} role="search" aria-label="Accounts">
      <Search value={query.search} onChange={(search) => onQuery({ search })} />
      <Filters query={query} onQuery={onQuery} />
      {isNarrow && <Sort sort={query.sort} onSort={(sort) => onQuery({ sort })} />}
      <div className={styles.push}>
        {!isNarrow && <ColumnChooser shown={shown} onShown={onShown} />}
        <ExportMenu query={query} matched={list?.matched ?? 0} />
      </div>
    </div>
  );
}

/** The order, where there are no headings to click. */
function Sort({ sort, onSort }: { sort: string; onSort: (sort: string) => void }) {
  return (
    <Select aria-label="Sort by" value={sort} onChange={(_event, data) => onSort(data.value)}>
      {[nameColumn, ...columns]
        .filter((column) => column.sort !== "")
        .flatMap((column) => [
          <option key={column.id} value={column.sort}>
            {column.title}
          </option>,
          <option key={"-" + column.id} value={"-" + column.sort}>
            {column.title}, last first
          </option>,
        ])}
    </Select>
  );
}
