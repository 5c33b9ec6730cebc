import { Button, Link, ProgressBar, Text, makeStyles, tokens } from "@fluentui/react-components";
import { ArrowSyncRegular, OpenRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";

import type { Operation } from "../api/client";
import { useServer } from "../api/queries";
import { CopyButton } from "../frame/Copy";
import { ProblemNotice } from "../frame/Notice";
import { countdown } from "../text/time";

const useStyles = makeStyles({
  panel: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  list: { margin: 0, paddingLeft: tokens.spacingHorizontalXL, display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  codeRow: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: tokens.spacingHorizontalM, marginTop: tokens.spacingVerticalXS },
  code: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase600,
    lineHeight: tokens.lineHeightBase600,
    letterSpacing: "0.12em",
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalM}`,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
  },
  link: { display: "inline-flex", alignItems: "center", gap: tokens.spacingHorizontalXS, overflowWrap: "anywhere" },
  foot: { display: "flex", flexWrap: "wrap", alignItems: "center", justifyContent: "space-between", gap: tokens.spacingHorizontalM },
  subtle: { color: tokens.colorNeutralForeground2 },
});

interface Props {
  operation: Operation;
  busy: boolean;
  onNewCode: () => void;
}

/** The code, the page to enter it on, the time left, and a way to a new code. */
export function SignInPanel({ operation, busy, onNewCode }: Props) {
  const styles = useStyles();
  const now = useCloudClock();
  const signIn = operation.sign_in;
  if (operation.state === "needs_sign_in" || !signIn) {
    return (
      <div className={styles.panel}>
        {operation.problem && <ProblemNotice intent="warning" problem={operation.problem} />}
        {operation.left !== "" && <Text>Left to do: {operation.left}. The account keeps its proven credential.</Text>}
        <div>
          <Button appearance="primary" icon={<ArrowSyncRegular />} disabledFocusable={busy} onClick={onNewCode}>
            Sign in and go on
          </Button>
        </div>
      </div>
    );
  }
  const left = countdown(signIn.expires_at, now);
  const over = Date.parse(signIn.expires_at) <= now;
  return (
    <div className={styles.panel}>
      <ol className={styles.list}>
        <li>
          <Text>Copy the code.</Text>
          <div className={styles.codeRow}>
            <span className={styles.code} aria-label={"The code: " + signIn.user_code.split("").join(" ")} role="img">
              {signIn.user_code}
            </span>
            <CopyButton text={signIn.user_code} label="Copy Code to Clipboard" appearance="primary" />
          </div>
        </li>
        <li>
          <Text>Open the sign-in page of Microsoft Azure and enter it.</Text>
          <div>
            <Link href={signIn.verification_uri} target="_blank" rel="noreferrer" className={styles.link}>
              {signIn.verification_uri} <OpenRegular aria-label="opens a new tab" />
            </Link>
          </div>
        </li>
        <li>
          <Text>
            Sign in with an account that is assigned the <b>Owner</b> or <b>User Access Administrator</b> role, and that may change the
            application in Microsoft Entra.
          </Text>
        </li>
      </ol>
      <ProgressBar aria-label="Waiting for the sign-in" {...(over ? { value: 0 } : {})} />
      <div className={styles.foot}>
        <Text className={styles.subtle}>
          {over ? "The code has expired." : "Waiting for the sign-in. The code is valid for "}
          {!over && <span role="timer">{left}</span>}
          {!over && " more."}
        </Text>
        <Button appearance={over ? "primary" : "subtle"} icon={<ArrowSyncRegular />} disabledFocusable={busy} onClick={onNewCode}>
          New code
        </Button>
      </div>
    </div>
  );
}

/** The time on the clock of the account's cloud, in milliseconds since 1970, each second. */
function useCloudClock(): number {
  const offset = useServer().data?.offset ?? 0;
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now + offset;
}
