import {
  Button,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Radio,
  RadioGroup,
  Spinner,
  Text,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { ArrowSyncRegular, CheckmarkCircleFilled, PersonRegular } from "@fluentui/react-icons";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type ReactNode } from "react";

import { Problem, explanationOf } from "../api/problem";
import { useServer } from "../api/queries";
import { endSignIn, useBeginSignIn, useSignIn, type SignInMethod, type SignInSession } from "../api/signins";
import { ProblemNotice } from "../frame/Notice";
import { clock } from "../text/time";
import { BrowserSignIn } from "./BrowserSignIn";
import { DeviceCode } from "./DeviceCode";
import { azureCLI, clientName, codesBlocked, otherMethod, type SignInSettings } from "./ways";

const useStyles = makeStyles({
  panel: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL, alignItems: "stretch" },
  row: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: tokens.spacingHorizontalM },
  person: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalS, minWidth: 0, overflowWrap: "anywhere" },
  good: { color: tokens.colorStatusSuccessForeground1, flexShrink: 0 },
  subtle: { color: tokens.colorNeutralForeground2 },
  option: { display: "flex", flexDirection: "column", color: tokens.colorNeutralForeground1 },
  mono: { fontFamily: tokens.fontFamilyMonospace, overflowWrap: "anywhere" },
});

const buttons: Record<SignInMethod, string> = { device: "Use a code", browser: "Use this browser" };

interface Props {
  cloud: string;
  /** The tenant to sign in at; empty: the person's own. */
  tenantID: string;
  /** Of the sign-in, which the caller keeps; empty: none yet. */
  id: string;
  onID: (id: string) => void;
  /** Once, when the person has signed in, also where that was so from the beginning. */
  onSignedIn?: (session: SignInSession) => void;
  /** Who should sign in, as the end of "Sign in with an account that …". */
  may?: ReactNode;
}

const owner: ReactNode = (
  <>
    is assigned the <b>Owner</b> or <b>User Access Administrator</b> role
  </>
);

/** A person's sign-in to Microsoft Azure, by a code or in this browser, and what to do where the tenant allows only one of them. */
export function SignIn({ cloud, tenantID, id, onID, onSignedIn, may = owner }: Props) {
  const styles = useStyles();
  const client = useQueryClient();
  const begin = useBeginSignIn();
  const session = useSignIn(id);
  const settings = useSettings();
  const [chosen, setChosen] = useState<SignInMethod>("device");
  const s = session.data;
  const start = (method: SignInMethod) => {
    if (begin.isPending) return;
    setChosen(method);
    const before = id;
    begin.mutate(
      { method, cloud, tenantID },
      {
        onSuccess: (begun) => {
          onID(begun.id);
          void endSignIn(client, before);
        },
      },
    );
  };
  useOnce(s?.state === "signed_in" ? s : undefined, onSignedIn);

  const who = <>Sign in with an account that {may}.</>;
  const failure = begin.error && <ProblemNotice problem={explanationOf(begin.error)} />;
  // The server may have restarted, or the hour may be over, while the page was away: the sign-in is then no longer known.
  const gone = session.error instanceof Problem && session.error.status === 404;
  if (id !== "" && !s && !gone) {
    if (session.error) return <ProblemNotice problem={explanationOf(session.error)} />;
    return <Spinner label={session.failureCount > 0 ? "The server does not answer. Trying again…" : "Looking at the sign-in…"} />;
  }
  const away = s && session.failureCount > 0 && <ProblemNotice intent="warning" problem={explanationOf(session.failureReason)} />;
  if (s?.state === "signed_in" && !gone) {
    return (
      <div className={styles.panel}>
        <div className={styles.row}>
          <span className={styles.person} role="status">
            <CheckmarkCircleFilled fontSize={20} className={styles.good} aria-hidden />
            <Text>
              Signed in as <b>{s.person}</b>
              {s.ends_at !== null && <span className={styles.subtle}>, until {clock(s.ends_at).replace(/:\d\d(?=\D*$)/, "")}</span>}
            </Text>
          </span>
          <Button icon={<PersonRegular />} disabledFocusable={begin.isPending} onClick={() => start(chosen)}>
            Sign in as somebody else
          </Button>
        </div>
        {failure}
      </div>
    );
  }
  if (s?.state === "waiting" && !gone) {
    const other = otherMethod(s.method);
    const switchTo = (
      <Button appearance="subtle" disabledFocusable={begin.isPending} onClick={() => start(other)}>
        {buttons[other]} instead
      </Button>
    );
    return (
      <div className={styles.panel}>
        {away}
        {s.method === "device" ? (
          <DeviceCode
            code={s.user_code}
            address={s.verification_uri}
            expiresAt={s.expires_at}
            who={who}
            actions={(over) => (
              <span className={styles.row}>
                <Button
                  appearance={over ? "primary" : "subtle"}
                  icon={<ArrowSyncRegular />}
                  disabledFocusable={begin.isPending}
                  onClick={() => start("device")}
                >
                  New code
                </Button>
                {switchTo}
              </span>
            )}
          />
        ) : (
          <BrowserSignIn session={s} who={who} actions={switchTo} />
        )}
        {failure}
        <Client settings={settings} />
      </div>
    );
  }
  return (
    <div className={styles.panel}>
      {s?.state === "failed" && s.problem && (
        <>
          <ProblemNotice problem={s.problem} />
          {codesBlocked(s) && <Blocked />}
        </>
      )}
      {(gone || s?.state === "ended") && (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>
            The sign-in has ended. A sign-in lasts an hour at most, and ends when the server restarts. Sign in again.
          </MessageBarBody>
        </MessageBar>
      )}
      <Choice
        value={s?.state === "failed" && codesBlocked(s) && chosen === "device" ? "browser" : chosen}
        busy={begin.isPending}
        onChange={setChosen}
        onStart={start}
      />
      {failure}
      <Client settings={settings} />
    </div>
  );
}

function Choice(props: { value: SignInMethod; busy: boolean; onChange: (m: SignInMethod) => void; onStart: (m: SignInMethod) => void }) {
  const styles = useStyles();
  return (
    <>
      <RadioGroup
        aria-label="How to sign in"
        value={props.value}
        onChange={(_event, data) => props.onChange(data.value === "browser" ? "browser" : "device")}
      >
        <Radio
          value="device"
          label={
            <span className={styles.option}>
              <Text>With a code</Text>
              <Text size={200} className={styles.subtle}>
                Enter a short code on a page of Microsoft, on this or another device. Some organisations block this.
              </Text>
            </span>
          }
        />
        <Radio
          value="browser"
          label={
            <span className={styles.option}>
              <Text>In this browser</Text>
              <Text size={200} className={styles.subtle}>
                The ordinary sign-in page, with everything your organisation asks for: passkeys, a managed device.
              </Text>
            </span>
          }
        />
      </RadioGroup>
      <div>
        <Button appearance="primary" disabledFocusable={props.busy} onClick={() => props.onStart(props.value)}>
          Sign in
        </Button>
      </div>
    </>
  );
}

function Blocked() {
  return (
    <MessageBar intent="info" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>Your organisation blocks sign-in with a code.</MessageBarTitle> AADSTS53003 means that a Conditional Access policy
        refused it. Microsoft turns such a policy on by itself in tenants that rarely use codes. The sign-in in this browser is another
        kind, which that policy lets through: choose it below.
      </MessageBarBody>
    </MessageBar>
  );
}

function Client({ settings }: { settings: SignInSettings | undefined }) {
  const styles = useStyles();
  return (
    <Text size={200} className={styles.subtle}>
      Microsoft shows “{clientName(settings)}” as the application that you sign in to.{" "}
      {settings === undefined || settings.client_id === azureCLI
        ? "Evercred uses the Azure CLI’s client id by default, since it is known in every tenant; another one can be set at the server"
        : "It is the client id that is set at this server"}
      {settings !== undefined && settings.client_id !== "" && (
        <>
          {" "}
          (<span className={styles.mono}>{settings.client_id}</span>)
        </>
      )}
      . Your sign-in is kept encrypted for an hour at most, and serves nothing but what you start here.
    </Text>
  );
}

function useSettings(): SignInSettings | undefined {
  return useServer().data?.sign_in;
}

/** Calls back once for each sign-in that is given. */
function useOnce(session: SignInSession | undefined, call: ((session: SignInSession) => void) | undefined): void {
  const told = useRef("");
  useEffect(() => {
    if (!session || told.current === session.id) return;
    told.current = session.id;
    call?.(session);
  }, [session, call]);
}
