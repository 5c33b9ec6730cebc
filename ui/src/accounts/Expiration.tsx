import { Text, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";

import { Remedy } from "../frame/Remedy";
import { twoLines } from "../frame/clamp";
import { date, relative, remaining, urgencyOf, type Urgency } from "../text/time";
import type { AccountSummary } from "./list";

const useStyles = makeStyles({
  cell: { display: "flex", flexDirection: "column", gap: "2px", minWidth: "120px", maxWidth: "190px" },
  bar: {
    height: "4px",
    borderRadius: tokens.borderRadiusCircular,
    backgroundColor: tokens.colorNeutralBackground5,
    overflow: "hidden",
    forcedColorAdjust: "none",
  },
  fill: { height: "100%", borderRadius: tokens.borderRadiusCircular, minWidth: "3px" },
  ended: { color: tokens.colorStatusDangerForeground1 },
  urgent: { color: tokens.colorStatusDangerForeground1 },
  soon: { color: tokens.colorStatusWarningForeground3 },
  later: { color: tokens.colorNeutralForeground2 },
  reason: twoLines,
  unknown: { color: tokens.colorNeutralForeground2 },
  endedFill: { backgroundColor: tokens.colorStatusDangerBackground3 },
  urgentFill: { backgroundColor: tokens.colorStatusDangerBackground3 },
  soonFill: { backgroundColor: tokens.colorStatusWarningBackground3 },
  laterFill: { backgroundColor: tokens.colorStatusSuccessBackground3 },
});

const fills: Record<Exclude<Urgency, "unknown">, "endedFill" | "urgentFill" | "soonFill" | "laterFill"> = {
  ended: "endedFill",
  urgent: "urgentFill",
  soon: "soonFill",
  later: "laterFill",
};

interface Props {
  account: Pick<AccountSummary, "method" | "starts_at" | "expires_at" | "expires_reason">;
  now: string;
}

/** When the credential in use ends: date, distance, and how much of its life is left as a bar. */
export function Expiration({ account, now }: Props) {
  const styles = useStyles();
  if (account.method === "") return <Text>No credential</Text>;
  if (account.expires_at === null) {
    return (
      <div className={styles.cell}>
        <Text>Not known</Text>
        <Text size={200} className={mergeClasses(styles.unknown, styles.reason)}>
          <Remedy text={shortReason(account.expires_reason)} />
        </Text>
      </div>
    );
  }
  const urgency = urgencyOf(account.expires_at, now);
  const left = remaining(account.starts_at, account.expires_at, now);
  const fill = urgency === "unknown" ? "laterFill" : fills[urgency];
  return (
    <div className={styles.cell}>
      <Text wrap={false}>{date(account.expires_at)}</Text>
      <Text size={200} weight={urgency === "later" ? "regular" : "semibold"} className={styles[urgency]}>
        {urgency === "ended" ? "ended " : ""}
        {relative(account.expires_at, now)}
      </Text>
      {left !== null && (
        <div className={styles.bar} aria-hidden>
          <div className={mergeClasses(styles.fill, styles[fill])} style={{ width: `${(urgency === "ended" ? 1 : left) * 100}%` }} />
        </div>
      )}
    </div>
  );
}

/** The first sentence of a reason: the list has no room for the remedy, which stands on the account's page. */
function shortReason(reason: string): string {
  const end = reason.indexOf(". ");
  return end < 0 ? reason : reason.slice(0, end + 1);
}
