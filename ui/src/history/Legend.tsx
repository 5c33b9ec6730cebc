import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";

const useStyles = makeStyles({
  list: {
    display: "flex",
    flexWrap: "wrap",
    gap: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalL}`,
    margin: 0,
    padding: 0,
    listStyleType: "none",
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
  },
  item: { display: "inline-flex", alignItems: "center", gap: tokens.spacingHorizontalXS },
  swatch: { width: "18px", height: "10px", borderRadius: "2px", boxSizing: "border-box", forcedColorAdjust: "none" },
  next: { backgroundColor: tokens.colorNeutralBackground5, border: `1px solid ${tokens.colorNeutralStroke1}` },
  current: { backgroundColor: tokens.colorStatusSuccessBackground3 },
  ahead: { backgroundColor: tokens.colorStatusSuccessBackground1, border: `1px dashed ${tokens.colorStatusSuccessBorder1}` },
  retiring: { backgroundColor: tokens.colorStatusWarningBackground2, border: `1px solid ${tokens.colorStatusWarningBorder2}` },
  over: { backgroundColor: tokens.colorStatusDangerBackground1, border: `1px solid ${tokens.colorStatusDangerBorder1}` },
  shape: { display: "block" },
  good: { fill: tokens.colorStatusSuccessBackground3 },
  warning: { fill: tokens.colorStatusWarningBackground3 },
  bad: { fill: tokens.colorStatusDangerBackground3 },
});

const phases = [
  ["next", "added, not yet in use"],
  ["current", "in use"],
  ["ahead", "what is left of its life"],
  ["retiring", "kept until the software has the new one"],
  ["over", "past its end"],
] as const;

/** What the colours and shapes of the picture stand for. */
export function Legend() {
  const styles = useStyles();
  return (
    <ul className={styles.list} aria-label="What the picture shows">
      {phases.map(([phase, text]) => (
        <li key={phase} className={styles.item}>
          <span className={mergeClasses(styles.swatch, styles[phase])} aria-hidden />
          {text}
        </li>
      ))}
      <li className={styles.item}>
        <svg width="12" height="12" className={styles.shape} aria-hidden>
          <circle cx="6" cy="6" r="5" className={styles.good} />
        </svg>
        went well
      </li>
      <li className={styles.item}>
        <svg width="12" height="12" className={styles.shape} aria-hidden>
          <path d="M6 1 L11.5 11 L0.5 11 Z" className={styles.warning} />
        </svg>
        to look at
      </li>
      <li className={styles.item}>
        <svg width="12" height="12" className={styles.shape} aria-hidden>
          <rect x="2" y="2" width="8" height="8" transform="rotate(45 6 6)" className={styles.bad} />
        </svg>
        failed
      </li>
    </ul>
  );
}
