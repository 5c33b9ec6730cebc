import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useNavigate } from "react-router";

import { idempotencyKey } from "../api/ask";
import type { PreviewRequest } from "../api/permissions";
import { useProfiles } from "../api/permissions";
import { Problem, explanationOf } from "../api/problem";
import { keys, useServer } from "../api/queries";
import { endSignIn, signInKeys, useSignIn } from "../api/signins";
import { FoundStep, GrantStep } from "./CheckStep";
import { create } from "./create";
import { Creation } from "./Creation";
import { CredentialStep } from "./CredentialStep";
import { stepNames, stepsOf, touched, type Draft, type StepName } from "./draft";
import { InfoStep } from "./InfoStep";
import { Leaving } from "./Leaving";
import { LogonStep } from "./LogonStep";
import { PurposesStep } from "./PurposesStep";
import { ScopeStep, SeenScope } from "./ScopeStep";
import { Shell } from "./Shell";
import { doing, leads, titles } from "./steps";
import { summaryOf } from "./summary";
import { SummaryStep } from "./SummaryStep";
import { TypeStep } from "./TypeStep";
import { useDraft } from "./useDraft";
import { useLook } from "./useLook";
import { useNameTaken } from "./useNameTaken";
import { issuesOf, reach, type Context } from "./validity";

const none: readonly StepName[] = [];

/** Add account: the wizard. */
export function AddPage() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const server = useServer();
  const profiles = useProfiles();
  const { draft, secrets, change, changeSecrets, clear } = useDraft();
  // Steps that were tried to be left: what is to be mended in them is said.
  const [tried, setTried] = useState<readonly StepName[]>(none);
  const name = useNameTaken(draft.name, "");
  const signIn = useSignIn(draft.signIn);
  const signedIn = signIn.data?.state === "signed_in" && !(signIn.error instanceof Problem && signIn.error.status === 404);
  const { step } = draft;
  const made = draft.operation !== "";

  const existing = draft.kind === "existing";
  const seen = useLook(useRequest(draft, "sees"), secrets, existing && !made && step === "scope");
  const found = useLook(useRequest(draft, "holds"), secrets, existing && !made && (step === "check" || step === "summary"));
  const context: Context = {
    nameTaken: name.taken,
    signedIn,
    previewed: found.found !== null,
    missing: found.found?.rows.some((row) => row.result === "missing") === true,
  };

  const adding = useMutation({
    mutationFn: (key: string) => create(draft, secrets, key),
    onSuccess: (operation) => {
      client.setQueryData(keys.operation(operation.id), operation);
      void client.invalidateQueries({ queryKey: keys.accounts });
      change({ operation: operation.id });
    },
  });
  const refused = adding.error ? explanationOf(adding.error) : null;

  const steps = stepsOf(draft);
  const at = steps.indexOf(step);
  // What the check finds is asked when one is there: it does not keep the steps after it shut that were open before.
  const farthest = steps.indexOf(reach(draft, secrets, { ...context, previewed: true, missing: context.missing }));
  const visited = (s: StepName) => stepNames.indexOf(s) <= stepNames.indexOf(draft.far);
  const issues = issuesOf(step, draft, secrets, context);
  const message = (field: string): string | undefined => {
    const issue = tried.includes(step) ? issues.find((i) => i.field === field) : undefined;
    return issue?.message ?? (refused?.field === field ? refused.message : undefined);
  };
  const go = (to: StepName) => {
    adding.reset();
    change({ step: to });
  };
  const next = () => {
    if (step === "summary") {
      const wrong = steps.find((s) => issuesOf(s, draft, secrets, context).length > 0);
      if (wrong !== undefined) {
        setTried([...tried, wrong]);
        go(wrong);
        return;
      }
      const key = draft.key === "" ? idempotencyKey() : draft.key;
      change({ key });
      adding.mutate(key);
      return;
    }
    // The answer of the server on the name may still be under way; it looks again when the account is made.
    if (issues.length > 0) {
      setTried([...tried, step]);
      focusFirstWrong();
      return;
    }
    const following = steps[at + 1];
    if (following) go(following);
  };
  const forget = () => {
    void endSignIn(client, draft.signIn);
    clear();
    setTried(none);
    adding.reset();
  };

  const profile = profiles.data?.find((p) => p.name === draft.profile);
  const cloud = draft.cloud === "" ? (server.data?.default_cloud ?? "") : draft.cloud;
  const lines = summaryOf(draft, secrets, { cloud, person: signIn.data?.person ?? "", profile });
  const toLogon = () => go("logon");
  return (
    <>
      <Shell
        heading="Add account"
        crumbs={[{ title: "Add account" }]}
        steps={steps.map((s, index) => ({
          name: s,
          title: titles[s],
          open: index <= farthest && (visited(s) || index === at + 1),
          done: index < farthest && visited(s),
        }))}
        step={step}
        title={made ? `Adding ${draft.name}` : undefined}
        lead={made ? "It goes on at the server, also when this page is closed." : leads(step, draft.kind)}
        onStep={go}
        buttons={
          made
            ? null
            : {
                back: at > 0 ? () => go(steps[at - 1] ?? "info") : null,
                next: step === "summary" ? "Create" : "Next",
                busy: adding.isPending || (step === "check" && found.busy),
                onNext: next,
                onCancel: () => void navigate("/"),
              }
        }
      >
        {made ? (
          <Creation
            id={draft.operation}
            name={draft.name}
            handOver={!existing}
            onBack={() => change({ operation: "", key: "" })}
            onDone={forget}
            onAnother={forget}
          />
        ) : (
          <>
            {step === "info" && <InfoStep info={draft} onChange={change} message={message} name={name} own="" />}
            {step === "type" && <TypeStep draft={draft} onChange={change} message={message} />}
            {step === "logon" && (
              <LogonStep draft={draft} secrets={secrets} onChange={change} onSecrets={changeSecrets} message={message} />
            )}
            {step === "scope" &&
              (existing ? (
                <SeenScope scope={draft} onChange={change} message={message} look={seen} onLogon={toLogon} />
              ) : (
                <ScopeStep
                  draft={draft}
                  onChange={change}
                  message={message}
                  onSignInAt={(tenant) => {
                    void endSignIn(client, draft.signIn);
                    client.removeQueries({ queryKey: signInKeys.one(draft.signIn) });
                    change({ signIn: "", signInTenant: tenant, step: "logon" });
                  }}
                />
              ))}
            {step === "purposes" && <PurposesStep draft={draft} onChange={change} message={message} />}
            {step === "check" &&
              (existing ? (
                <FoundStep
                  look={found}
                  allowMissing={draft.allowMissing}
                  onAllow={(allowMissing) => change({ allowMissing })}
                  message={message}
                  onLogon={toLogon}
                />
              ) : (
                <GrantStep draft={draft} />
              ))}
            {step === "credential" && <CredentialStep draft={draft} onChange={change} message={message} />}
            {step === "summary" && <SummaryStep lines={lines} doing={doing(draft, profile)} problem={refused} />}
          </>
        )}
      </Shell>
      <Leaving
        asks={!made && touched(draft, secrets)}
        what="What you entered is dropped, and your sign-in is ended. Nothing was made in Azure or here."
        onLeave={forget}
      />
    </>
  );
}

/** What is asked of an existing application: all that it sees, or what it holds on the chosen scope. */
function useRequest(draft: Draft, what: "sees" | "holds"): PreviewRequest | null {
  return useMemo(() => {
    if (draft.kind !== "existing") return null;
    const base: PreviewRequest = {
      ...(draft.cloud === "" ? {} : { cloud: draft.cloud }),
      tenant_id: draft.tenantID.trim(),
      application_id: draft.applicationID.trim(),
      profile: what === "sees" ? "default" : draft.profile,
      purposes: what === "holds" && draft.granular ? draft.purposes : [],
    };
    if (what === "sees" || draft.scope === "all") return base;
    if (draft.scope === "group") return { ...base, management_group: draft.group.id.trim() };
    return { ...base, subscriptions: draft.subscriptions.map((s) => s.id) };
  }, [draft, what]);
}

/** Brings the keyboard to the first field that is wrong, once it is marked. */
function focusFirstWrong(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('form [aria-invalid="true"]')?.focus());
}
