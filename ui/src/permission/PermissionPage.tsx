import {
  Breadcrumb,
  BreadcrumbDivider,
  BreadcrumbItem,
  Button,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  MessageBar,
  MessageBarBody,
  Spinner,
  Text,
  Title2,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { ArrowDownloadRegular, ArrowSyncRegular, ShieldAddRegular } from "@fluentui/react-icons";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useParams, useSearchParams } from "react-router";

import { actionOf } from "../account/action";
import { save } from "../account/save";
import type { Account } from "../api/client";
import { exportRole, usePermissions, useProfiles } from "../api/permissions";
import { explanationOf, type Explanation } from "../api/problem";
import { noteSessionEnd, useAccount, useRequest, useSessionEnded } from "../api/queries";
import { ProblemNotice } from "../frame/Notice";
import { PageLink } from "../frame/PageLink";
import { Remedy } from "../frame/Remedy";
import { OperationWindow } from "../operation/OperationWindow";
import { moment, relative } from "../text/time";
import { profileTitle } from "../wizard/summary";
import { Filters } from "./Filters";
import { GrantWindow } from "./GrantWindow";
import { PermissionTable } from "./PermissionTable";
import { matching, scopesOf, tally, worstFirst, type ResultFilter } from "./rows";

const useStyles = makeStyles({
  stack: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
  head: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXS, minWidth: 0, overflowWrap: "anywhere" },
  card: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalL,
    padding: tokens.spacingHorizontalXL,
    borderRadius: tokens.borderRadiusLarge,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground1,
    "@media (max-width: 480px)": { padding: tokens.spacingHorizontalM },
  },
  bar: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  above: { position: "relative", zIndex: 1 },
  subtle: { color: tokens.colorNeutralForeground2 },
});

/** Permission check: what the account holds of what its purposes need, scope by scope. */
export function PermissionPage() {
  const { account: ref = "" } = useParams();
  const account = useAccount(ref);
  useEffect(() => {
    document.title = `Permission check of ${ref} – Evercred`;
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
  const ended = useSessionEnded();
  const permissions = usePermissions(account.id, account.version);
  const request = useRequest(account);
  // Where it was missing when the window was opened: what is granted meanwhile must not change what the window is about.
  const [granting, setGranting] = useState<readonly { scope: string; title: string }[] | null>(null);
  const [unsaved, setUnsaved] = useState<Explanation | null>(null);
  const report = permissions.data;
  const profile = useProfiles().data?.find((p) => p.name === report?.profile);
  const rows = report?.rows ?? [];
  const missing = scopesOf(rows).filter((scope) => scope.missing);
  const recheck = () => {
    if (request.isPending) return;
    request.mutate({ do: "check", signIn: false }, { onSuccess: (operation) => setSearch({ operation: operation.id }) });
  };
  const open = search.get("operation");
  const checking = account.operation?.kind === "check";
  const check = actionOf(account, "check");
  const grant = actionOf(account, "grant");
  return (
    <div className={styles.stack}>
      <div className={styles.head}>
        <Breadcrumb aria-label="Where you are">
          <BreadcrumbItem>
            <PageLink to="/">Service accounts</PageLink>
          </BreadcrumbItem>
          <BreadcrumbDivider />
          <BreadcrumbItem>
            <PageLink to={`/accounts/${encodeURIComponent(account.name)}`}>{account.name}</PageLink>
          </BreadcrumbItem>
          <BreadcrumbDivider />
          <BreadcrumbItem>Permission check</BreadcrumbItem>
        </Breadcrumb>
        <Title2 as="h1">Permission check of {account.name}</Title2>
        {report && (
          <Text className={styles.subtle}>
            {profileTitle(profile, report.profile)} ·{" "}
            {report.as_of === null ? (
              "never checked"
            ) : (
              <span title={moment(report.as_of)}>checked {relative(report.as_of, account.as_of)}</span>
            )}
          </Text>
        )}
      </div>
      {stale && <ProblemNotice intent="warning" problem={explanationOf(stale)} />}
      {permissions.error && !report && (
        <ProblemNotice
          problem={explanationOf(permissions.error)}
          actions={<Button onClick={() => void permissions.refetch()}>Try again</Button>}
        />
      )}
      {request.error && <ProblemNotice problem={explanationOf(request.error)} />}
      {unsaved && <ProblemNotice problem={unsaved} />}
      {report && (
        <section className={styles.card} aria-label="Permissions">
          <div className={styles.bar}>
            <Button
              icon={<ArrowSyncRegular />}
              disabledFocusable={request.isPending || checking || !check.offered}
              title={check.reason === "" ? undefined : check.reason}
              onClick={recheck}
            >
              {checking ? "Checking…" : "Recheck"}
            </Button>
            {profile?.purposes.length === 0 ? (
              <Button
                icon={<ArrowDownloadRegular />}
                disabledFocusable
                title="The account asks for built-in roles of Azure. These are in every tenant, and need no custom role."
              >
                Export
              </Button>
            ) : (
              <ExportMenu account={account} missing={missing.length > 0} onProblem={setUnsaved} />
            )}
            <Button
              appearance={missing.length > 0 ? "primary" : "secondary"}
              icon={<ShieldAddRegular />}
              disabledFocusable={!grant.offered}
              title={grant.reason === "" ? undefined : grant.reason}
              onClick={() => setGranting(report.stale_note === "" && account.management_group === "" ? missing : [])}
            >
              Grant
            </Button>
          </div>
          {report.stale_note !== "" && (
            <MessageBar intent="warning" layout="multiline">
              <MessageBarBody>
                <Remedy text={report.stale_note} />
              </MessageBarBody>
            </MessageBar>
          )}
          <Found key={report.as_of ?? ""} rows={rows} total={report.total} text={report.summary.text} checked={report.as_of !== null} />
          <Text size={200} className={styles.subtle}>
            Names of actions are compared as Azure does: without regard to case, and * stands for anything, in what is held and in what is
            needed. Azure may need up to 15 minutes until a role that was just assigned is seen here.
          </Text>
        </section>
      )}
      {!report && !permissions.error && (
        <Spinner
          label={permissions.failureCount > 0 ? "The server does not answer. Trying again…" : "Reading what the last check found…"}
        />
      )}
      {granting && <GrantWindow account={account} scopes={granting} onClose={() => setGranting(null)} onRecheck={recheck} />}
      {open && !ended && <OperationWindow key={open} id={open} of={account.id} onClose={() => setSearch({}, { replace: true })} />}
    </div>
  );
}

function Found({ rows, total, text, checked }: { rows: Parameters<typeof worstFirst>[0]; total: number; text: string; checked: boolean }) {
  const [search, setSearch] = useState("");
  const [result, setResult] = useState<ResultFilter>("");
  const shown = matching(worstFirst(rows), search, result);
  if (!checked) return <Text>No check has been made yet. Choose Recheck.</Text>;
  if (rows.length === 0) return <Text>There was nothing to check: the account’s scope has no subscription.</Text>;
  return (
    <>
      <Text role="status">
        {text === "" ? tally(rows) : text}
        {shown.length !== total && ` ${shown.length} of ${total} rows are shown.`}
      </Text>
      <Filters search={search} onSearch={setSearch} result={result} onResult={setResult} />
      {shown.length === 0 ? <Text>Nothing matches.</Text> : <PermissionTable rows={shown} label="Permission check" />}
    </>
  );
}

/** The custom role as Azure takes it: az role definition create, or the portal’s JSON tab. */
function ExportMenu({
  account,
  missing,
  onProblem,
}: {
  account: Account;
  missing: boolean;
  onProblem: (problem: Explanation | null) => void;
}) {
  const styles = useStyles();
  const client = useQueryClient();
  const download = async (what: "missing" | "all") => {
    onProblem(null);
    try {
      const role = await exportRole(account.id, what);
      save(`${account.name}-${what === "missing" ? "missing-permissions" : "permissions"}.json`, JSON.stringify(role, null, 2) + "\n");
    } catch (error) {
      noteSessionEnd(client, error);
      onProblem(explanationOf(error));
    }
  };
  return (
    <span className={styles.above}>
      <Menu inline>
        <MenuTrigger disableButtonEnhancement>
          <Button icon={<ArrowDownloadRegular />}>Export</Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            {missing && <MenuItem onClick={() => void download("missing")}>What is missing, as a custom role of Azure (JSON)</MenuItem>}
            <MenuItem onClick={() => void download("all")}>All that is needed, as a custom role of Azure (JSON)</MenuItem>
          </MenuList>
        </MenuPopover>
      </Menu>
    </span>
  );
}
