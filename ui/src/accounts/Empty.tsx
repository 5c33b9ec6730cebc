import { Button, Card, Text, makeStyles, tokens } from "@fluentui/react-components";

import { AddLink } from "./Toolbar";
import type { ListQuery } from "./query";

const rows = 6;

const useStyles = makeStyles({
  card: { alignItems: "flex-start", padding: tokens.spacingHorizontalXXL, gap: tokens.spacingVerticalM },
  code: { fontFamily: tokens.fontFamilyMonospace, overflowWrap: "anywhere" },
  blank: {
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  row: {
    display: "grid",
    gridTemplateColumns: "2fr 1fr 1fr 1fr",
    gap: tokens.spacingHorizontalXXL,
    padding: `${tokens.spacingVerticalL} ${tokens.spacingHorizontalXXL}`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  bar: { height: "14px", borderRadius: tokens.borderRadiusMedium, backgroundColor: tokens.colorNeutralBackground5 },
  hidden: { position: "absolute", width: "1px", height: "1px", overflow: "hidden", clipPath: "inset(50%)" },
});

/** The shape of a list that is being read. */
export function Blank() {
  const styles = useStyles();
  return (
    <div className={styles.blank} role="status">
      <span className={styles.hidden}>Reading the accounts…</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={styles.row} aria-hidden>
          {[0, 1, 2, 3].map((bar) => (
            <div key={bar} className={styles.bar} />
          ))}
        </div>
      ))}
    </div>
  );
}

/** There is no account at all: how to begin. */
export function NoAccounts() {
  const styles = useStyles();
  return (
    <Card className={styles.card}>
      <Text weight="semibold" size={400} as="h2">
        There are no service accounts yet
      </Text>
      <Text>
        A service account is what backup or automation software uses to reach Microsoft Azure: a Microsoft Entra application and its secret
        or certificate. Evercred makes one for you, or takes care of one that is there.
      </Text>
      <AddLink />
      <Text size={200}>
        The same on the command line: <code className={styles.code}>evercred account add NAME --auto --subscription ID</code>
      </Text>
    </Card>
  );
}

/** Nothing matches. */
export function NothingFound({ query, onClear }: { query: ListQuery; onClear: (() => void) | null }) {
  const styles = useStyles();
  const search = query.search.trim();
  return (
    <Card className={styles.card}>
      <Text weight="semibold" size={400} as="h2">
        No account matches
      </Text>
      <Text>
        {search === ""
          ? "The filters leave none."
          : `Nothing has “${search}” in its name, description, ids, subscriptions or what uses it${query.states.length > 0 ? ", in the chosen states" : ""}.`}
      </Text>
      {onClear && <Button onClick={onClear}>Show all accounts</Button>}
    </Card>
  );
}
