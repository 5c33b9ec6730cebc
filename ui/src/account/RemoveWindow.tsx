import {
  Button,
  Checkbox,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Spinner,
  Text,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { useState, type SubmitEvent } from "react";

import type { Operation } from "../api/client";
import { explanationOf } from "../api/problem";
import { useSessionEnded } from "../api/queries";
import { ProblemNotice } from "../frame/Notice";
import { Remedy } from "../frame/Remedy";
import { numbered } from "../text/count";
import { kindLabel, operationLabel, slotLabel } from "../text/states";
import { localTimes } from "../text/time";
import { useRemoval, useRemove, type Removal } from "./removal";

const useStyles = makeStyles({
  surface: { maxWidth: "620px" },
  title: { overflowWrap: "anywhere" },
  content: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
  list: { margin: `${tokens.spacingVerticalXS} 0 0`, paddingLeft: tokens.spacingHorizontalXL },
  choice: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXXS },
  hint: { color: tokens.colorNeutralForeground2, paddingLeft: "36px", overflowWrap: "anywhere" },
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
});

interface Props {
  account: { id: string; name: string };
  onClose: () => void;
  onBegun: (operation: Operation) => void;
}

/**
 * Asks before an account is removed: says what depends on it, and offers to delete what Evercred made in Azure. To delete
 * the application the name has to be typed, since no one gets that back by pressing the wrong button twice.
 */
export function RemoveWindow({ account, onClose, onBegun }: Props) {
  const styles = useStyles();
  const removal = useRemoval(account.id);
  const remove = useRemove(account.id);
  const ended = useSessionEnded();
  const [deleteApplication, setDeleteApplication] = useState(false);
  const [deleteRoles, setDeleteRoles] = useState(false);
  const [typed, setTyped] = useState("");
  const named = !deleteApplication || typed.trim().toLowerCase() === account.name.toLowerCase();
  const found = removal.data;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (found && named && !remove.isPending) remove.mutate({ deleteApplication, deleteRoles }, { onSuccess: onBegun });
  };
  return (
    // While the session has ended it makes room for the window that asks to sign in again; what was typed stays here.
    <Dialog open={!ended} modalType="modal" onOpenChange={(_event, data) => !data.open && data.type !== "backdropClick" && onClose()}>
      <DialogSurface className={styles.surface}>
        <form onSubmit={submit}>
          <DialogBody>
            <DialogTitle
              className={styles.title}
              action={<Button appearance="subtle" aria-label="Close the window" icon={<DismissRegular />} onClick={onClose} />}
            >
              Remove {account.name}?
            </DialogTitle>
            <DialogContent className={styles.content}>
              {removal.isPending && <Spinner label="Looking at what depends on it…" />}
              {removal.error && (
                <ProblemNotice
                  problem={explanationOf(removal.error)}
                  actions={<Button onClick={() => void removal.refetch()}>Try again</Button>}
                />
              )}
              {found && (
                <>
                  <Depends removal={found} deleted={deleteApplication} />
                  <Application removal={found} checked={deleteApplication} onChange={setDeleteApplication} />
                  <Roles removal={found} checked={deleteRoles} onChange={setDeleteRoles} />
                  {(deleteApplication || deleteRoles) && <Text>Somebody has to sign in for that: the next window asks for it.</Text>}
                  {deleteApplication && (
                    <Field label={`To delete the application, type the account's name: ${account.name}`}>
                      <Input value={typed} autoComplete="off" spellCheck={false} onChange={(_event, data) => setTyped(data.value)} />
                    </Field>
                  )}
                </>
              )}
              {remove.error && <ProblemNotice problem={explanationOf(remove.error)} />}
            </DialogContent>
            <DialogActions fluid>
              <Button
                type="submit"
                appearance="primary"
                disabledFocusable={!found || !named || remove.isPending}
                icon={remove.isPending ? <Spinner size="tiny" /> : undefined}
              >
                {deleteApplication ? "Remove and delete" : "Remove"}
              </Button>
              <Button onClick={onClose}>Cancel</Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}

/** What stops, what is under way, and what becomes of what is here. */
function Depends({ removal, deleted }: { removal: Removal; deleted: boolean }) {
  const styles = useStyles();
  const { used_by: users, renewed_by_it: renewed, operations } = removal;
  return (
    <>
      {users.length > 0 && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>It is in use.</MessageBarTitle>
            <ul className={styles.list}>
              {users.map((use) => (
                <li key={use}>{use}</li>
              ))}
            </ul>
            {deleted
              ? "With the application deleted, all of it stops at once."
              : "It goes on as long as the credential on the application works, but nobody renews that any more."}
          </MessageBarBody>
        </MessageBar>
      )}
      {operations.length > 0 && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            Not finished: {operations.map((o) => operationLabel(o.kind).toLowerCase()).join(", ")}. It has to end, or to be cancelled,
            first.
          </MessageBarBody>
        </MessageBar>
      )}
      {removal.hand_over_pending && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            Nobody has said that the software has the credential in use. Its secret part is only here, and is destroyed.
          </MessageBarBody>
        </MessageBar>
      )}
      {removal.steward && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            It is the steward of its tenant. {numbered(renewed.length, "other account needs", "other accounts need")} a sign-in to be
            renewed from then on{renewed.length > 0 && `: ${renewed.slice(0, 5).join(", ")}${renewed.length > 5 ? " and more" : ""}`}.
          </MessageBarBody>
        </MessageBar>
      )}
      <Text>
        Evercred forgets the account and destroys the secret parts of its credentials. Its history stays.
        {users.length === 0 && " Nobody has noted what uses the account, and Evercred cannot see that by itself."}
      </Text>
      {removal.credentials.length > 0 && (
        <ul className={styles.list}>
          {removal.credentials.map((credential) => (
            <li key={credential.id}>
              {kindLabel(credential.kind)}, {slotLabel(credential.slot).text.toLowerCase()}:{" "}
              {localTimes(deleted ? credential.when_deleted : credential.when_kept)}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

interface ChoiceProps {
  removal: Removal;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

function Application({ removal, checked, onChange }: ChoiceProps) {
  const styles = useStyles();
  const { deletable, why, id } = removal.application;
  return (
    <div className={styles.choice}>
      <Checkbox
        label="Also delete the application in Microsoft Entra"
        disabled={!deletable}
        checked={checked}
        onChange={(_event, data) => onChange(data.checked === true)}
      />
      <Text size={200} className={styles.hint}>
        {why !== "" && <Remedy text={why} />}
        {deletable && (
          <>
            {" "}
            It is <span className={styles.mono}>{id}</span>; Microsoft keeps it for 30 days.
          </>
        )}
      </Text>
    </div>
  );
}

function Roles({ removal, checked, onChange }: ChoiceProps) {
  const styles = useStyles();
  const { roles, custom_roles: custom } = removal;
  if (roles.length + custom.length === 0) return null;
  const parts = [
    ...(roles.length > 0 ? [numbered(roles.length, "role assignment")] : []),
    ...(custom.length > 0 ? [numbered(custom.length, "custom role")] : []),
  ];
  return (
    <div className={styles.choice}>
      <Checkbox
        label={`Also take back what Evercred made in Azure: ${parts.join(" and ")}`}
        checked={checked}
        onChange={(_event, data) => onChange(data.checked === true)}
      />
      {roles.map((role) => (
        <Text key={role.scope + role.role} size={200} className={styles.hint}>
          {role.role} on {role.scope_name === "" ? role.scope : role.scope_name}
        </Text>
      ))}
      {custom.map((role) => (
        <Text key={role.id} size={200} className={styles.hint}>
          Custom role {role.name}
        </Text>
      ))}
      <Text size={200} className={styles.hint}>
        What others assigned stays.
      </Text>
    </div>
  );
}
