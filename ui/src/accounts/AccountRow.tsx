import { Text, makeStyles, mergeClasses, tokens, type useRestoreFocusTarget } from "@fluentui/react-components";
import { MoreHorizontalRegular } from "@fluentui/react-icons";
import { memo, type ReactNode } from "react";

import { PageLink } from "../frame/PageLink";
import { Remedy } from "../frame/Remedy";
import { StateBadge } from "../frame/StateBadge";
import { Tick } from "../frame/Tick";
import { When } from "../frame/When";
import { TabStop } from "../frame/tabStop";
import { twoLines } from "../frame/clamp";
import { narrow } from "../frame/useNarrow";
import { methodLabel, operationLabel, permissionLabel, progressLabel, stateLabel } from "../text/states";
import { date } from "../text/time";
import { Expiration } from "./Expiration";
import type { Column } from "./columns";
import type { AccountSummary } from "./list";

const small = `@media ${narrow}`;

const useStyles = makeStyles({
  row: {
    display: "grid",
    boxSizing: "border-box",
    minHeight: "56px",
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
    [small]: {
      gridTemplateColumns: "36px 1fr 1fr 40px !important",
      rowGap: tokens.spacingVerticalM,
      columnGap: tokens.spacingHorizontalS,
      padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalM}`,
      marginBottom: tokens.spacingVerticalM,
      backgroundColor: tokens.colorNeutralBackground1,
      border: `1px solid ${tokens.colorNeutralStroke2}`,
      borderRadius: tokens.borderRadiusLarge,
    },
  },
  selected: {
    backgroundColor: tokens.colorBrandBackground2,
    ":hover": { backgroundColor: tokens.colorBrandBackground2Hover },
  },
  cell: {
    minWidth: 0,
    overflowWrap: "anywhere",
    padding: `${tokens.spacingVerticalMNudge} ${tokens.spacingHorizontalM}`,
    [small]: { padding: 0, gridColumnStart: "span 2" },
  },
  box: { paddingTop: "1px", [small]: { gridRowStart: 1, gridColumnStart: 1, margin: "-12px 0 0 -6px" } },
  name: { [small]: { gridRowStart: 1, gridColumnStart: 2, gridColumnEnd: 4 } },
  menu: { padding: "4px 0", [small]: { gridRowStart: 1, gridColumnStart: 4, gridColumnEnd: 5, padding: 0, marginTop: "-8px" } },
  button: {
    display: "grid",
    placeItems: "center",
    width: "40px",
    height: "40px",
    padding: 0,
    border: "none",
    borderRadius: tokens.borderRadiusMedium,
    background: "transparent",
    color: tokens.colorNeutralForeground2,
    cursor: "pointer",
    ":hover": { backgroundColor: tokens.colorSubtleBackgroundHover, color: tokens.colorNeutralForeground1 },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  half: { [small]: { gridColumnStart: "span 2", paddingLeft: tokens.spacingHorizontalS } },
  full: { [small]: { gridColumnStart: "span 4", paddingLeft: tokens.spacingHorizontalS } },
  labelled: {
    "::before": {
      display: "none",
      content: "attr(data-label)", // read out, too: the headings are not there
      marginBottom: "2px",
      fontSize: tokens.fontSizeBase200,
      color: tokens.colorNeutralForeground2,
    },
    [small]: { "::before": { display: "block" } },
  },
  stack: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXXS, alignItems: "flex-start", minWidth: 0 },
  subtle: { color: tokens.colorNeutralForeground2 },
  link: { fontWeight: tokens.fontWeightSemibold, overflowWrap: "anywhere" },
  // A description can be long; the account's page shows it whole.
  description: {
    color: tokens.colorNeutralForeground2,
    ...twoLines,
  },
  id: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, lineHeight: tokens.lineHeightBase300 },
  blank: { height: "12px", margin: "6px 0", borderRadius: tokens.borderRadiusMedium, backgroundColor: tokens.colorNeutralBackground5 },
  hidden: { position: "absolute", width: "1px", height: "1px", overflow: "hidden", clipPath: "inset(50%)" },
});

interface Props {
  /** Undefined while it is being read. */
  account: AccountSummary | undefined;
  index: number;
  columns: readonly Column[];
  tracks: string;
  now: string;
  /** Its controls are in the order of the Tab key. */
  inOrder: boolean;
  selected: boolean;
  onSelect: (index: number, selected: boolean, range: boolean) => void;
  onMenu: (account: AccountSummary, button: HTMLElement) => void;
  /** Marks the menu's button as what the focus comes back to when a window that it opened is closed. */
  restoresFocus: ReturnType<typeof useRestoreFocusTarget>;
}

/** An account in the list; a grey shape of one while it is being read. */
export const AccountRow = memo(function AccountRow(props: Props) {
  const { account, index, columns, tracks, now, inOrder, selected, onSelect, onMenu, restoresFocus } = props;
  const styles = useStyles();
  if (!account) {
    return (
      <div role="row" aria-rowindex={index + 2} className={styles.row} style={{ gridTemplateColumns: tracks }}>
        <div role="cell" className={styles.hidden}>
          Being read
        </div>
        <div role="presentation" />
        {columns.map((column) => (
          <div key={column.id} role="presentation" className={styles.cell}>
            <div className={styles.blank} />
          </div>
        ))}
      </div>
    );
  }
  return (
    <TabStop value={inOrder}>
      <div
        role="row"
        aria-rowindex={index + 2}
        className={mergeClasses(styles.row, selected && styles.selected)}
        style={{ gridTemplateColumns: tracks }}
      >
        <div role="cell" className={styles.box}>
          <Tick
            name={`Select ${account.name}`}
            tabIndex={inOrder ? undefined : -1}
            checked={selected}
            onChange={(checked, range) => onSelect(index, checked, range)}
          />
        </div>
        {columns.map((column) => (
          <div
            key={column.id}
            role={column.id === "name" ? "rowheader" : "cell"}
            data-label={column.title}
            className={mergeClasses(
              styles.cell,
              column.id === "name" ? styles.name : column.id === "state" ? styles.full : styles.half,
              column.id !== "name" && column.id !== "state" && styles.labelled,
            )}
          >
            <Cell account={account} column={column} now={now} />
          </div>
        ))}
        <div role="cell" className={mergeClasses(styles.cell, styles.menu)}>
          <button
            type="button"
            {...restoresFocus}
            data-control="menu"
            className={styles.button}
            tabIndex={inOrder ? undefined : -1}
            aria-haspopup="menu"
            aria-label={`More about ${account.name}`}
            onClick={(event) => onMenu(account, event.currentTarget)}
          >
            <MoreHorizontalRegular fontSize={20} aria-hidden />
          </button>
        </div>
      </div>
    </TabStop>
  );
});

function Cell({ account, column, now }: { account: AccountSummary; column: Column; now: string }): ReactNode {
  const styles = useStyles();
  switch (column.id) {
    case "name":
      return (
        <div className={styles.stack}>
          <PageLink data-control="name" to={addressOf(account)} className={styles.link}>
            {account.name}
          </PageLink>
          {account.description !== "" && (
            <Text size={200} className={styles.description}>
              {account.description}
            </Text>
          )}
        </div>
      );
    case "method":
      return methodLabel(account.method);
    case "expires":
      return <Expiration account={account} now={now} />;
    case "state":
      return <State account={account} />;
    case "permissions":
      return permissionLabel(account.permission_state, account.missing).text;
    case "subscriptions":
      return account.management_group === ""
        ? count(account.subscriptions, "subscription")
        : `Management group ${account.management_group}`;
    case "last_check":
      return account.last_check_at === null ? "Never" : <When at={account.last_check_at} now={now} lines />;
    case "tenant":
      return <span className={styles.id}>{account.tenant_id}</span>;
    case "cloud":
      return account.cloud;
    case "origin":
      return account.origin === "created" ? "Evercred" : "Others";
    case "application":
      return <span className={styles.id}>{account.application_id}</span>;
    case "created":
      return date(account.created_at);
    case "updated":
      return date(account.updated_at);
  }
}

function State({ account }: { account: AccountSummary }) {
  const styles = useStyles();
  const state = stateLabel(account.state);
  const address = addressOf(account);
  return (
    <div className={styles.stack}>
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
      {account.steward && (
        <Text size={200} className={styles.subtle}>
          Steward of its tenant
        </Text>
      )}
      {account.hand_over_pending && (
        <Text size={200}>
          <PageLink inline to={`${address}#hand-over`}>
            Hand over the new credential
          </PageLink>
        </Text>
      )}
    </div>
  );
}

function addressOf(account: AccountSummary): string {
  return `/accounts/${encodeURIComponent(account.name)}`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
