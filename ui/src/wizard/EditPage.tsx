import { Spinner } from "@fluentui/react-components";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";

import { Logon } from "../account/Logon";
import { askTagged } from "../api/ask";
import { api, take, type Account, type Operation } from "../api/client";
import type { PreviewRequest } from "../api/permissions";
import { Problem, explanationOf } from "../api/problem";
import { keys, useAccount, useRequest, useSessionEnded, type Request } from "../api/queries";
import { endSignIn } from "../api/signins";
import { ProblemNotice } from "../frame/Notice";
import { PageLink } from "../frame/PageLink";
import { OperationWindow } from "../operation/OperationWindow";
import { FoundRows } from "./CheckStep";
import { ConflictPanel } from "./ConflictPanel";
import { noSecrets } from "./draft";
import { conflictsOf, durationProblem, editSteps, editableOf, patchOf, rebased, type EditStep, type Editable } from "./edit";
import { EditScope } from "./EditScope";
import { EditSummary, useEditPreview } from "./EditSummary";
import { InfoStep } from "./InfoStep";
import { Leaving } from "./Leaving";
import { descriptionProblem, nameProblem } from "./name";
import { PurposesStep } from "./PurposesStep";
import { RenewalPolicy } from "./RenewalPolicy";
import { Shell } from "./Shell";
import { titles } from "./steps";
import { useEdit } from "./useEdit";
import { useLook } from "./useLook";
import { useNameTaken } from "./useNameTaken";
import { purposesIssues, scopeIssues, usedByProblem, type Issue } from "./validity";

/** Edit account: the wizard. */
export function EditPage() {
  const { account: ref = "" } = useParams();
  // The wizard edits the account as it was when it was opened: a name that it changes must not lead its page astray.
  const [id, setID] = useState<string | null>(null);
  const account = useAccount(id ?? ref);
  if (account.data && id === null) setID(account.data.id);
  if (!account.data) {
    if (account.error)
      return <ProblemNotice problem={explanationOf(account.error)} actions={<PageLink to="/">To the accounts</PageLink>} />;
    if (account.failureCount > 0) return <ProblemNotice intent="warning" problem={explanationOf(account.failureReason)} />;
    return <Spinner label="Reading the account…" />;
  }
  return <Loaded key={account.data.id} account={account.data} stale={account.failureCount > 0 ? account.failureReason : null} />;
}

const leads: Record<EditStep, string> = {
  info: "What the account is called, what it is for, and how it is renewed.",
  logon:
    "What authenticates the account. What is done here is proven first and takes effect at once; the other steps are saved at the end.",
  scope: "Where the account may work.",
  purposes: "What the account is to be allowed to do: that is what is checked and granted.",
  check: "What the application holds of what you chose in the steps before, and what it lacks. Nothing is saved by looking.",
  summary: "What saving will change, here and in Azure.",
};

function Loaded({ account, stale }: { account: Account; stale: Error | null }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [search, setSearch] = useSearchParams();
  const ended = useSessionEnded();
  const request = useRequest(account);
  const { draft, put, clear } = useEdit(account.id, () => {
    const base = editableOf(account);
    return { step: "info", version: account.version, base, mine: base, signIn: "" };
  });
  const { step, base, mine } = draft;
  const [saved, setSaved] = useState(false);
  const change = (part: Partial<Editable>) => {
    saving.reset();
    put({ mine: { ...mine, ...part } });
  };
  const name = useNameTaken(mine.name, account.id);
  const patch = useMemo(() => patchOf(base, mine), [base, mine]);

  const looking = useMemo<PreviewRequest>(() => ({ account: account.id, profile: "default", purposes: [] }), [account.id]);
  const wanted = useMemo<PreviewRequest>(
    () => ({
      account: account.id,
      profile: mine.profile,
      purposes: mine.granular ? mine.purposes : [],
      ...(mine.scope === "group" ? { management_group: mine.group.id.trim() } : {}),
      ...(mine.scope === "subscriptions" ? { subscriptions: mine.subscriptions.map((s) => s.id) } : {}),
    }),
    [account.id, mine],
  );
  const seen = useLook(looking, noSecrets, step === "scope" && draft.signIn === "");
  const found = useLook(wanted, noSecrets, step === "check");
  const preview = useEditPreview(account, patch, step === "summary" && !saved);

  const saving = useMutation({
    mutationFn: () =>
      askTagged<Account>("PATCH", `/accounts/${encodeURIComponent(account.id)}`, {
        body: patch,
        headers: { "If-Match": `"${draft.version}"` },
      }),
    onSuccess: ({ data }) => {
      setSaved(true);
      clear();
      void endSignIn(client, draft.signIn);
      client.setQueryData(keys.account(data.id), data);
      void client.invalidateQueries({ queryKey: keys.accounts });
      void client.invalidateQueries({ queryKey: ["account"] });
      const grants = preview.data?.changes.some((c) => c.needs !== "nothing") === true;
      // The page is left once the question of leaving is off: what is left is saved.
      setTimeout(() => void navigate(`/accounts/${encodeURIComponent(data.name)}${grants ? "/permissions" : ""}`));
    },
  });
  const refused = saving.error ? explanationOf(saving.error) : null;
  const conflict = saving.error instanceof Problem && saving.error.status === 412 ? saving.error : null;
  const theirs = useQuery({ ...accountQuery(account.id), enabled: conflict !== null });

  const issues = issuesOf(step, mine, name.taken, account.name);
  const [tried, setTried] = useState<readonly EditStep[]>([]);
  const message = (field: string): string | undefined =>
    (tried.includes(step) ? issues.find((i) => i.field === field)?.message : undefined) ??
    (refused?.field === field ? refused.message : undefined);
  const go = (to: EditStep) => put({ step: to });
  const at = editSteps.indexOf(step);
  const next = () => {
    if (issues.length > 0) {
      setTried([...tried, step]);
      requestAnimationFrame(() => document.querySelector<HTMLElement>('form [aria-invalid="true"]')?.focus());
      return;
    }
    const following = editSteps[at + 1];
    if (following) {
      go(following);
      return;
    }
    if (patch === null) {
      void navigate(`/accounts/${encodeURIComponent(account.name)}`);
      return;
    }
    const wrong = editSteps.find((s) => issuesOf(s, mine, name.taken, account.name).length > 0);
    if (wrong !== undefined) {
      setTried([...tried, wrong]);
      go(wrong);
      return;
    }
    if (preview.data?.issues.every((issue) => issue.severity !== "error")) saving.mutate();
  };
  const close = () => {
    setSearch({}, { replace: true });
    void follow();
  };
  // What was done in the Logon step is this person's own doing, and no surprise when the rest is saved.
  const follow = async () => {
    const now = await client.query(accountQuery(account.id)).catch(() => null);
    if (now === null) return; // the server is away; a conflict would then be shown when it is saved
    const theirs = editableOf(now);
    put((before) =>
      conflictsOf(before.base, theirs, before.mine).length > 0
        ? {}
        : { version: now.version, base: theirs, mine: rebased(before.base, theirs, before.mine, new Set()) },
    );
  };
  const ask = (what: Request, begun?: (operation: Operation) => void) => {
    if (request.isPending) return;
    request.mutate(what, {
      onSuccess: (operation) => {
        begun?.(operation);
        setSearch({ operation: operation.id });
      },
    });
  };
  const open = search.get("operation");
  const address = `/accounts/${encodeURIComponent(account.name)}`;
  const unsavable = preview.data?.issues.some((issue) => issue.severity === "error") === true;
  return (
    <>
      <Shell
        heading={`Edit account ${account.name}`}
        crumbs={[{ title: account.name, to: address }, { title: "Edit" }]}
        steps={editSteps.map((s) => ({
          name: s,
          title: titles[s],
          open: true,
          done: issuesOf(s, mine, name.taken, account.name).length === 0 && editSteps.indexOf(s) < at,
        }))}
        step={step}
        lead={leads[step]}
        onStep={go}
        plain={step === "logon"}
        buttons={{
          back: at > 0 ? () => go(editSteps[at - 1] ?? "info") : null,
          next: step !== "summary" ? "Next" : patch === null ? "Close" : "Save",
          busy:
            saving.isPending || saved || (step === "summary" && patch !== null && (preview.isPending || unsavable || conflict !== null)),
          onNext: next,
          onCancel: () => void navigate(address),
        }}
      >
        {stale && <ProblemNotice intent="warning" problem={explanationOf(stale)} />}
        {step === "info" && (
          <>
            <InfoStep info={mine} onChange={change} message={message} name={name} own={account.name} />
            <RenewalPolicy policy={mine} onChange={change} />
          </>
        )}
        {step === "logon" && (
          <>
            {request.error && request.variables.do !== "connect" && <ProblemNotice problem={explanationOf(request.error)} />}
            <Logon
              bare
              account={account}
              busy={request.isPending}
              ask={ask}
              refused={request.error && request.variables.do === "connect" ? explanationOf(request.error) : null}
              forget={request.reset}
            />
          </>
        )}
        {step === "scope" && (
          <EditScope
            account={account}
            mine={mine}
            onChange={change}
            signIn={draft.signIn}
            onSignIn={(signIn) => put({ signIn })}
            look={seen}
            message={message}
            onLogon={() => go("logon")}
          />
        )}
        {step === "purposes" && <PurposesStep draft={mine} onChange={change} message={message} />}
        {step === "check" && (
          <>
            {found.problem && <ProblemNotice problem={found.problem} />}
            <FoundRows look={found} />
          </>
        )}
        {step === "summary" && (
          <>
            {refused && !conflict && <ProblemNotice problem={refused} />}
            {conflict && theirs.data && (
              <ConflictPanel
                base={base}
                theirs={editableOf(theirs.data)}
                mine={mine}
                told={conflict.fields}
                onResolve={(takeTheirs) => {
                  const now = editableOf(theirs.data);
                  put({ version: theirs.data.version, base: now, mine: rebased(base, now, mine, takeTheirs) });
                  saving.reset();
                }}
              />
            )}
            {conflict && !theirs.data && <Spinner label="Reading what somebody else changed…" />}
            {!conflict && <EditSummary preview={preview} nothing={patch === null} />}
          </>
        )}
      </Shell>
      {open && !ended && <OperationWindow key={open} id={open} of={account.id} onClose={close} />}
      <Leaving
        asks={!saved && patch !== null}
        what="What you changed in the steps is dropped. What was done in the Logon step stays."
        onLeave={() => {
          void endSignIn(client, draft.signIn);
          clear();
        }}
      />
    </>
  );
}

/** The account as it is now, read afresh. */
function accountQuery(account: string) {
  return queryOptions({
    queryKey: ["account", account, "afresh"],
    queryFn: ({ signal }) => take(api.GET("/api/v1/accounts/{account}", { params: { path: { account } }, signal })),
    staleTime: 0,
    gcTime: 0,
  });
}

function issuesOf(step: EditStep, mine: Editable, nameTaken: boolean, own: string): Issue[] {
  const found: Issue[] = [];
  const add = (field: string, message: string) => {
    if (message !== "") found.push({ field, message });
  };
  switch (step) {
    case "info":
      add("name", nameProblem(mine.name, own));
      if (nameTaken) add("name", `There is an account named ${mine.name} already.`);
      add("description", descriptionProblem(mine.description));
      add("used_by", usedByProblem(mine.usedBy));
      for (const field of ["lifetime", "renewBefore", "soak"] as const) add(field, durationProblem(mine[field]));
      return found;
    case "scope":
      return scopeIssues(mine);
    case "purposes":
      return purposesIssues(mine);
    default:
      return found;
  }
}
