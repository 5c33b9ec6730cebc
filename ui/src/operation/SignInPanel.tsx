import { Button, Text, makeStyles, tokens } from "@fluentui/react-components";
import { ArrowSyncRegular } from "@fluentui/react-icons";
import { useState } from "react";

import type { Operation } from "../api/client";
import { explanationOf } from "../api/problem";
import { useBeginSignIn } from "../api/signins";
import { ProblemNotice } from "../frame/Notice";
import { DeviceCode } from "../signin/DeviceCode";
import { SignIn } from "../signin/SignIn";
import { usePlace } from "./place";

const useStyles = makeStyles({
  panel: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  row: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
});

interface Props {
  operation: Operation;
  busy: boolean;
  onNewCode: () => void;
  /** Goes on with a sign-in that was made in this browser. */
  onSignedIn: (signIn: string) => void;
}

const may = (
  <>
    is assigned the <b>Owner</b> or <b>User Access Administrator</b> role, and that may change the application in Microsoft Entra
  </>
);

/** The sign-in that an operation waits for: its code, or the sign-in page in this browser. */
export function SignInPanel({ operation, busy, onNewCode, onSignedIn }: Props) {
  const styles = useStyles();
  const [session, setSession] = useState("");
  const begin = useBeginSignIn();
  const { cloud, tenantID } = usePlace(operation.account.id);
  const inBrowser = () => begin.mutate({ method: "browser", cloud, tenantID }, { onSuccess: (begun) => setSession(begun.id) });
  const signIn = operation.sign_in;
  const interrupted = operation.state === "needs_sign_in" || !signIn;
  const notice = interrupted && (
    <>
      {operation.problem && <ProblemNotice intent="warning" problem={operation.problem} />}
      {operation.left !== "" && <Text>Left to do: {operation.left}. The account keeps its proven credential.</Text>}
    </>
  );
  const failure = begin.error && <ProblemNotice problem={explanationOf(begin.error)} />;
  if (session !== "") {
    return (
      <div className={styles.panel}>
        {notice}
        <SignIn cloud={cloud} tenantID={tenantID} id={session} onID={setSession} onSignedIn={(s) => onSignedIn(s.id)} may={may} />
      </div>
    );
  }
  const instead = (appearance: "secondary" | "subtle") => (
    <Button appearance={appearance} disabledFocusable={busy || begin.isPending} onClick={inBrowser}>
      Use this browser instead
    </Button>
  );
  if (interrupted) {
    return (
      <div className={styles.panel}>
        {notice}
        <div className={styles.row}>
          <Button appearance="primary" icon={<ArrowSyncRegular />} disabledFocusable={busy} onClick={onNewCode}>
            Sign in and go on
          </Button>
          {instead("secondary")}
        </div>
        {failure}
      </div>
    );
  }
  return (
    <div className={styles.panel}>
      <DeviceCode
        code={signIn.user_code}
        address={signIn.verification_uri}
        expiresAt={signIn.expires_at}
        who={<>Sign in with an account that {may}.</>}
        actions={(over) => (
          <span className={styles.row}>
            <Button appearance={over ? "primary" : "subtle"} icon={<ArrowSyncRegular />} disabledFocusable={busy} onClick={onNewCode}>
              New code
            </Button>
            {instead("subtle")}
          </span>
        )}
      />
      {failure}
    </div>
  );
}
