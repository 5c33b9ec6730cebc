import { Button, Field, Input, MessageBar, MessageBarBody, Radio, RadioGroup, Spinner, Text } from "@fluentui/react-components";
import { ArrowSyncRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";

import { explanationOf } from "../api/problem";
import { useReachableSubscriptions, useTenants } from "../api/signins";
import { ProblemNotice } from "../frame/Notice";
import type { Draft, Named, ScopeDraft } from "./draft";
import { GroupChoice } from "./GroupChoice";
import { Picker } from "./Picker";
import type { Choice } from "./picker";
import { useStepStyles } from "./styles";
import { TenantChoice } from "./TenantChoice";
import type { Look } from "./useLook";

interface Props {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
  message: (field: string) => string | undefined;
  onSignInAt: (tenant: string) => void;
}

/** Where the new application is made and may work: a tenant, and in it subscriptions or a management group. */
export function ScopeStep({ draft, onChange, message, onSignInAt }: Props) {
  const styles = useStepStyles();
  const tenants = useTenants(draft.signIn);
  const chosen = tenants.data?.find((t) => t.id === draft.tenant.id);
  return (
    <div className={styles.stack}>
      <Wanting text={message("tenant")} />
      <TenantChoice signIn={draft.signIn} tenant={draft.tenant} onChange={(tenant) => onChange({ tenant })} onSignInAt={onSignInAt} />
      {chosen?.app_registration === "not_allowed" && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            You may not register applications in {chosen.name}. An administrator can assign you the Application Developer role, or make the
            application; you then specify it as an existing one. {chosen.reason}
          </MessageBarBody>
        </MessageBar>
      )}
      {draft.tenant.id !== "" && (
        <ReachedScope signIn={draft.signIn} tenant={draft.tenant.id} scope={draft} onChange={onChange} message={message} />
      )}
    </div>
  );
}

interface ReachedProps {
  signIn: string;
  tenant: string;
  scope: ScopeDraft;
  onChange: (part: Partial<ScopeDraft>) => void;
  message: (field: string) => string | undefined;
}

/** Subscriptions or a management group, of those that the signed-in person reaches in a tenant. */
export function ReachedScope({ signIn, tenant, scope, onChange, message }: ReachedProps) {
  const subscriptions = useReachableSubscriptions(signIn, tenant);
  const choices: Choice[] = (subscriptions.data ?? []).map((s) => ({ ...s, may: s.may_assign_roles }));
  return (
    <>
      <ScopeKind scope={scope} onChange={onChange} all={null} />
      {scope.scope === "group" ? (
        <>
          <Wanting text={message("management_group")} />
          <GroupChoice signIn={signIn} tenant={tenant} group={scope.group} onChange={(group) => onChange({ group })} />
        </>
      ) : (
        <>
          <Wanting text={message("subscriptions")} />
          {subscriptions.isPending && (
            <Spinner
              label={
                subscriptions.failureCount > 0
                  ? "The server does not answer. Trying again…"
                  : "Asking for the subscriptions, and what you may do there…"
              }
            />
          )}
          {subscriptions.error && (
            <ProblemNotice
              problem={explanationOf(subscriptions.error)}
              actions={<Button onClick={() => void subscriptions.refetch()}>Try again</Button>}
            />
          )}
          {subscriptions.data && (
            <>
              <Picker
                label="Subscriptions"
                rights
                choices={choices}
                chosen={scope.subscriptions}
                onChange={(chosen) => onChange({ subscriptions: chosen })}
              />
              <Recheck busy={subscriptions.isFetching} onClick={() => void subscriptions.refetch()}>
                A role that was just assigned or activated is seen after a few minutes.
              </Recheck>
            </>
          )}
        </>
      )}
    </>
  );
}

interface SeenProps {
  scope: ScopeDraft;
  onChange: (part: Partial<ScopeDraft>) => void;
  message: (field: string) => string | undefined;
  look: Look;
  /** Also all that it sees can be chosen as such; of an account that is there, subscriptions are named. */
  all?: boolean;
  /** Leads to where the credential is entered. */
  onLogon: () => void;
}

/** Where an existing application may work: all that it sees, some of it, or a management group. */
export function SeenScope({ scope, onChange, message, look, all = true, onLogon }: SeenProps) {
  const styles = useStepStyles();
  const seen = look.found?.subscriptions;
  const choices: Choice[] = (seen ?? []).map((s) => ({ ...s, state: "", may: null, reason: "" }));
  return (
    <div className={styles.stack}>
      {look.busy && seen === undefined && <Spinner label="Signing in as the application, and asking what it sees…" />}
      {look.problem && <ProblemNotice problem={look.problem} actions={<Button onClick={onLogon}>To the Logon step</Button>} />}
      {seen?.length === 0 && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            The application sees no subscription: no role is assigned to it on any. Assign one in Azure, then choose Recheck. It can also be
            added as it is.
          </MessageBarBody>
        </MessageBar>
      )}
      <ScopeKind scope={scope} onChange={onChange} all={!all ? null : seen === undefined ? "" : count(seen.length)} />
      {scope.scope === "all" && seen !== undefined && seen.length > 0 && <Text className={styles.subtle}>{names(seen)}</Text>}
      {scope.scope === "subscriptions" && (
        <>
          <Wanting text={message("subscriptions")} />
          {seen !== undefined && (
            <Picker
              label="Subscriptions"
              rights={false}
              choices={choices}
              chosen={scope.subscriptions}
              onChange={(chosen) => onChange({ subscriptions: chosen })}
            />
          )}
        </>
      )}
      {scope.scope === "group" && (
        <Field
          className={styles.field}
          label="Management group"
          validationMessage={message("management_group")}
          hint="Its id, as the Azure portal shows it. All subscriptions below it belong to the account, also those that join it later."
        >
          <Input
            className={styles.mono}
            value={scope.group.id}
            autoComplete="off"
            spellCheck={false}
            onChange={(_event, data) => onChange({ group: { id: data.value, name: data.value } })}
          />
        </Field>
      )}
      {look.again && (
        <Recheck busy={look.busy} onClick={look.again}>
          A role that was just assigned is seen after some minutes, at most 15.
        </Recheck>
      )}
    </div>
  );
}

/** @param all what the application sees, in words; null: there is no application yet that could see anything. */
function ScopeKind({ scope, onChange, all }: { scope: ScopeDraft; onChange: (part: Partial<ScopeDraft>) => void; all: string | null }) {
  return (
    <RadioGroup aria-label="Scope" value={scope.scope} onChange={(_event, data) => onChange({ scope: data.value as ScopeDraft["scope"] })}>
      {all !== null && <Radio value="all" label={`All subscriptions that the application sees${all === "" ? "" : ` (${all})`}`} />}
      <Radio value="subscriptions" label={all === null ? "Select subscriptions" : "Only those that I select"} />
      <Radio value="group" label="Use a management group" />
    </RadioGroup>
  );
}

function Recheck({ busy, onClick, children }: { busy: boolean; onClick: () => void; children: ReactNode }) {
  const styles = useStepStyles();
  return (
    <div className={styles.row}>
      <Button icon={<ArrowSyncRegular />} disabledFocusable={busy} onClick={onClick}>
        {busy ? "Looking…" : "Recheck"}
      </Button>
      <Text size={200} className={styles.subtle}>
        {children}
      </Text>
    </div>
  );
}

function Wanting({ text }: { text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <MessageBar intent="warning" role="alert">
      <MessageBarBody>{text}</MessageBarBody>
    </MessageBar>
  );
}

function count(n: number): string {
  return n === 1 ? "1 now" : `${n} now`;
}

function names(list: readonly Named[]): string {
  const first = list.slice(0, 8).map((s) => (s.name === "" ? s.id : s.name));
  return first.join(", ") + (list.length > first.length ? ` and ${list.length - first.length} more` : "");
}
