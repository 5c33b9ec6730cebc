import {
  Button,
  Checkbox,
  Field,
  Input,
  Radio,
  RadioGroup,
  Text,
  makeStyles,
  tokens,
  useRestoreFocusTarget,
} from "@fluentui/react-components";
import { ArrowClockwiseRegular, ArrowRepeatAllRegular } from "@fluentui/react-icons";
import { useRef, useState, type ReactNode, type SubmitEvent } from "react";

import type { Account, Connect, Operation } from "../api/client";
import type { Explanation } from "../api/problem";
import { useOperations, type Request } from "../api/queries";
import { CopyButton } from "../frame/Copy";
import { ProblemNotice } from "../frame/Notice";
import { Remedy } from "../frame/Remedy";
import { date, relative } from "../text/time";
import { CertificateChoice } from "./CertificateChoice";
import { SecretField } from "./SecretField";
import { Section } from "./Section";
import { actionOf } from "./action";
import { changes, draftOf, type Draft } from "./draft";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
  row: { display: "flex", flexWrap: "wrap", alignItems: "flex-end", gap: tokens.spacingHorizontalS },
  grow: { flex: "1 1 260px", minWidth: 0 },
  buttons: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS, alignItems: "center" },
  subtle: { color: tokens.colorNeutralForeground2 },
  mono: { fontFamily: tokens.fontFamilyMonospace },
});

interface Props {
  account: Account;
  busy: boolean;
  ask: (request: Request, begun?: (operation: Operation) => void) => void;
  /** Why the last connection was refused before it became an operation; null if it was not. */
  refused: Explanation | null;
  /** It stands in the wizard's step of that name, which has the frame and the title. */
  bare?: boolean;
  /** Drops that refusal: what it was about has been changed. */
  forget: () => void;
}

/**
 * The Logon step: what authenticates the account, and how to change that. What is offered follows the origin: Evercred renews
 * and re-creates the applications it made; of an existing one a new value, or another application, is typed in.
 */
export function Logon({ account, busy, ask, refused, forget, bare = false }: Props) {
  const styles = useStyles();
  const existing = account.origin === "existing";
  const [draft, setDraft] = useState<Draft | null>(null);
  const editing = existing || draft !== null;
  const shown = draft ?? draftOf(account);
  const change = (part: Partial<Draft>) => {
    // To accept missing roles is an answer to the failure that is shown; any other change makes that failure history.
    const answers = "allowMissing" in part;
    if (!answers) forget();
    setDraft({ ...shown, ...(answers ? {} : { sent: "" }), ...part });
  };
  const applicationField = useRef<HTMLInputElement>(null);
  const restoresFocus = useRestoreFocusTarget();

  const operations = useOperations(account.id);
  const sent = draft !== null && draft.sent !== "" ? operations.data?.find((o) => o.id === draft.sent) : undefined;
  const problem = refused ?? (sent?.state === "failed" ? sent.problem : null);
  // What was typed has been stored: the form shows the account again.
  if (sent?.state === "done") setDraft(null);
  const messageFor = (...fields: string[]) => (problem && fields.includes(problem.field) ? problem.message : undefined);

  // Of an existing application the engine would add a secret beside the others; on this page a new value is typed in.
  const renew = existing ? { offered: false } : actionOf(account, "renew");
  const other = account.credential?.kind === "secret" ? "certificate" : account.credential?.kind === "certificate" ? "secret" : null;
  const recreate = actionOf(account, "recreate");
  const gone = account.state === "app_not_found" || account.state === "service_principal_missing";
  const body: Connect | null = changes(account, shown);
  const renewButton = renew.offered ? (
    <Button
      appearance={gone || account.state === "valid" ? "secondary" : "primary"}
      icon={<ArrowClockwiseRegular />}
      {...restoresFocus}
      disabledFocusable={busy}
      onClick={() => ask({ do: "renew" })}
    >
      Renew
    </Button>
  ) : null;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!body) return;
    ask({ do: "connect", body }, (operation) => setDraft({ ...shown, sent: operation.id }));
  };

  const form = (
    <form className={styles.form} onSubmit={submit}>
      <div className={styles.row}>
        <Field
          className={styles.grow}
          label="Application ID"
          validationMessage={messageFor("application_id")}
          hint={existing ? "The Overview page of the application in the Azure portal shows it." : undefined}
        >
          <Input
            ref={applicationField}
            className={styles.mono}
            value={shown.applicationID}
            readOnly={!editing}
            onChange={(_event, data) => change({ applicationID: data.value })}
            contentAfter={
              editing ? undefined : (
                <CopyButton iconOnly appearance="transparent" text={account.application_id} label="Copy the Application ID" />
              )
            }
          />
        </Field>
        {recreate.offered && (
          <Button
            appearance={gone ? "primary" : "secondary"}
            icon={<ArrowRepeatAllRegular />}
            {...restoresFocus}
            disabledFocusable={busy}
            onClick={() => ask({ do: "recreate" })}
          >
            Re-create
          </Button>
        )}
      </div>
      {gone && (
        <Text size={200} className={styles.subtle}>
          {recreate.offered
            ? "Re-create signs you in and looks whether the application was only deleted: then it can be restored as it was."
            : recreate.reason !== "" && <Remedy text={recreate.reason} />}
        </Text>
      )}
      <Field label="Tenant ID" validationMessage={messageFor("tenant_id", "tenant")}>
        <Input
          className={styles.mono}
          value={shown.tenantID}
          readOnly={!editing}
          onChange={(_event, data) => change({ tenantID: data.value })}
        />
      </Field>
      <Field label="Authentication type">
        <RadioGroup
          value={shown.kind}
          disabled={!editing}
          onChange={(_event, data) => change({ kind: data.value === "certificate" ? "certificate" : "secret" })}
        >
          <Radio value="secret" label="Client (application) secret" />
          <Radio value="certificate" label="Certificate" />
        </RadioGroup>
      </Field>
      {shown.kind === "secret" && (
        <SecretField
          account={account}
          editing={editing}
          secret={shown.secret}
          ends={shown.secretEnds}
          onChange={change}
          message={messageFor("secret")}
          endsMessage={messageFor("secret_expires_at")}
          renew={account.credential?.kind === "secret" && shown.secret === "" ? renewButton : null}
        />
      )}
      {shown.kind === "certificate" && <CurrentCertificate account={account} renew={shown.file === null ? renewButton : null} />}
      {shown.kind === "certificate" && editing && (
        <CertificateChoice
          file={shown.file}
          password={shown.password}
          applicationID={shown.applicationID}
          tenantID={shown.tenantID}
          cloud={account.cloud}
          now={account.as_of}
          onChange={change}
          fileMessage={messageFor("certificate")}
          passwordMessage={messageFor("password")}
        />
      )}
      {problem && <ProblemNotice problem={problem} />}
      {(problem?.code === "permission" || shown.allowMissing) && (
        <Checkbox
          label="Store it although roles are missing"
          checked={shown.allowMissing}
          onChange={(_event, data) => change({ allowMissing: data.checked === true })}
        />
      )}
      <div className={styles.buttons}>
        {editing ? (
          <>
            <Button type="submit" appearance="primary" {...restoresFocus} disabledFocusable={busy || body === null}>
              Save
            </Button>
            {draft && (
              <Button disabled={busy} onClick={() => setDraft(null)}>
                Discard
              </Button>
            )}
            <Text size={200} className={styles.subtle}>
              {body === null
                ? "Enter a new value to save. It is proven at Microsoft Entra before anything is stored."
                : "It is proven at Microsoft Entra before anything is stored."}
            </Text>
          </>
        ) : (
          <>
            <Button
              onClick={() => {
                setDraft(draftOf(account));
                applicationField.current?.focus(); // the button that had the focus goes
              }}
            >
              Change
            </Button>
            {renew.offered && other && (
              <Button {...restoresFocus} disabledFocusable={busy} onClick={() => ask({ do: "renew", kind: other })}>
                {other === "certificate" ? "Convert to a certificate" : "Convert to a secret"}
              </Button>
            )}
            <Text size={200} className={styles.subtle}>
              Specify another application, or a secret or certificate of your own.
              {renew.offered && other === "certificate" && " A certificate that Evercred makes can renew itself, without a sign-in."}
            </Text>
          </>
        )}
      </div>
    </form>
  );
  if (bare) return form;
  return (
    <Section title="Logon" detail="Connect to Microsoft Entra application">
      {form}
    </Section>
  );
}

function CurrentCertificate({ account, renew }: { account: Account; renew: ReactNode }) {
  const styles = useStyles();
  const credential = account.credential;
  if (credential?.kind !== "certificate") return null;
  return (
    <div className={styles.row}>
      <Field label="Certificate in use" className={styles.grow}>
        <div>
          <Text block>{credential.subject}</Text>
          <Text block size={200} className={styles.subtle}>
            Thumbprint <span className={styles.mono}>{credential.thumbprint}</span>
          </Text>
          {credential.expires_at !== null && (
            <Text block size={200} className={styles.subtle}>
              Ends {date(credential.expires_at)}, {relative(credential.expires_at, account.as_of)}
            </Text>
          )}
        </div>
      </Field>
      {renew}
    </div>
  );
}
