import { Text, makeStyles, tokens } from "@fluentui/react-components";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";

import { PageLink } from "../frame/PageLink";
import { Remedy } from "../frame/Remedy";
import { StateBadge } from "../frame/StateBadge";
import { progressLabel, stateLabel, worstFirst, type Tone } from "../text/states";
import type { BulkOperation, BulkSum } from "./bulk";

const useStyles = makeStyles({
  list: {
    maxHeight: "42vh",
    overflowY: "auto",
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  inner: { position: "relative" },
  item: {
    position: "absolute",
    top: 0,
    left: 0,
    right: 0,
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr) auto",
    gap: `2px ${tokens.spacingHorizontalM}`,
    alignItems: "center",
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  name: { fontWeight: tokens.fontWeightSemibold, overflowWrap: "anywhere" },
  detail: { gridColumnStart: 1, gridColumnEnd: 3, color: tokens.colorNeutralForeground2, overflowWrap: "anywhere" },
});

interface Line {
  id: string;
  name: string;
  to: string;
  tone: Tone;
  state: string;
  text: string;
  remedy: string;
}

/** How far each account is: those with something wrong first, then those under way, then those that have ended. */
export function BulkProgress({ sum }: { sum: BulkSum }) {
  const styles = useStyles();
  const place = useRef<HTMLDivElement>(null);
  const lines = linesOf(sum);
  // eslint-disable-next-line react-hooks/incompatible-library -- what it returns is used here alone
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => place.current,
    estimateSize: () => 58,
    overscan: 6,
    getItemKey: (index) => lines[index]?.id ?? index,
  });
  if (lines.length === 0) return null;
  return (
    // What scrolls must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.list} ref={place} role="region" aria-label="Accounts" tabIndex={0}>
      <div className={styles.inner} role="list" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const line = lines[item.index];
          return (
            line && (
              <div
                key={item.key}
                role="listitem"
                aria-setsize={lines.length}
                aria-posinset={item.index + 1}
                data-index={item.index}
                ref={virtual.measureElement}
                className={styles.item}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <PageLink to={line.to} className={styles.name}>
                  {line.name}
                </PageLink>
                <StateBadge tone={line.tone} text={line.state} />
                {line.text !== "" && (
                  <Text size={200} className={styles.detail}>
                    <Remedy text={line.text} buttonsAt={line.to} /> <Remedy text={line.remedy} buttonsAt={line.to} />
                  </Text>
                )}
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

function linesOf(sum: BulkSum): Line[] {
  const refused = sum.refusals.map(({ account, problem }): Line => {
    const to = `/accounts/${encodeURIComponent(account.name)}`;
    return { id: account.id, name: account.name, to, tone: "bad", state: "Not begun", text: problem.message, remedy: problem.remedy };
  });
  const started = sum.started.map(({ account, operation }): Line => {
    // That a check was made says nothing: what counts is how it found the account.
    const { found } = operation;
    const label = found ? stateLabel(found.state) : progressLabel(operation.state);
    return {
      id: account.id,
      name: account.name,
      to: `/accounts/${encodeURIComponent(account.name)}?operation=${encodeURIComponent(operation.id)}`,
      tone: label.tone,
      state: label.text,
      text: textOf(operation),
      remedy: operation.problem?.remedy ?? found?.remedy ?? "",
    };
  });
  return [...refused, ...started].sort(worstFirst);
}

function textOf(operation: BulkOperation): string {
  if (operation.problem) return operation.problem.message;
  if (operation.found) return operation.found.meaning;
  return operation.state === "running" ? operation.step : operation.summary;
}
