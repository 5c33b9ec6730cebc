import { Button, Card, Spinner, Text, Title2, makeStyles, tokens } from "@fluentui/react-components";
import { useEffect } from "react";
import { useSearchParams } from "react-router";

import { explanationOf } from "../api/problem";
import { useAccounts, useSessionEnded } from "../api/queries";
import { ProblemNotice } from "../frame/Notice";
import { OperationWindow } from "../operation/OperationWindow";
import { stateLabel, type Tone } from "../text/states";
import type { Account } from "../api/client";
import { AccountsTable } from "./AccountsTable";

const useStyles = makeStyles({
  head: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "baseline",
    gap: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalL}`,
    marginBottom: tokens.spacingVerticalL,
  },
  tally: { color: tokens.colorNeutralForeground2 },
  stack: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
  empty: { alignItems: "flex-start", padding: tokens.spacingHorizontalXXL, gap: tokens.spacingVerticalM },
  code: { fontFamily: tokens.fontFamilyMonospace, overflowWrap: "anywhere" },
});

/** The list of all service accounts: what authenticates each, until when, and what to do about it. */
export function AccountsPage() {
  const styles = useStyles();
  const accounts = useAccounts();
  const ended = useSessionEnded();
  const [search, setSearch] = useSearchParams();
  const operation = search.get("operation");
  useEffect(() => {
    document.title = "Service accounts – Evercred";
  }, []);
  return (
    <>
      <div className={styles.head}>
        <Title2 as="h1">Service accounts</Title2>
        {accounts.data && accounts.data.length > 0 && (
          <Text className={styles.tally} role="status">
            {tally(accounts.data)}
          </Text>
        )}
      </div>
      <div className={styles.stack}>
        {accounts.isPending &&
          (accounts.failureCount > 0 ? (
            <ProblemNotice problem={explanationOf(accounts.failureReason)} />
          ) : (
            <Spinner label="Reading the accounts…" />
          ))}
        {accounts.error && (
          <ProblemNotice
            problem={explanationOf(accounts.error)}
            actions={<Button onClick={() => void accounts.refetch()}>Try again</Button>}
          />
        )}
        {accounts.data && accounts.failureCount > 0 && <ProblemNotice intent="warning" problem={explanationOf(accounts.failureReason)} />}
        {accounts.data && accounts.data.length > 0 && <AccountsTable accounts={accounts.data} />}
        {accounts.data?.length === 0 && (
          <Card className={styles.empty}>
            <Text weight="semibold" size={400} as="h2">
              There are no service accounts yet
            </Text>
            <Text>
              A service account is what backup or automation software uses to reach Microsoft Azure: a Microsoft Entra application and its
              secret or certificate. Add the first one on the command line; it then appears here.
            </Text>
            <code className={styles.code}>evercred account add NAME --application-id ID --tenant-id ID --secret-file FILE</code>
            <code className={styles.code}>evercred account add NAME --auto --subscription ID</code>
          </Card>
        )}
      </div>
      {operation && !ended && <OperationWindow id={operation} onClose={() => setSearch({}, { replace: true })} />}
    </>
  );
}

const order: readonly (readonly [Tone, string])[] = [
  ["bad", "broken"],
  ["warning", "to look at"],
  ["neutral", "not checked"],
  ["good", "well"],
];

function tally(accounts: readonly Account[]): string {
  return order
    .map(([tone, word]) => [accounts.filter((a) => stateLabel(a.state).tone === tone).length, word] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(" · ");
}
