import { Button, MessageBar, MessageBarBody, ProgressBar, Spinner, Text, makeStyles, tokens } from "@fluentui/react-components";
import { useEffect, useState, type ReactNode } from "react";

import { idempotencyKey } from "../api/ask";
import { explanationOf } from "../api/problem";
import { useSessionEnded } from "../api/queries";
import { ProblemNotice } from "../frame/Notice";
import { Window } from "../frame/Window";
import { accountsText } from "../text/count";
import { stateLabel } from "../text/states";
import { BulkProgress } from "./BulkProgress";
import { BulkSignIn } from "./BulkSignIn";
import {
  sumOf,
  tenantOf,
  useBulk,
  useStartBulk,
  useStopBulk,
  type Asked,
  type BulkAction,
  type BulkJob,
  type BulkRequest,
  type BulkSum,
} from "./bulk";

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
});

interface AskProps {
  action: BulkAction;
  count: number;
  body: BulkRequest;
  onBegun: (answer: BulkJob) => void;
  onClose: () => void;
}

/** Says what is about to be done with many accounts, and begins it. */
export function BulkQuestion({ action, count, body, onBegun, onClose }: AskProps) {
  const start = useStartBulk();
  // One key for the window: a second click, or a second try after a lost answer, begins nothing twice.
  const [key] = useState(idempotencyKey);
  const begin = () => {
    if (!start.isPending) start.mutate({ body, key }, { onSuccess: onBegun });
  };
  return (
    <BulkFrame
      title={action === "renew" ? `Renew ${accountsText(count)}` : `Check ${accountsText(count)}`}
      onClose={onClose}
      actions={
        <>
          <Button
            appearance="primary"
            disabledFocusable={start.isPending}
            icon={start.isPending ? <Spinner size="tiny" /> : undefined}
            onClick={begin}
          >
            {start.error ? "Try again" : action === "renew" ? "Renew" : "Check"}
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </>
      }
    >
      {action === "renew" ? (
        <Text>
          Each gets a new credential of the kind it has, which is proven before it is used. The old one keeps working until the software has
          the new one. Accounts that can renew themselves begin at once; for the others somebody signs in, once for each tenant.
        </Text>
      ) : (
        <Text>Each signs in with its own credential, and its permissions are looked at. Nothing is changed.</Text>
      )}
      {start.error && <ProblemNotice problem={explanationOf(start.error)} />}
    </BulkFrame>
  );
}

interface Props {
  /** What was asked for from this page. */
  asked: readonly Asked[];
  onAsked: (asked: Asked) => void;
  /** The sign-ins that were begun, by tenant. */
  signIns: Readonly<Record<string, string>>;
  onSignIn: (tenant: string, id: string) => void;
  /** Of what is under way, from the address. */
  ids: readonly string[];
  onClose: () => void;
}

/** What was begun on many accounts: the sign-ins it waits for, and how far each account is. It has an address, and survives a reload. */
export function BulkWindow({ asked, onAsked, signIns, onSignIn, ids, onClose }: Props) {
  const answers = useBulk(ids);
  const jobs = answers.flatMap((answer) => (answer.data ? [answer.data] : []));
  const error = answers.find((answer) => answer.error !== null)?.error ?? null;
  const away = answers.find((answer) => answer.failureCount > 0)?.failureReason ?? null;
  const stop = useStopBulk();
  const sum = sumOf(asked, jobs);
  const action = asked[0]?.answer.action ?? jobs[0]?.action ?? "check";
  const read = asked.length > 0 || jobs.length > 0;
  const over = read && sum.open === 0 && sum.needed.length === 0;
  const ended = sum.done + sum.failed;
  useEffect(() => {
    if (read) document.title = `${ended} of ${sum.total} – Evercred`;
    return () => {
      document.title = "Service accounts – Evercred";
    };
  }, [read, ended, sum.total]);
  return (
    <BulkFrame
      title={read ? `${action === "renew" ? "Renewal" : "Check"} of ${accountsText(sum.total)}` : "Many accounts"}
      onClose={onClose}
      actions={
        <>
          <Button appearance={over ? "primary" : "secondary"} onClick={onClose}>
            {over ? "OK" : sum.open > 0 ? "Close; it goes on" : "Close for now"}
          </Button>
          {sum.waiting > 0 && (
            <Button disabledFocusable={stop.isPending} onClick={() => stop.mutate(ids)}>
              Give up the {sum.waiting.toLocaleString("en")} that wait
            </Button>
          )}
        </>
      }
    >
      {error && <ProblemNotice problem={explanationOf(error)} />}
      {!error && away && <ProblemNotice intent="warning" problem={explanationOf(away)} />}
      {stop.error && <ProblemNotice problem={explanationOf(stop.error)} />}
      {!read && !error && <Spinner label="Reading how far it is…" />}
      {read && (
        <>
          <Summary sum={sum} action={action} over={over} />
          {sum.needed.map((group) => (
            <BulkSignIn
              key={tenantOf(group)}
              group={group}
              signIn={signIns[tenantOf(group)] ?? ""}
              onSignIn={(id) => onSignIn(tenantOf(group), id)}
              onBegun={(answer) => onAsked({ answer, tenant: tenantOf(group) })}
            />
          ))}
          <BulkProgress sum={sum} />
        </>
      )}
    </BulkFrame>
  );
}

function Summary({ sum, action, over }: { sum: BulkSum; action: BulkAction; over: boolean }) {
  const styles = useStyles();
  const signIns = sum.needed.reduce((n, group) => n + group.accounts.length, 0);
  const bad = sum.failed + sum.refused + sum.interrupted + sum.cancelled;
  const part = (count: number, words: string) => (count > 0 ? [`${count.toLocaleString("en")} ${words}`] : []);
  const parts = [
    `${sum.done.toLocaleString("en")} of ${sum.total.toLocaleString("en")} done`,
    ...part(sum.open, "to go"),
    ...part(signIns, signIns === 1 ? "waits for a sign-in" : "wait for a sign-in"),
    ...part(sum.failed, "failed"),
    ...part(sum.interrupted, "interrupted, to be gone on with on the account’s page"),
    ...part(sum.refused, "not begun"),
    ...part(sum.cancelled, "given up"),
  ];
  return (
    <div className={styles.content}>
      {over ? (
        <MessageBar intent={bad > 0 ? "warning" : action === "renew" ? "success" : "info"} layout="multiline">
          <MessageBarBody>
            <span role="status">
              {parts.join(", ")}.{sum.found.length > 0 && ` Found: ${foundText(sum)}.`}
              {action === "renew" &&
                sum.done > 0 &&
                " Give the new credentials to the software that uses the accounts: the list shows which."}
            </span>
          </MessageBarBody>
        </MessageBar>
      ) : (
        <>
          <Text role="status">
            {parts.join(", ")}.{sum.found.length > 0 && ` Found: ${foundText(sum)}.`}
          </Text>
          <ProgressBar
            aria-label="Accounts that have ended"
            value={sum.done + sum.failed + sum.refused}
            max={Math.max(1, sum.total)}
            color={sum.failed > 0 ? "warning" : "brand"}
          />
        </>
      )}
    </div>
  );
}

/** How many accounts were found in which state: "1 expired, 4 valid". */
function foundText(sum: BulkSum): string {
  return sum.found.map(({ state, count }) => `${count.toLocaleString("en")} ${stateLabel(state).text.toLowerCase()}`).join(", ");
}

function BulkFrame(props: { title: string; children: ReactNode; actions: ReactNode; onClose: () => void }) {
  // While the session has ended it makes room for the window that asks to sign in again.
  return <Window width={760} open={!useSessionEnded()} {...props} />;
}
