import { Text, makeStyles, tokens } from "@fluentui/react-components";

import type { Explanation } from "../api/problem";
import { CopyButton } from "../frame/Copy";
import { ProblemNotice } from "../frame/Notice";
import { useStepStyles } from "./styles";
import { asText, type Line } from "./summary";

// A scope of hundreds is listed so far; the copy has all.
const listed = 12;

const useStyles = makeStyles({
  lines: {
    margin: 0,
    display: "grid",
    gridTemplateColumns: "max-content minmax(0, 1fr)",
    gap: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalXL}`,
    "@media (max-width: 520px)": { gridTemplateColumns: "minmax(0, 1fr)", rowGap: "2px" },
  },
  term: { color: tokens.colorNeutralForeground2 },
  value: {
    margin: 0,
    overflowWrap: "anywhere",
    whiteSpace: "pre-line",
    "@media (max-width: 520px)": { marginBottom: tokens.spacingVerticalS },
  },
});

/** Terms and their values. */
export function Lines({ lines, label }: { lines: readonly Line[]; label: string }) {
  const styles = useStyles();
  return (
    <dl className={styles.lines} aria-label={label}>
      {lines.map(({ term, value }) => (
        <Pair key={term} term={term} value={value} />
      ))}
    </dl>
  );
}

function Pair({ term, value }: Line) {
  const styles = useStyles();
  const rows = value.split("\n");
  const rest = rows.length - listed;
  return (
    <>
      <dt className={styles.term}>{term}</dt>
      <dd className={styles.value}>{rest > 1 ? [...rows.slice(0, listed), `and ${rest} more`].join("\n") : value}</dd>
    </>
  );
}

interface Props {
  lines: readonly Line[];
  /** What the button will do, in order. */
  doing: readonly string[];
  /** Why it was refused; null: it was not. */
  problem: Explanation | null;
}

/** All that was chosen, and what happens next. */
export function SummaryStep({ lines, doing, problem }: Props) {
  const step = useStepStyles();
  return (
    <div className={step.stack}>
      {problem && <ProblemNotice problem={problem} />}
      <Lines lines={lines} label="Summary" />
      <div>
        <CopyButton text={asText("Service account of Evercred", lines)} label="Copy to Clipboard" />
      </div>
      <div className={step.tight}>
        <Text weight="semibold">What happens when you choose Create</Text>
        <ol style={{ margin: 0 }}>
          {doing.map((what) => (
            <li key={what}>{what}</li>
          ))}
        </ol>
        <Text className={step.subtle}>
          It is one operation, which goes on at the server if you close this page. If a step fails, what was made is taken back.
        </Text>
      </div>
    </div>
  );
}
