import { Button, Text, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { ChevronDownRegular, ChevronRightRegular } from "@fluentui/react-icons";
import { useState } from "react";

import type { PermissionRow } from "../api/permissions";
import { CopyButton } from "../frame/Copy";
import { Remedy } from "../frame/Remedy";
import { StateBadge } from "../frame/StateBadge";
import { resultLooks, scopeTitle } from "./rows";

const page = 100;
const narrow = "@media (max-width: 760px)";

const useStyles = makeStyles({
  table: {
    width: "100%",
    borderCollapse: "separate",
    borderSpacing: 0,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
    [narrow]: { display: "block", border: "none" },
  },
  head: { [narrow]: { display: "none" } },
  body: { [narrow]: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS } },
  heading: {
    textAlign: "left",
    fontWeight: tokens.fontWeightSemibold,
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
  },
  row: {
    [narrow]: {
      display: "flex",
      flexDirection: "column",
      gap: tokens.spacingVerticalXS,
      padding: tokens.spacingHorizontalM,
      border: `1px solid ${tokens.colorNeutralStroke2}`,
      borderRadius: tokens.borderRadiusMedium,
    },
  },
  cell: {
    verticalAlign: "top",
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    overflowWrap: "anywhere",
    [narrow]: { display: "block", padding: 0, borderTop: "none" },
  },
  first: { textAlign: "left", fontWeight: tokens.fontWeightSemibold },
  scope: { minWidth: "236px", [narrow]: { minWidth: 0 } },
  subtle: { color: tokens.colorNeutralForeground2, overflowWrap: "anywhere" },
  details: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXS, alignItems: "flex-start" },
  actions: {
    margin: 0,
    padding: tokens.spacingHorizontalS,
    listStyleType: "none",
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
  more: { marginTop: tokens.spacingVerticalS },
});

/* eslint-disable jsx-a11y/no-redundant-roles, jsx-a11y/no-interactive-element-to-noninteractive-role --
   on a narrow screen rows are cards, and browsers then drop the roles that the elements have by themselves */

/** What was found, one row for each purpose and scope; what is missing can be opened, action by action. */
export function PermissionTable({ rows, label }: { rows: readonly PermissionRow[]; label: string }) {
  const styles = useStyles();
  const [limit, setLimit] = useState(page);
  return (
    <div>
      <table className={styles.table} role="table" aria-label={label}>
        <thead className={styles.head} role="rowgroup">
          <tr role="row">
            {["Purpose", "Scope", "Result", "Details"].map((title) => (
              <th key={title} className={styles.heading} scope="col" role="columnheader">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className={styles.body} role="rowgroup">
          {rows.slice(0, limit).map((row) => (
            <Row key={`${row.purpose} ${row.scope}`} row={row} />
          ))}
        </tbody>
      </table>
      {rows.length > limit && (
        <Button className={styles.more} appearance="subtle" onClick={() => setLimit(limit + page)}>
          Show more ({rows.length - limit} are not shown)
        </Button>
      )}
    </div>
  );
}

// So many missing actions are shown at once; more are opened.
const few = 3;

function Row({ row }: { row: PermissionRow }) {
  const styles = useStyles();
  const [open, setOpen] = useState(false);
  const missing = [...row.missing_actions, ...row.missing_data_actions.map((action) => `${action} (data)`)];
  const shown = open ? missing : missing.slice(0, few);
  const rest = missing.length - few;
  return (
    <tr className={styles.row} role="row">
      <th scope="row" role="rowheader" className={mergeClasses(styles.cell, styles.first)}>
        {row.title === "" ? row.purpose : row.title}
      </th>
      <td role="cell" className={mergeClasses(styles.cell, styles.scope)}>
        <Text block>{scopeTitle(row)}</Text>
        {row.scope_name !== "" && (
          <Text size={200} block className={styles.subtle}>
            {row.scope.split("/").at(-1)}
          </Text>
        )}
      </td>
      <td role="cell" className={styles.cell}>
        <StateBadge {...resultLooks[row.result]} />
      </td>
      <td role="cell" className={styles.cell}>
        <div className={styles.details}>
          {row.reason !== "" && (
            <Text size={200} className={styles.subtle}>
              <Remedy text={row.reason} />
            </Text>
          )}
          {missing.length > 0 && (
            <>
              <ul className={styles.actions} aria-label={`Missing for ${row.title} on ${scopeTitle(row)}`}>
                {shown.map((action) => (
                  <li key={action}>{action}</li>
                ))}
              </ul>
              <span>
                {rest > 0 && (
                  <Button
                    size="small"
                    appearance="subtle"
                    icon={open ? <ChevronDownRegular /> : <ChevronRightRegular />}
                    aria-expanded={open}
                    onClick={() => setOpen(!open)}
                  >
                    {open ? "Show fewer" : rest === 1 ? "Show 1 more action" : `Show ${rest} more actions`}
                  </Button>
                )}
                <CopyButton iconOnly appearance="subtle" text={missing.join("\n")} label="Copy what is missing" />
              </span>
            </>
          )}
        </div>
      </td>
    </tr>
  );
}
