import { Button, Checkbox, Field, SearchBox, Select, Text, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { useMemo, useState, type KeyboardEvent } from "react";

import { StateBadge } from "../frame/StateBadge";
import type { Named } from "./draft";
import { selectable, shown, toggleAll, withChosen, type Choice, type Filter } from "./picker";
import { useStepStyles } from "./styles";

// Rows that are drawn at once; the rest comes on demand, and can be searched all the same.
const page = 100;

const useStyles = makeStyles({
  table: {
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    maxHeight: "420px",
    overflowY: "auto",
    // What is scrolled must be reachable: the checkboxes within are.
    listStyleType: "none",
    margin: 0,
    // The label of a checkbox is a pixel higher than its row: without room for it, the shortest list scrolls.
    padding: "0 0 2px",
  },
  row: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr) auto",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
    padding: `0 ${tokens.spacingHorizontalM} 0 0`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    ":last-child": { borderBottom: "none" },
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
    "@media (max-width: 520px)": { gridTemplateColumns: "minmax(0, 1fr)", paddingBottom: tokens.spacingVerticalS },
  },
  side: { "@media (max-width: 520px)": { paddingLeft: "40px" } },
  box: { width: "100%" },
  reason: { gridColumn: "1 / -1", padding: `0 0 ${tokens.spacingVerticalS} 40px` },
  head: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: tokens.spacingHorizontalM, minHeight: "32px" },
  search: { maxWidth: "none" },
  none: { padding: tokens.spacingHorizontalL },
});

interface Props {
  label: string;
  choices: readonly Choice[];
  chosen: readonly Named[];
  onChange: (chosen: Named[]) => void;
  /** Those on which roles may not be assigned cannot be chosen, and can be filtered. */
  rights: boolean;
}

/** Subscriptions to choose from: search, filter, select. */
export function Picker({ label, choices, chosen, onChange, rights }: Props) {
  const styles = useStyles();
  const step = useStepStyles();
  const [search, setSearch] = useState("");
  const [filter, setFilter] = useState<Filter>("all");
  const [limit, setLimit] = useState(page);
  const ids = useMemo(() => new Set(chosen.map((c) => c.id)), [chosen]);
  const all = useMemo(() => withChosen(choices, chosen), [choices, chosen]);
  const matches = useMemo(() => shown(all, search, filter, ids), [all, search, filter, ids]);
  const open = matches.filter(selectable);
  const on = open.filter((c) => ids.has(c.id)).length;
  const toggle = (choice: Choice, checked: boolean) =>
    onChange(checked ? [...chosen, { id: choice.id, name: choice.name }] : chosen.filter((c) => c.id !== choice.id));
  const stay = (event: KeyboardEvent) => event.key === "Enter" && event.preventDefault();
  return (
    <div className={step.tight} role="group" aria-label={label}>
      <div className={step.ends}>
        <Field className={step.grow} label="Search">
          <SearchBox
            className={styles.search}
            value={search}
            placeholder="Name or id"
            onChange={(_event, data) => {
              setSearch(data.value);
              setLimit(page);
            }}
            onKeyDown={stay}
          />
        </Field>
        <Field label="Show">
          <Select value={filter} onChange={(_event, data) => setFilter(data.value as Filter)}>
            <option value="all">All</option>
            <option value="chosen">Selected</option>
            {rights && <option value="may">May assign roles</option>}
            {rights && <option value="may_not">May not, or not known</option>}
          </Select>
        </Field>
      </div>
      <div className={styles.head}>
        <Checkbox
          label={search === "" && filter === "all" ? "Select all" : "Select all that are shown"}
          checked={on === 0 ? false : on === open.length ? true : "mixed"}
          disabled={open.length === 0}
          onChange={(_event, data) => onChange(toggleAll(chosen, matches, data.checked === true))}
        />
        <Text role="status" className={step.subtle}>
          {chosen.length} of {all.length} selected
          {matches.length !== all.length && `, ${matches.length} shown`}
        </Text>
      </div>
      {matches.length === 0 ? (
        <div className={mergeClasses(styles.table, styles.none)}>
          <Text>{all.length === 0 ? "There is none." : "Nothing matches."}</Text>
        </div>
      ) : (
        <ul className={styles.table} aria-label={label}>
          {matches.slice(0, limit).map((choice) => (
            <Row key={choice.id} choice={choice} checked={ids.has(choice.id)} onToggle={toggle} />
          ))}
        </ul>
      )}
      {matches.length > limit && (
        <div>
          <Button appearance="subtle" onClick={() => setLimit(limit + page)}>
            Show more ({matches.length - limit} are not shown)
          </Button>
        </div>
      )}
    </div>
  );
}

const rightsLooks = {
  yes: { tone: "good", text: "May assign roles" },
  no: { tone: "bad", text: "May not assign roles" },
  unknown: { tone: "neutral", text: "Not known" },
} as const;

function Row({ choice, checked, onToggle }: { choice: Choice; checked: boolean; onToggle: (choice: Choice, checked: boolean) => void }) {
  const styles = useStyles();
  const step = useStepStyles();
  const look = choice.may === null ? null : rightsLooks[choice.may];
  const off = choice.state !== "" && choice.state !== "Enabled";
  return (
    <li className={styles.row}>
      <Checkbox
        className={styles.box}
        checked={checked}
        disabled={!selectable(choice) && !checked}
        onChange={(_event, data) => onToggle(choice, data.checked === true)}
        label={
          <span className={step.option}>
            <Text>{choice.name === "" ? choice.id : choice.name}</Text>
            {choice.name !== "" && (
              <Text size={200} className={mergeClasses(step.subtle, step.mono)}>
                {choice.id}
              </Text>
            )}
          </span>
        }
      />
      {(look !== null || off) && (
        <span className={mergeClasses(step.row, styles.side)}>
          {off && <StateBadge tone="warning" text={choice.state} />}
          {look && <StateBadge tone={look.tone} text={look.text} />}
        </span>
      )}
      {choice.reason !== "" && (
        <Text size={200} className={mergeClasses(step.subtle, styles.reason)}>
          {choice.reason}
        </Text>
      )}
    </li>
  );
}
