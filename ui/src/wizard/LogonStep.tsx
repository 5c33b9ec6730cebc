import { Field, Input, MessageBar, MessageBarBody, Radio, RadioGroup } from "@fluentui/react-components";
import { useState } from "react";

import { CertificateChoice } from "../account/CertificateChoice";
import { useServer } from "../api/queries";
import { SignIn } from "../signin/SignIn";
import type { Draft, Secrets } from "./draft";
import { useStepStyles } from "./styles";
import { tenantProblem } from "./validity";

interface Props {
  draft: Draft;
  secrets: Secrets;
  onChange: (part: Partial<Draft>) => void;
  onSecrets: (part: Partial<Secrets>) => void;
  message: (field: string) => string | undefined;
}

/** The person's sign-in that makes an application; or the ids and the credential of one that is there. */
export function LogonStep(props: Props) {
  return props.draft.kind === "auto" ? <PersonLogon {...props} /> : <ApplicationLogon {...props} />;
}

const may = (
  <>
    may assign roles on the subscriptions (<b>Owner</b> or <b>User Access Administrator</b>), and may register applications in Microsoft
    Entra
  </>
);

function PersonLogon({ draft, onChange, message }: Props) {
  const styles = useStepStyles();
  const [tenant, setTenant] = useState(draft.signInTenant);
  const settings = useServer().data?.sign_in;
  const fixed = settings !== undefined && settings.tenant_id !== "organizations" ? settings.tenant_id : "";
  const wrong = tenant.trim() === "" ? "" : tenantProblem(tenant);
  return (
    <div className={styles.stack}>
      {message("sign_in") !== undefined && (
        <MessageBar intent="warning" role="alert">
          <MessageBarBody>{message("sign_in")}</MessageBarBody>
        </MessageBar>
      )}
      {draft.signIn === "" && (
        <Field
          className={styles.field}
          label="Tenant to sign in at"
          hint={
            fixed === ""
              ? "Leave it empty for your own. Enter the id or domain name of another one that you are a guest in."
              : "Leave it empty for the one that is set at this server."
          }
          validationMessage={wrong === "" ? undefined : wrong}
        >
          <Input
            value={tenant}
            autoComplete="off"
            spellCheck={false}
            placeholder={fixed === "" ? "contoso.onmicrosoft.com" : fixed}
            onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
            onChange={(_event, data) => setTenant(data.value)}
          />
        </Field>
      )}
      <SignIn
        cloud={draft.cloud}
        tenantID={wrong === "" ? tenant.trim() : ""}
        id={draft.signIn}
        onID={(signIn) => onChange({ signIn, signInTenant: tenant.trim() })}
        may={may}
      />
    </div>
  );
}

function ApplicationLogon({ draft, secrets, onChange, onSecrets, message }: Props) {
  const styles = useStepStyles();
  const server = useServer();
  const lost = draft.hadSecret && secrets.secret === "" && secrets.file === null;
  return (
    <div className={styles.stack}>
      {lost && (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>
            The page was reloaded. What you entered is here again, except for the{" "}
            {draft.credential === "secret" ? "secret" : "file and its password"}: a browser must not keep those. Give{" "}
            {draft.credential === "secret" ? "it" : "them"} once more.
          </MessageBarBody>
        </MessageBar>
      )}
      <Field
        className={styles.field}
        label="Application ID"
        required
        validationMessage={message("application_id")}
        hint="The Overview page of the application in the Azure portal shows it, and the tenant's."
      >
        <Input
          className={styles.mono}
          value={draft.applicationID}
          autoComplete="off"
          spellCheck={false}
          onChange={(_event, data) => onChange({ applicationID: data.value })}
        />
      </Field>
      <Field className={styles.field} label="Tenant ID" required validationMessage={message("tenant_id")}>
        <Input
          className={styles.mono}
          value={draft.tenantID}
          autoComplete="off"
          spellCheck={false}
          onChange={(_event, data) => onChange({ tenantID: data.value })}
        />
      </Field>
      <Field label="Authentication type">
        <RadioGroup
          value={draft.credential}
          onChange={(_event, data) => onChange({ credential: data.value === "certificate" ? "certificate" : "secret" })}
        >
          <Radio value="secret" label="Client (application) secret" />
          <Radio value="certificate" label="Certificate" />
        </RadioGroup>
      </Field>
      {draft.credential === "secret" ? (
        <>
          <Field
            className={styles.field}
            label="Secret"
            required
            validationMessage={message("secret")}
            hint="Its value, which the portal shows once, not its id."
          >
            <Input
              type="password"
              autoComplete="off"
              spellCheck={false}
              value={secrets.secret}
              onChange={(_event, data) => onSecrets({ secret: data.value })}
            />
          </Field>
          <Field
            className={styles.field}
            label="It ends on (if you know it)"
            hint="A sign-in does not tell when a secret ends. The Azure portal shows the date."
            validationMessage={message("secret_expires_at")}
          >
            <Input type="date" value={draft.secretEnds} onChange={(_event, data) => onChange({ secretEnds: data.value })} />
          </Field>
        </>
      ) : (
        <CertificateChoice
          file={secrets.file}
          password={secrets.password}
          applicationID={draft.applicationID}
          tenantID={draft.tenantID}
          cloud={draft.cloud === "" ? (server.data?.default_cloud ?? "") : draft.cloud}
          now={server.data?.now ?? new Date().toISOString()}
          onChange={(part) =>
            onSecrets({
              ...("file" in part ? { file: part.file ?? null } : {}),
              ...("password" in part ? { password: part.password ?? "" } : {}),
            })
          }
          fileMessage={message("certificate")}
          passwordMessage={message("password")}
        />
      )}
    </div>
  );
}
