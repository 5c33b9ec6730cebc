import { makeStyles, mergeClasses, tokens, useRestoreFocusTarget } from "@fluentui/react-components";
import { ArrowDownFilled, ArrowUpFilled } from "@fluentui/react-icons";
import { defaultRangeExtractor, useWindowVirtualizer, type Range } from "@tanstack/react-virtual";
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";

import { Tick } from "../frame/Tick";
import { narrow, useNarrow } from "../frame/useNarrow";
import { AccountRow } from "./AccountRow";
import { columns, nameColumn, type Column, type ColumnID } from "./columns";
import type { AccountSummary } from "./list";
import { orderOf } from "./query";
import { isSelected, stateOf, type Selection } from "./selection";

const wide = 72; // the usual height of a row in pixels, and of a card: each is measured once it is shown
const tall = 250;
const pageStep = 10;

const useStyles = makeStyles({
  table: {
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    [`@media ${narrow}`]: { border: "none", backgroundColor: "transparent" },
  },
  head: {
    position: "sticky",
    top: "var(--list-top, 0px)",
    zIndex: 2,
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: `${tokens.borderRadiusLarge} ${tokens.borderRadiusLarge} 0 0`,
    boxShadow: `0 1px 0 ${tokens.colorNeutralStroke2}`,
    [`@media ${narrow}`]: { display: "none" },
  },
  headRow: { display: "grid", alignItems: "center", minHeight: "44px" },
  heading: { fontSize: tokens.fontSizeBase200, fontWeight: tokens.fontWeightSemibold, color: tokens.colorNeutralForeground2, minWidth: 0 },
  plain: { padding: `0 ${tokens.spacingHorizontalM}` },
  sort: {
    display: "inline-flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalXS,
    width: "100%",
    minHeight: "44px",
    padding: `0 ${tokens.spacingHorizontalM}`,
    border: "none",
    background: "transparent",
    font: "inherit",
    color: "inherit",
    textAlign: "left",
    cursor: "pointer",
    ":hover": { color: tokens.colorNeutralForeground1, backgroundColor: tokens.colorNeutralBackground1Hover },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "-2px", borderRadius: tokens.borderRadiusMedium },
  },
  sorted: { color: tokens.colorNeutralForeground1 },
  body: { position: "relative" },
  behind: { opacity: 0.6, "@media (prefers-reduced-motion: no-preference)": { transition: "opacity 150ms 150ms" } },
  place: { position: "absolute", top: 0, left: 0, width: "100%" },
  hidden: { position: "absolute", width: "1px", height: "1px", overflow: "hidden", clipPath: "inset(50%)" },
});

interface Props {
  shown: readonly ColumnID[];
  sort: string;
  onSort: (column: string) => void;
  matched: number;
  row: (index: number) => AccountSummary | undefined;
  now: string;
  /** What is shown answers a former question. */
  behind: boolean;
  /** Tells which rows are looked at, so that they are read. */
  onRange: (first: number, last: number) => void;
  selection: Selection;
  onSelectAll: (selected: boolean) => void;
  /** With range, all from the row that was marked before to this one. */
  onSelect: (index: number, selected: boolean, range: boolean) => void;
  onMenu: (account: AccountSummary, button: HTMLElement) => void;
}

/**
 * The accounts as a table of which only what is in sight exists; on a narrow screen each is a card. One row is in the order
 * of the Tab key, and the arrow keys move from row to row.
 */
export function AccountsTable(props: Props) {
  const { shown, sort, onSort, matched, row, now, behind, onRange, selection, onSelectAll, onSelect, onMenu } = props;
  const styles = useStyles();
  const isNarrow = useNarrow();
  const restoresFocus = useRestoreFocusTarget();
  const help = useId();
  const body = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  const [active, setActive] = useState(0);
  const goal = useRef<{ index: number; control: string } | null>(null);
  const current = Math.min(active, Math.max(0, matched - 1));

  // What stands above the list comes and goes; rows are placed from where the list begins.
  useLayoutEffect(() => {
    const place = body.current;
    if (!place) return;
    const measure = () => setMargin(Math.round(place.getBoundingClientRect().top + scrollY));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  const virtual = useWindowVirtualizer({
    count: matched,
    estimateSize: () => (isNarrow ? tall : wide),
    overscan: 8,
    scrollMargin: margin,
    getItemKey: (index) => row(index)?.id ?? index,
    // The row that the Tab key leads to stays, wherever the list is scrolled to.
    rangeExtractor: (range: Range) => [...new Set([current, ...defaultRangeExtractor(range)])].sort((a, b) => a - b),
  });
  const items = virtual.getVirtualItems();
  const range = virtual.range;
  const first = Math.max(0, (range?.startIndex ?? 0) - 8);
  const last = (range?.endIndex ?? 0) + 8;
  useEffect(() => onRange(first, last), [onRange, first, last]);

  useEffect(() => {
    const wanted = goal.current;
    if (!wanted) return;
    const place = body.current?.querySelector(`[data-row="${wanted.index}"]`);
    const control = place?.querySelector<HTMLElement>(`[data-control="${wanted.control}"]`) ?? place?.querySelector<HTMLElement>("a");
    if (!control) return;
    goal.current = null;
    control.focus({ preventScroll: true });
  });
  const move = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    const place = target.closest<HTMLElement>("[data-row]");
    if (!place || event.altKey || event.metaKey) return;
    if (target.getAttribute("aria-haspopup") === "menu" && (event.key === "ArrowDown" || event.key === "ArrowUp")) return;
    const to = destination(event, Number(place.dataset["row"]), matched);
    if (to === null) return;
    event.preventDefault();
    goal.current = { index: to, control: target.dataset["control"] ?? "name" };
    setActive(to);
    virtual.scrollToIndex(to, { align: "auto" });
  };

  const visible = useMemo<readonly Column[]>(() => [nameColumn, ...columns.filter((column) => shown.includes(column.id))], [shown]);
  const tracks = `44px ${visible.map((column) => column.width).join(" ")} 48px`;
  return (
    <div
      className={styles.table}
      role="table"
      aria-label="Service accounts"
      aria-describedby={help}
      aria-rowcount={matched + 1}
      aria-busy={behind}
    >
      <div id={help} className={styles.hidden}>
        The arrow keys move from account to account, the Tab key within one.
      </div>
      <div role="rowgroup" className={styles.head}>
        <div role="row" aria-rowindex={1} className={styles.headRow} style={{ gridTemplateColumns: tracks }}>
          <div role="columnheader">
            <Tick name={`Select all ${matched} that are listed`} checked={stateOf(selection, matched)} onChange={onSelectAll} />
          </div>
          {visible.map((column) => (
            <Heading key={column.id} column={column} sort={sort} onSort={onSort} />
          ))}
          <div role="columnheader">
            <span className={styles.hidden}>Actions</span>
          </div>
        </div>
      </div>
      {/* The keys are those of the controls within. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        role="rowgroup"
        ref={body}
        className={mergeClasses(styles.body, behind && styles.behind)}
        style={{ height: virtual.getTotalSize() }}
        onKeyDown={move}
        onFocus={(event) => {
          const place = event.target.closest<HTMLElement>("[data-row]");
          if (place) setActive(Number(place.dataset["row"]));
        }}
      >
        {items.map((item) => {
          const account = row(item.index);
          return (
            <div
              key={item.key}
              role="presentation"
              className={styles.place}
              data-index={item.index}
              data-row={item.index}
              ref={virtual.measureElement}
              style={{ transform: `translateY(${item.start - margin}px)` }}
            >
              <AccountRow
                account={account}
                index={item.index}
                columns={visible}
                tracks={tracks}
                now={now}
                inOrder={item.index === current}
                selected={account !== undefined && isSelected(selection, account.id)}
                onSelect={onSelect}
                onMenu={onMenu}
                restoresFocus={restoresFocus}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** The row that a key leads to; null if the key is none of the list's. */
function destination(event: KeyboardEvent, from: number, count: number): number | null {
  const end = count - 1;
  switch (event.key) {
    case "ArrowDown":
      return Math.min(end, from + 1);
    case "ArrowUp":
      return Math.max(0, from - 1);
    case "PageDown":
      return Math.min(end, from + pageStep);
    case "PageUp":
      return Math.max(0, from - pageStep);
    case "Home":
      return event.ctrlKey ? 0 : null;
    case "End":
      return event.ctrlKey ? end : null;
    default:
      return null;
  }
}

function Heading({ column, sort, onSort }: { column: Column; sort: string; onSort: (column: string) => void }) {
  const styles = useStyles();
  if (column.sort === "")
    return (
      <div role="columnheader" className={mergeClasses(styles.heading, styles.plain)}>
        {column.title}
      </div>
    );
  const order = orderOf(sort, column.sort);
  return (
    <div role="columnheader" className={mergeClasses(styles.heading, order !== "none" && styles.sorted)} aria-sort={order}>
      <button type="button" className={styles.sort} onClick={() => onSort(column.sort)}>
        {column.title}
        {order === "ascending" && <ArrowUpFilled aria-hidden />}
        {order === "descending" && <ArrowDownFilled aria-hidden />}
      </button>
    </div>
  );
}
