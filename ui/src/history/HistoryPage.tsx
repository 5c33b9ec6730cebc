import {
  Breadcrumb,
  BreadcrumbDivider,
  BreadcrumbItem,
  Button,
  Card,
  Spinner,
  Subtitle1,
  Tab,
  TabList,
  Text,
  Title2,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { useEffect, useMemo, useState } from "react";
import { useParams, useSearchParams } from "react-router";

import type { Account } from "../api/client";
import { explanationOf } from "../api/problem";
import { useAccount, useSessionEnded } from "../api/queries";
import { ProblemNotice } from "../frame/Notice";
import { PageLink } from "../frame/PageLink";
import { OperationWindow } from "../operation/OperationWindow";
import { Legend } from "./Legend";
import { CredentialTable } from "./CredentialTable";
import { EntryList } from "./EntryList";
import { Picture, type Lane } from "./Picture";
import { entriesOf, useHistory, type Entry } from "./events";
import { barsOf, spanOf, spans, type SpanName } from "./timeline";

const drawn = 8; // more bars than that are no picture

const useStyles = makeStyles({
  stack: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
  head: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXS, minWidth: 0, overflowWrap: "anywhere" },
  here: { overflowWrap: "anywhere", minWidth: 0, whiteSpace: "normal" },
  subtle: { color: tokens.colorNeutralForeground2 },
  card: {
    padding: tokens.spacingHorizontalXL,
    gap: tokens.spacingVerticalM,
    "@media (max-width: 480px)": { padding: tokens.spacingHorizontalM },
  },
  bar: { display: "flex", flexWrap: "wrap", justifyContent: "space-between", alignItems: "center", gap: tokens.spacingHorizontalM },
});

const spanNames: Record<SpanName, string> = { week: "Week", quarter: "3 months", year: "Year", all: "Everything" };

/** The history of an account: its credentials and what was done as a picture, and every event below it. */
export function HistoryPage() {
  const { account: ref = "" } = useParams();
  const account = useAccount(ref);
  useEffect(() => {
    document.title = `History of ${ref} – Evercred`;
  }, [ref]);
  if (!account.data) {
    if (account.error)
      return <ProblemNotice problem={explanationOf(account.error)} actions={<PageLink to="/">To the accounts</PageLink>} />;
    if (account.failureCount > 0) return <ProblemNotice intent="warning" problem={explanationOf(account.failureReason)} />;
    return <Spinner label="Reading the account…" />;
  }
  return <Loaded key={account.data.id} account={account.data} />;
}

function Loaded({ account }: { account: Account }) {
  const styles = useStyles();
  const ended = useSessionEnded();
  const [search, setSearch] = useSearchParams();
  const operation = search.get("operation");
  const history = useHistory(account.id);
  const [span, setSpan] = useState<SpanName>("all");
  const [view, setView] = useState<"picture" | "table">("picture");
  const [chosen, setChosen] = useState<readonly Entry[]>([]);
  const events = useMemo(() => history.data?.pages.flatMap((page) => page.events) ?? [], [history.data]);
  const entries = useMemo(() => entriesOf(events), [events]);
  const bars = useMemo(() => barsOf(account.credentials, events, account.as_of), [account.credentials, account.as_of, events]);
  const lanes = useMemo<Lane[]>(() => lanesOf(entries), [entries]);
  const open = (id: string) => setSearch({ operation: id });
  return (
    <div className={styles.stack}>
      <div className={styles.head}>
        <Breadcrumb aria-label="Where you are" className={styles.here}>
          <BreadcrumbItem>
            <PageLink to="/">Service accounts</PageLink>
          </BreadcrumbItem>
          <BreadcrumbDivider />
          <BreadcrumbItem className={styles.here}>
            <PageLink to={`/accounts/${encodeURIComponent(account.name)}`}>{account.name}</PageLink>
          </BreadcrumbItem>
          <BreadcrumbDivider />
          <BreadcrumbItem>History</BreadcrumbItem>
        </Breadcrumb>
        <Title2 as="h1">History of {account.name}</Title2>
      </div>
      {history.error && (
        <ProblemNotice problem={explanationOf(history.error)} actions={<Button onClick={() => void history.refetch()}>Try again</Button>} />
      )}
      <Card className={styles.card} role="region" aria-label="Credentials over time">
        <div className={styles.bar}>
          <TabList size="small" selectedValue={view} onTabSelect={(_event, data) => setView(data.value as typeof view)} aria-label="View">
            <Tab value="picture">Picture</Tab>
            <Tab value="table">Table</Tab>
          </TabList>
          {view === "picture" && (
            <TabList
              size="small"
              appearance="subtle"
              selectedValue={span}
              onTabSelect={(_event, data) => setSpan(data.value as SpanName)}
              aria-label="Stretch of time"
            >
              {spans.map((name) => (
                <Tab key={name} value={name}>
                  {spanNames[name]}
                </Tab>
              ))}
            </TabList>
          )}
        </div>
        {view === "table" ? (
          <CredentialTable bars={bars} />
        ) : (
          <>
            <Picture
              bars={bars.slice(0, drawn)}
              lanes={lanes}
              span={spanOf(span, bars.slice(0, drawn), events, account.as_of)}
              now={account.as_of}
              chosen={chosen.map((entry) => entry.id)}
              onChoose={setChosen}
            />
            <Legend />
            {bars.length > drawn && (
              <Text size={200} className={styles.subtle}>
                The {drawn} latest of {bars.length} credentials are drawn; the table has all.
              </Text>
            )}
          </>
        )}
        {view === "picture" && chosen.length > 0 && (
          <section aria-label="Chosen in the picture" aria-live="polite">
            <EntryList entries={chosen} onOpen={open} wide={chosen.length === 1} />
            <Button size="small" onClick={() => setChosen([])}>
              Close
            </Button>
          </section>
        )}
      </Card>
      <Card className={styles.card} role="region" aria-label="Events">
        <Subtitle1 as="h2">Events</Subtitle1>
        {history.isPending && (
          <Spinner label={history.failureCount > 0 ? "The server does not answer. Trying again…" : "Reading the history…"} />
        )}
        {history.data && entries.length === 0 && <Text className={styles.subtle}>Nothing has been done yet.</Text>}
        <EntryList entries={entries} onOpen={open} byDay />
        {history.hasNextPage && (
          <div>
            <Button disabledFocusable={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
              {history.isFetchingNextPage ? "Reading…" : "Show older"}
            </Button>
          </div>
        )}
      </Card>
      {operation && !ended && <OperationWindow id={operation} of={account.id} onClose={() => setSearch({}, { replace: true })} />}
    </div>
  );
}

/** What goes on which line. A check that belongs to an operation is told with that. */
function lanesOf(entries: readonly Entry[]): Lane[] {
  const checks = entries.filter((entry) => entry.head.kind === "check");
  const others = entries.filter((entry) => entry.head.kind !== "check");
  const operations = others.filter((entry) => entry.operation !== "");
  return [
    { title: "Operations", entries: operations },
    { title: "Checks", entries: checks },
    { title: "Hand-over and changes", entries: others.filter((entry) => entry.operation === "") },
  ].filter((lane) => lane.entries.length > 0);
}
