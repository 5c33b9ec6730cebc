import { Button, MessageBar, MessageBarBody, MessageBarTitle, makeStyles, tokens } from "@fluentui/react-components";
import { useState } from "react";

import type { Operation } from "../api/client";
import { explanationOf } from "../api/problem";
import { useBeginSignIn } from "../api/signins";
import { ProblemNotice } from "../frame/Notice";
import { SignIn } from "../signin/SignIn";
import { codesBlocked } from "../signin/ways";
import { usePlace } from "./place";

const useStyles = makeStyles({
  panel: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, alignItems: "stretch" },
});

interface Props {
  operation: Operation;
  /** Asks for the same once more, with a sign-in that was made here. */
  onAgain: (signIn: string) => void;
}

/** Of an operation whose code was refused because the tenant blocks codes: the same through the sign-in page in this browser. */
export function BrowserAgain({ operation, onAgain }: Props) {
  const styles = useStyles();
  const [session, setSession] = useState("");
  const begin = useBeginSignIn();
  const { cloud, tenantID } = usePlace(operation.account.id);
  if (operation.state !== "failed" || !codesBlocked({ method: "device", problem: operation.problem })) return null;
  if (session !== "") {
    return <SignIn cloud={cloud} tenantID={tenantID} id={session} onID={setSession} onSignedIn={(s) => onAgain(s.id)} />;
  }
  return (
    <div className={styles.panel}>
      <MessageBar intent="info" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>There is another way to sign in.</MessageBarTitle> Policies that block codes let the ordinary sign-in page in
          this browser through, on a device and as a person that they allow.
        </MessageBarBody>
      </MessageBar>
      <div>
        <Button
          appearance="primary"
          disabledFocusable={begin.isPending}
          onClick={() => begin.mutate({ method: "browser", cloud, tenantID }, { onSuccess: (begun) => setSession(begun.id) })}
        >
          Use this browser
        </Button>
      </div>
      {begin.error && <ProblemNotice problem={explanationOf(begin.error)} />}
    </div>
  );
}
