import { ToggleButton, makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled, ErrorCircleFilled, QuestionCircleRegular, WarningFilled } from "@fluentui/react-icons";

import { stateLabel, worstFirst } from "../text/states";
import type { AccountList } from "./list";

const useStyles = makeStyles({
  row: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalXS },
  chip: { fontWeight: tokens.fontWeightRegular, minWidth: 0 },
  count: { marginLeft: tokens.spacingHorizontalXS, fontWeight: tokens.fontWeightSemibold, fontVariantNumeric: "tabular-nums" },
  good: { color: tokens.colorStatusSuccessForeground1 },
  neutral: { color: tokens.colorNeutralForeground2 },
  warning: { color: tokens.colorStatusWarningForeground3 },
  bad: { color: tokens.colorStatusDangerForeground1 },
});

const icons = { good: CheckmarkCircleFilled, neutral: QuestionCircleRegular, warning: WarningFilled, bad: ErrorCircleFilled };

interface Props {
  states: AccountList["states"];
  chosen: readonly string[];
  onChange: (states: string[]) => void;
}

/** How many accounts are in which state, worst first. Each is a filter. */
export function StateFilter({ states, chosen, onChange }: Props) {
  const styles = useStyles();
  const counts = new Map<string, number>(states.filter((s) => s.count > 0).map((s) => [s.state, s.count]));
  for (const state of chosen) if (!counts.has(state)) counts.set(state, 0); // what is filtered by can be taken out again
  const sorted = [...counts].sort(([a], [b]) => worstFirst(stateLabel(a), stateLabel(b)));
  return (
    <div className={styles.row} role="group" aria-label="Filter by state">
      {sorted.map(([state, count]) => {
        const label = stateLabel(state);
        const Icon = icons[label.tone];
        const on = chosen.includes(state);
        return (
          <ToggleButton
            key={state}
            size="small"
            shape="circular"
            className={styles.chip}
            checked={on}
            icon={<Icon className={styles[label.tone]} />}
            onClick={() => onChange(on ? chosen.filter((s) => s !== state) : [...chosen, state])}
          >
            {label.text}
            <span className={styles.count}>{count.toLocaleString("en")}</span>
          </ToggleButton>
        );
      })}
    </div>
  );
}
