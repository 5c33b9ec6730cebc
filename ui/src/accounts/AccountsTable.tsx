import { Text, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";

import type { Account } from "../api/client";
import { PageLink } from "../frame/PageLink";
import { Remedy } from "../frame/Remedy";
import { StateBadge } from "../frame/StateBadge";
import { awaitsHandOver, kindLabel, permissionsOf, progressLabel, operationLabel, stateLabel } from "../text/states";
import { moment, relative } from "../text/time";
import { Expiration } from "./Expiration";

const narrow = "@media (max-width: 900px)";

const useStyles = makeStyles({
  table: {
    width: "100%",
    borderCollapse: "separate",
    borderSpacing: 0,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    [narrow]: { display: "block", border: "none", backgroundColor: "transparent" },
  },
  head: { [narrow]: { display: "none" } },
  body: { [narrow]: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM } },
  heading: {
    textAlign: "left",
    fontWeight: tokens.fontWeightSemibold,
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalM}`,
  },
  row: {
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
    [narrow]: {
      display: "grid",
      gridTemplateColumns: "1fr 1fr",
      gap: tokens.spacingVerticalM,
      padding: tokens.spacingHorizontalL,
      backgroundColor: tokens.colorNeutralBackground1,
      border: `1px solid ${tokens.colorNeutralStroke2}`,
      borderRadius: tokens.borderRadiusLarge,
    },
  },
  cell: {
    verticalAlign: "top",
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalM}`,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    [narrow]: { display: "block", padding: 0, borderTop: "none", minWidth: 0 },
  },
  full: { [narrow]: { gridColumnStart: 1, gridColumnEnd: 3 } },
  labelled: {
    "::before": {
      display: "none",
      content: "attr(data-label) / ''",
      marginBottom: "2px",
      fontSize: tokens.fontSizeBase200,
      color: tokens.colorNeutralForeground2,
    },
    [narrow]: { "::before": { display: "block" } },
  },
  two: { display: "flex", flexDirection: "column", gap: "2px", alignItems: "flex-start", minWidth: 0, overflowWrap: "anywhere" },
  state: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalXS,
    alignItems: "flex-start",
    maxWidth: "300px",
    [narrow]: { maxWidth: "none" },
  },
  subtle: { color: tokens.colorNeutralForeground2 },
  name: { fontWeight: tokens.fontWeightSemibold, overflowWrap: "anywhere" },
  first: { textAlign: "left", fontWeight: "inherit", minWidth: "160px", maxWidth: "320px", [narrow]: { maxWidth: "none" } },
  // A description can be long; the account's page shows it whole.
  description: { maxHeight: "4.5em", overflow: "hidden" },
});

/* eslint-disable jsx-a11y/no-redundant-roles, jsx-a11y/no-interactive-element-to-noninteractive-role --
   on a narrow screen rows are grids, and browsers then drop the roles that the elements have by themselves */

/** The accounts as a table; on a narrow screen each is a card. The roles are said because a changed display drops them. */
export function AccountsTable({ accounts }: { accounts: readonly Account[] }) {
  const styles = useStyles();
  return (
    <table className={styles.table} role="table" aria-label="Service accounts">
      <thead className={styles.head} role="rowgroup">
        <tr role="row">
          {["Name", "Authentication", "Expiration", "State", "Permissions", "Last check"].map((title) => (
            <th key={title} className={styles.heading} scope="col" role="columnheader">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className={styles.body} role="rowgroup">
        {accounts.map((account) => (
          <Row key={account.id} account={account} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ account }: { account: Account }) {
  const styles = useStyles();
  const state = stateLabel(account.state);
  const permissions = permissionsOf(account);
  const address = `/accounts/${encodeURIComponent(account.name)}`;
  const labelled = mergeClasses(styles.cell, styles.labelled);
  return (
    <tr className={styles.row} role="row">
      <th className={mergeClasses(styles.cell, styles.full, styles.first)} scope="row" role="rowheader">
        <div className={styles.two}>
          <PageLink to={address} className={styles.name}>
            {account.name}
          </PageLink>
          <Text size={200} className={mergeClasses(styles.subtle, styles.description)}>
            {account.description}
          </Text>
        </div>
      </th>
      <td className={labelled} role="cell" data-label="Authentication">
        {account.credential ? kindLabel(account.credential.kind) : "None"}
      </td>
      <td className={labelled} role="cell" data-label="Expiration">
        <Expiration account={account} />
      </td>
      <td className={mergeClasses(styles.cell, styles.full)} role="cell">
        <div className={styles.state}>
          <StateBadge tone={state.tone} text={state.text} />
          {account.operation && (
            <Text size={200}>
              <PageLink inline to={`${address}?operation=${encodeURIComponent(account.operation.id)}`}>
                {operationLabel(account.operation.kind)}: {progressLabel(account.operation.state).text.toLowerCase()}
              </PageLink>
            </Text>
          )}
          {account.remedy !== "" && (
            <Text size={200} className={styles.subtle}>
              <Remedy text={account.remedy} buttonsAt={address} />
            </Text>
          )}
          {awaitsHandOver(account) && (
            <Text size={200}>
              <PageLink inline to={`${address}#hand-over`}>
                Hand over the new credential
              </PageLink>
            </Text>
          )}
        </div>
      </td>
      <td className={labelled} role="cell" data-label="Permissions">
        <div className={styles.two}>
          <Text>{permissions.text}</Text>
          {permissions.tone === "warning" && (
            <Text size={200} className={styles.subtle}>
              {permissions.detail}
            </Text>
          )}
        </div>
      </td>
      <td className={labelled} role="cell" data-label="Last check">
        {account.check ? <span title={moment(account.check.at)}>{relative(account.check.at, account.as_of)}</span> : "Never"}
      </td>
    </tr>
  );
}
