import {
  Breadcrumb,
  BreadcrumbDivider,
  BreadcrumbItem,
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  Spinner,
  Text,
  Title2,
  makeStyles,
  tokens,
  useRestoreFocusTarget,
} from "@fluentui/react-components";
import { useEffect, useRef, useState } from "react";
import { useLocation, useNavigate, useParams, useSearchParams } from "react-router";

import type { Account, Operation } from "../api/client";
import { explanationOf } from "../api/problem";
import { useAccount, useOperations, useRequest, useSessionEnded, type Request } from "../api/queries";
import { ProblemNotice } from "../frame/Notice";
import { PageLink } from "../frame/PageLink";
import { OperationWindow } from "../operation/OperationWindow";
import { awaitsHandOver, operationLabel, progressLabel } from "../text/states";
import { Credentials } from "./Credentials";
import { HandOver } from "./HandOver";
import { InfoWindow } from "./InfoWindow";
import { AccountLinks } from "./AccountLinks";
import { Logon } from "./Logon";
import { Operations } from "./Operations";
import { Permissions } from "./Permissions";
import { RemoveWindow } from "./RemoveWindow";
import { Standing } from "./Standing";
import { Steward } from "./Steward";
import { UsedBy } from "./UsedBy";
import { actionOf } from "./action";

// Clicks closer than this, in milliseconds, are one.
const doubleClick = 700;

const useStyles = makeStyles({
  stack: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
  head: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXS, minWidth: 0, overflowWrap: "anywhere" },
  titleRow: {
    display: "flex",
    flexWrap: "wrap",
    justifyContent: "space-between",
    alignItems: "center",
    gap: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalL}`,
  },
  subtle: { color: tokens.colorNeutralForeground2 },
  here: { overflowWrap: "anywhere", minWidth: 0, whiteSpace: "normal" },
  columns: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 3fr) minmax(0, 2fr)",
    gap: tokens.spacingHorizontalL,
    alignItems: "start",
    "@media (max-width: 900px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
});

/** One service account: its logon, its credentials, and what is done to it. */
export function AccountPage() {
  const { account: ref = "" } = useParams();
  const account = useAccount(ref);
  useEffect(() => {
    document.title = `${ref} – Evercred`;
  }, [ref]);
  if (!account.data) {
    if (account.error)
      return <ProblemNotice problem={explanationOf(account.error)} actions={<PageLink to="/">To the accounts</PageLink>} />;
    if (account.failureCount > 0) return <ProblemNotice intent="warning" problem={explanationOf(account.failureReason)} />;
    return <Spinner label="Reading the account…" />;
  }
  return <Loaded key={account.data.id} account={account.data} stale={account.failureCount > 0 ? account.failureReason : null} />;
}

function Loaded({ account, stale }: { account: Account; stale: Error | null }) {
  const styles = useStyles();
  const [search, setSearch] = useSearchParams();
  const { hash } = useLocation();
  const navigate = useNavigate();
  const request = useRequest(account);
  const [removing, setRemoving] = useState(false);
  const [info, setInfo] = useState(false);
  const open = search.get("operation");
  const show = (id: string) => setSearch({ operation: id });
  const lastAsked = useRef(0);
  const close = () => {
    lastAsked.current = 0; // what is clicked after the window is closed is meant
    setSearch({}, { replace: true });
  };
  const ended = useSessionEnded();
  const operations = useOperations(account.id);
  const restoresFocus = useRestoreFocusTarget();
  const ask = (what: Request, begun?: (operation: Operation) => void) => {
    // The second click of a double click comes after the answer to the first, when the server is quick.
    if (request.isPending || Date.now() - lastAsked.current < doubleClick) return;
    lastAsked.current = Date.now();
    request.mutate(what, {
      onSuccess: (operation) => {
        begun?.(operation);
        show(operation.id);
      },
    });
  };
  useEffect(() => {
    if (hash === "#hand-over") document.getElementById("hand-over")?.scrollIntoView();
  }, [hash]);
  const next = (operation: Operation) => {
    const again = operation.id === operations.data?.[0]?.id ? retryOf(operation, account) : null;
    if (again) return { label: "Try again", go: () => ask(again) };
    if (operation.state !== "done" || operation.kind === "check" || !awaitsHandOver(account)) return null;
    return {
      label: "Hand over the new credential",
      go: () => {
        close();
        // The window gives the focus back as it goes; the card is shown and focused after that.
        setTimeout(() => {
          const card = document.getElementById("hand-over");
          card?.scrollIntoView({ block: "center" });
          card?.focus();
        }, 300);
      },
    };
  };
  const again = (operation: Operation) => {
    const request = retryOf(operation, account);
    return request && "signIn" in request ? (signIn: string) => ask({ ...request, signIn }) : null;
  };
  return (
    <div className={styles.stack}>
      <div className={styles.head}>
        <Breadcrumb aria-label="Where you are" className={styles.here}>
          <BreadcrumbItem>
            <PageLink to="/">Service accounts</PageLink>
          </BreadcrumbItem>
          <BreadcrumbDivider />
          <BreadcrumbItem className={styles.here}>{account.name}</BreadcrumbItem>
        </Breadcrumb>
        <div className={styles.titleRow}>
          <Title2 as="h1">{account.name}</Title2>
          <AccountLinks account={account} onRemove={() => setRemoving(true)} onInfo={() => setInfo(true)} />
        </div>
        {account.description !== "" && <Text className={styles.subtle}>{account.description}</Text>}
      </div>
      {stale && <ProblemNotice intent="warning" problem={explanationOf(stale)} />}
      {account.operation && open === null && (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>
            {operationLabel(account.operation.kind)}: {progressLabel(account.operation.state).text.toLowerCase()}.
          </MessageBarBody>
          <MessageBarActions>
            <Button {...restoresFocus} onClick={() => account.operation && show(account.operation.id)}>
              Open
            </Button>
          </MessageBarActions>
        </MessageBar>
      )}
      <Standing
        account={account}
        busy={request.isPending}
        onCheck={(signIn) => ask({ do: "check", signIn })}
        onReconcile={() => ask({ do: "reconcile" })}
      />
      {request.error && request.variables.do !== "connect" && <ProblemNotice problem={explanationOf(request.error)} />}
      <div className={styles.columns}>
        <div className={styles.stack}>
          <Logon
            account={account}
            busy={request.isPending}
            ask={ask}
            refused={request.error && request.variables.do === "connect" ? explanationOf(request.error) : null}
            forget={request.reset}
          />
          <Permissions account={account} />
        </div>
        <div className={styles.stack}>
          <HandOver account={account} />
          <Credentials account={account} busy={request.isPending} onRollback={() => ask({ do: "rollback" })} />
          <UsedBy account={account} />
          <Steward account={account} />
          <Operations account={account} onOpen={show} />
        </div>
      </div>
      {info && <InfoWindow account={account.id} onClose={() => setInfo(false)} />}
      {removing && (
        <RemoveWindow
          account={account}
          onClose={() => setRemoving(false)}
          // The account is gone when the removal has ended: its window stands over the list.
          onBegun={(operation) => void navigate(`/?operation=${encodeURIComponent(operation.id)}`)}
        />
      )}
      {open && !ended && <OperationWindow key={open} id={open} of={account.id} onClose={close} next={next} again={again} />}
    </div>
  );
}

/** How to ask again for what failed; null where it is not offered, or has to be asked in another way. */
function retryOf(operation: Operation, account: Account): Request | null {
  if (operation.state !== "failed") return null;
  switch (operation.kind) {
    case "renew":
    case "recreate":
    case "reconcile":
      return actionOf(account, operation.kind).offered ? { do: operation.kind, signIn: "" } : null;
    case "rollback":
      return actionOf(account, operation.kind).offered ? { do: operation.kind } : null;
    case "check":
      return { do: "check", signIn: operation.sign_in !== null };
    default:
      return null;
  }
}
