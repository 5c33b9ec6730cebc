import { Button, Checkbox, MessageBar, MessageBarBody, Spinner, Text, makeStyles, tokens } from "@fluentui/react-components";
import { ArrowSyncRegular } from "@fluentui/react-icons";
import { useState } from "react";

import { useProfiles, type Profile } from "../api/permissions";
import { useManagementGroups, useReachableSubscriptions, type MayAssign } from "../api/signins";
import { StateBadge } from "../frame/StateBadge";
import { ProblemNotice } from "../frame/Notice";
import { Filters } from "../permission/Filters";
import { PermissionTable } from "../permission/PermissionTable";
import { matching, tally, worstFirst, type ResultFilter } from "../permission/rows";
import type { Draft, Named } from "./draft";
import { granted } from "./granted";
import { needsOf } from "./purposes";
import { useStepStyles } from "./styles";
import type { Look } from "./useLook";

const useStyles = makeStyles({
  list: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  item: {
    display: "flex",
    flexWrap: "wrap",
    justifyContent: "space-between",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    ":last-child": { borderBottom: "none" },
  },
  actions: {
    maxHeight: "260px",
    overflowY: "auto",
    padding: tokens.spacingHorizontalM,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
});

// So many scopes are listed by name; the others are counted.
const listed = 50;

/** What a new application would be granted, and whether the person may grant it on each scope. */
export function GrantStep({ draft }: { draft: Draft }) {
  const styles = useStyles();
  const step = useStepStyles();
  const profiles = useProfiles();
  const profile = profiles.data?.find((p) => p.name === draft.profile);
  const subscriptions = useReachableSubscriptions(draft.signIn, draft.tenant.id);
  const groups = useManagementGroups(draft.signIn, draft.tenant.id, draft.scope === "group");
  const mayOf = (scope: Named): MayAssign =>
    (draft.scope === "group"
      ? groups.data?.find((g) => g.id === scope.id)?.may_assign_roles
      : subscriptions.data?.find((s) => s.id === scope.id)?.may_assign_roles) ?? "unknown";
  const scopes = draft.scope === "group" ? [draft.group] : draft.subscriptions;
  const doubtful = scopes.filter((scope) => mayOf(scope) !== "yes");
  return (
    <div className={step.stack}>
      <Text>
        {profile ? granted(profile, draft) : "What the profile needs is granted."} It gets nothing else, and no right in Microsoft Graph.
      </Text>
      {doubtful.length === 0 ? (
        <MessageBar intent="success" layout="multiline">
          <MessageBarBody>You may assign roles on all of the scope.</MessageBarBody>
        </MessageBar>
      ) : (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            On {doubtful.length === 1 ? name(doubtful[0]) : `${doubtful.length} of ${scopes.length} scopes`} it is not known that you may
            assign roles. If you may not, adding the account is taken back as a whole. Activate Owner or User Access Administrator in
            Privileged Identity Management, then choose Recheck in the Scope step.
          </MessageBarBody>
        </MessageBar>
      )}
      <h3 className={step.part}>{draft.scope === "group" ? "Management group" : "Subscriptions"}</h3>
      <ul className={styles.list}>
        {scopes.slice(0, listed).map((scope) => (
          <li key={scope.id} className={styles.item}>
            <span className={step.option}>
              <Text>{name(scope)}</Text>
              {scope.name !== "" && (
                <Text size={200} className={step.subtle}>
                  {scope.id}
                </Text>
              )}
            </span>
            <StateBadge
              tone={mayOf(scope) === "yes" ? "good" : "neutral"}
              text={mayOf(scope) === "yes" ? "Will be granted" : "Not known"}
            />
          </li>
        ))}
        {scopes.length > listed && (
          <li className={styles.item}>
            <Text className={step.subtle}>and {scopes.length - listed} more</Text>
          </li>
        )}
      </ul>
      {profile && profile.purposes.length > 0 && <Actions profile={profile} draft={draft} />}
    </div>
  );
}

function Actions({ profile, draft }: { profile: Profile; draft: Draft }) {
  const styles = useStyles();
  const [open, setOpen] = useState(false);
  const needs = needsOf(profile, draft);
  return (
    <>
      <div>
        <Button aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Hide the actions" : "Show every action"}
        </Button>
      </div>
      {open && (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
        <div className={styles.actions} role="region" aria-label="Actions that are granted" tabIndex={0}>
          {needs.actions.map((action) => (
            <div key={action}>{action}</div>
          ))}
          {needs.dataActions.map((action) => (
            <div key={action}>{action} (data)</div>
          ))}
        </div>
      )}
    </>
  );
}

function name(scope: Named | undefined): string {
  return scope === undefined ? "" : scope.name === "" ? scope.id : scope.name;
}

interface FoundProps {
  look: Look;
  allowMissing: boolean;
  onAllow: (allow: boolean) => void;
  message: (field: string) => string | undefined;
  onLogon: () => void;
}

/** What an existing application holds, and what is missing, before it is added. */
export function FoundStep({ look, allowMissing, onAllow, message, onLogon }: FoundProps) {
  const step = useStepStyles();
  const missing = look.found?.rows.some((row) => row.result === "missing") === true;
  const wanting = message("allow_missing") ?? message("check");
  return (
    <div className={step.stack}>
      {wanting !== undefined && (
        <MessageBar intent="warning" role="alert" layout="multiline">
          <MessageBarBody>{wanting}</MessageBarBody>
        </MessageBar>
      )}
      {look.problem && <ProblemNotice problem={look.problem} actions={<Button onClick={onLogon}>To the Logon step</Button>} />}
      {missing && (
        <>
          <Checkbox
            checked={allowMissing}
            onChange={(_event, data) => onAllow(data.checked === true)}
            label="Add the account although permissions are missing"
          />
          <Text size={200} className={step.subtle}>
            They can be granted afterwards through a sign-in, or by hand with the custom role that the account’s permission check exports.
          </Text>
        </>
      )}
      <FoundRows look={look} />
    </div>
  );
}

/** What a look found, to search and filter, and to look again. */
export function FoundRows({ look }: { look: Look }) {
  const step = useStepStyles();
  const [search, setSearch] = useState("");
  const [result, setResult] = useState<ResultFilter>("");
  const rows = look.found ? worstFirst(look.found.rows) : [];
  const shown = matching(rows, search, result);
  return (
    <>
      {look.busy && <Spinner label="Asking Azure what the application holds…" />}
      {look.found && (
        <>
          {rows.length === 0 ? (
            <Text>There is nothing to check: the scope has no subscription.</Text>
          ) : (
            <>
              <Text role="status">
                {look.found.summary.text === "" ? tally(rows) : look.found.summary.text}
                {shown.length !== rows.length && ` ${shown.length} of ${rows.length} rows are shown.`}
              </Text>
              <Filters search={search} onSearch={setSearch} result={result} onResult={setResult} />
              <PermissionTable rows={shown} label="Permission check" />
            </>
          )}
        </>
      )}
      {look.again && (
        <div className={step.row}>
          <Button icon={<ArrowSyncRegular />} disabledFocusable={look.busy} onClick={look.again}>
            Recheck
          </Button>
          <Text size={200} className={step.subtle}>
            Azure may need up to 15 minutes until a role that was just assigned is seen here.
          </Text>
        </div>
      )}
    </>
  );
}
