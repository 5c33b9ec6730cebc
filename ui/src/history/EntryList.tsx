import { Button, Link, Text, makeStyles, tokens, useRestoreFocusTarget } from "@fluentui/react-components";
import {
  ChevronDownRegular,
  ChevronRightRegular,
  EditRegular,
  KeyRegular,
  PlayCircleRegular,
  SearchRegular,
  ShieldCheckmarkRegular,
  type FluentIcon,
} from "@fluentui/react-icons";
import { useId, useState } from "react";

import { Remedy } from "../frame/Remedy";
import { StateBadge } from "../frame/StateBadge";
import { numbered } from "../text/count";
import { clock, moment } from "../text/time";
import { dayOf, type Entry, type HistoryEvent } from "./events";
import { outcomeOf } from "./sentences";
import { toneOf } from "./timeline";

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0, display: "flex", flexDirection: "column" },
  day: { margin: `${tokens.spacingVerticalM} 0 ${tokens.spacingVerticalXS}`, color: tokens.colorNeutralForeground2 },
  entry: {
    display: "grid",
    gridTemplateColumns: "24px minmax(0, 1fr) auto",
    columnGap: tokens.spacingHorizontalS,
    alignItems: "start",
    padding: `${tokens.spacingVerticalS} 0`,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  icon: { color: tokens.colorNeutralForeground3, display: "grid", placeItems: "center", height: "22px" },
  words: { display: "flex", flexDirection: "column", gap: "2px", minWidth: 0, overflowWrap: "anywhere" },
  subtle: { color: tokens.colorNeutralForeground2 },
  row: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalM, alignItems: "center" },
  toggle: { paddingLeft: 0, minWidth: 0, justifyContent: "flex-start" },
  steps: {
    listStyleType: "none",
    margin: 0,
    padding: `${tokens.spacingVerticalXS} 0 0 ${tokens.spacingHorizontalM}`,
    borderLeft: `2px solid ${tokens.colorNeutralStroke2}`,
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalXS,
  },
  step: { display: "grid", gridTemplateColumns: "minmax(0, 1fr) auto", gap: tokens.spacingHorizontalM },
  time: { color: tokens.colorNeutralForeground2, fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" },
});

const icons: Record<HistoryEvent["kind"], FluentIcon> = {
  credential: KeyRegular,
  check: SearchRegular,
  operation: PlayCircleRegular,
  account: EditRegular,
  permission: ShieldCheckmarkRegular,
};

interface Props {
  /** Newest first. */
  entries: readonly Entry[];
  onOpen: (operation: string) => void;
  /** Puts a heading above each day. */
  byDay?: boolean;
  /** Shows all that belongs to an entry at once. */
  wide?: boolean;
}

/** What happened, newest first; an operation with all that it did. */
export function EntryList({ entries, onOpen, byDay = false, wide = false }: Props) {
  const styles = useStyles();
  if (!byDay)
    return (
      <ol className={styles.list}>
        {entries.map((entry) => (
          <Item key={entry.id} entry={entry} onOpen={onOpen} wide={wide} dated />
        ))}
      </ol>
    );
  const days = new Map<string, Entry[]>();
  for (const entry of entries) {
    const day = dayOf(entry.events[0]?.at ?? entry.head.at);
    const known = days.get(day);
    if (known) known.push(entry);
    else days.set(day, [entry]);
  }
  return [...days].map(([day, those]) => (
    <section key={day} aria-label={day}>
      <Text as="h3" block weight="semibold" size={200} className={styles.day}>
        {day}
      </Text>
      <ol className={styles.list}>
        {those.map((entry) => (
          <Item key={entry.id} entry={entry} onOpen={onOpen} wide={wide} dated={false} />
        ))}
      </ol>
    </section>
  ));
}

interface ItemProps {
  entry: Entry;
  onOpen: (operation: string) => void;
  wide: boolean;
  dated: boolean;
}

function Item({ entry, onOpen, wide, dated }: ItemProps) {
  const styles = useStyles();
  const restoresFocus = useRestoreFocusTarget();
  const id = useId();
  const [open, setOpen] = useState(wide);
  const { head } = entry;
  const Icon = icons[head.kind];
  const outcome = outcomeOf(head);
  const rest = entry.events.filter((event) => event !== head);
  const who = whoOf(entry);
  return (
    <li className={styles.entry}>
      <span className={styles.icon}>
        <Icon fontSize={18} aria-hidden />
      </span>
      <span className={styles.words}>
        <Text>
          {entry.operation === "" ? (
            head.title
          ) : (
            <Link as="button" inline {...restoresFocus} onClick={() => onOpen(entry.operation)}>
              {head.title}
            </Link>
          )}
        </Text>
        {head.detail !== "" && (
          <Text size={200} className={styles.subtle}>
            <Remedy text={head.detail} />
          </Text>
        )}
        {head.detail === "" && <Changes event={head} />}
        <span className={styles.row}>
          <Text size={200} className={styles.subtle}>
            <time dateTime={head.at}>{dated ? moment(head.at) : clock(head.at)}</time>
            {who !== "" && `, ${who}`}
          </Text>
          {rest.length > 0 && (
            <Button
              size="small"
              appearance="transparent"
              className={styles.toggle}
              icon={open ? <ChevronDownRegular /> : <ChevronRightRegular />}
              aria-expanded={open}
              aria-controls={id}
              onClick={() => setOpen(!open)}
            >
              {numbered(rest.length, "step")}
            </Button>
          )}
        </span>
        {open && rest.length > 0 && (
          <ol className={styles.steps} id={id}>
            {[...rest].reverse().map((event, index) => (
              <li key={`${event.at} ${index}`} className={styles.step}>
                <span className={styles.words}>
                  <Text size={200}>{event.title}</Text>
                  {event.detail !== "" && (
                    <Text size={200} className={styles.subtle}>
                      <Remedy text={event.detail} />
                    </Text>
                  )}
                </span>
                <Text size={200} className={styles.time}>
                  {clock(event.at)}
                </Text>
              </li>
            ))}
          </ol>
        )}
      </span>
      {outcome !== "" && <StateBadge tone={toneOf(head.outcome)} text={outcome} />}
    </li>
  );
}

/** What an edit changed. */
function Changes({ event }: { event: HistoryEvent }) {
  const styles = useStyles();
  return event.changes.map((change) => (
    <Text key={change.field} size={200} className={styles.subtle}>
      {change.field.replaceAll("_", " ")}: {change.from === "" ? "nothing" : change.from} → {change.to === "" ? "nothing" : change.to}
    </Text>
  ));
}

/** Everybody who had a part in it, once: on whose behalf, and who signed in to Azure for it. */
function whoOf(entry: Entry): string {
  return [...new Set(entry.events.flatMap((event) => [event.who, event.person]).filter((who) => who !== ""))].join(", ");
}
