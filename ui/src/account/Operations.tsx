import { Link, Text, makeStyles, tokens, useRestoreFocusTarget } from "@fluentui/react-components";

import type { Account } from "../api/client";
import { explanationOf } from "../api/problem";
import { useOperations } from "../api/queries";
import { ProblemNotice } from "../frame/Notice";
import { PageLink } from "../frame/PageLink";
import { StateBadge } from "../frame/StateBadge";
import { operationLabel, progressLabel } from "../text/states";
import { moment } from "../text/time";
import { Section } from "./Section";

const shown = 8;

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0, display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  item: { display: "flex", flexWrap: "wrap", justifyContent: "space-between", alignItems: "center", gap: tokens.spacingHorizontalS },
  subtle: { color: tokens.colorNeutralForeground2 },
});

/** The latest operations on the account; each opens its window again. */
export function Operations({ account, onOpen }: { account: Account; onOpen: (id: string) => void }) {
  const styles = useStyles();
  const restoresFocus = useRestoreFocusTarget();
  const operations = useOperations(account.id);
  const latest = (operations.data ?? []).slice(0, shown);
  return (
    <Section title="Operations">
      {operations.error && <ProblemNotice problem={explanationOf(operations.error)} />}
      {operations.data?.length === 0 && <Text className={styles.subtle}>Nothing has been done yet.</Text>}
      <ul className={styles.list}>
        {latest.map((operation) => {
          const state = progressLabel(operation.state);
          return (
            <li key={operation.id} className={styles.item}>
              <span>
                <Link as="button" inline {...restoresFocus} onClick={() => onOpen(operation.id)}>
                  {operationLabel(operation.kind)}
                </Link>
                <Text size={200} block className={styles.subtle}>
                  {moment(operation.created_at)}
                  {operation.sign_in && operation.sign_in.person !== "" && `, ${operation.sign_in.person}`}
                </Text>
              </span>
              <StateBadge tone={state.tone} text={state.text} />
            </li>
          );
        })}
      </ul>
      <div>
        <PageLink to={`/accounts/${encodeURIComponent(account.name)}/history`}>The whole history</PageLink>
      </div>
    </Section>
  );
}
