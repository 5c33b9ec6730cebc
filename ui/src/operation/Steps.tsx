import { Spinner, Text, makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled, ErrorCircleFilled, SubtractCircleRegular } from "@fluentui/react-icons";

import type { Operation, Step } from "../api/client";
import { closed } from "../api/queries";
import { Remedy } from "../frame/Remedy";
import { clock, took } from "../text/time";

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0, display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  step: { display: "grid", gridTemplateColumns: "20px 1fr auto", gap: tokens.spacingHorizontalS, alignItems: "start" },
  icon: { display: "grid", placeItems: "center", height: "20px" },
  done: { color: tokens.colorStatusSuccessForeground1 },
  failed: { color: tokens.colorStatusDangerForeground1 },
  subtle: { color: tokens.colorNeutralForeground2 },
  text: { display: "flex", flexDirection: "column", minWidth: 0, overflowWrap: "anywhere" },
  time: { color: tokens.colorNeutralForeground2, fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" },
});

/** The journal of an operation: each step, what came of it, and how long it took. */
export function Steps({ operation }: { operation: Operation }) {
  const styles = useStyles();
  if (operation.steps.length === 0) return null;
  return (
    <ol className={styles.list} aria-label="Steps">
      {operation.steps.map((step, index) => (
        <li key={`${step.name}-${index}`} className={styles.step}>
          <span className={styles.icon}>
            <Icon step={step} over={closed(operation)} />
          </span>
          <span className={styles.text}>
            <Text>{step.title}</Text>
            {step.detail !== "" && (
              <Text size={200} className={styles.subtle}>
                <Remedy text={step.detail} />
              </Text>
            )}
          </span>
          <Text size={200} className={styles.time}>
            {clock(step.started_at)}
            {step.ended_at !== null && ` · ${took(step.started_at, step.ended_at)}`}
          </Text>
        </li>
      ))}
    </ol>
  );
}

function Icon({ step, over }: { step: Step; over: boolean }) {
  const styles = useStyles();
  switch (step.outcome) {
    case "done":
      return <CheckmarkCircleFilled className={styles.done} fontSize={18} aria-label="Done:" />;
    case "failed":
      return <ErrorCircleFilled className={styles.failed} fontSize={18} aria-label="Failed:" />;
    case "skipped":
      return <SubtractCircleRegular className={styles.subtle} fontSize={18} aria-label="Skipped:" />;
    default:
      if (over) return <SubtractCircleRegular className={styles.subtle} fontSize={18} aria-label="Not finished:" />;
      return <Spinner size="extra-tiny" aria-label="Under way:" />;
  }
}
