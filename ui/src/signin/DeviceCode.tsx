import { Link, ProgressBar, Text, makeStyles, tokens } from "@fluentui/react-components";
import { OpenRegular } from "@fluentui/react-icons";
import { useEffect, useState, type ReactNode } from "react";

import { useServer } from "../api/queries";
import { CopyButton } from "../frame/Copy";
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
  code: string;
  /** The page of Microsoft that asks for the code. */
  address: string;
  expiresAt: string;
  /** Who should sign in: the last of the steps. */
  who: ReactNode;
  /** Beside the time left: a way to a new code, or to another way. */
  actions: (over: boolean) => ReactNode;
}

/** A device code: the code, the page to enter it on, who should sign in, and the time left. */
export function DeviceCode({ code, address, expiresAt, who, actions }: Props) {
  const styles = useStyles();
  const now = useCloudClock();
  const over = Date.parse(expiresAt) <= now;
  return (
    <div className={styles.panel}>
      <ol className={styles.list}>
        <li>
          <Text>Copy the code.</Text>
          <div className={styles.codeRow}>
            <span className={styles.code} aria-label={"The code: " + code.split("").join(" ")} role="img">
              {code}
            </span>
            <CopyButton text={code} label="Copy Code to Clipboard" appearance="primary" />
          </div>
        </li>
        <li>
          <Text>Open the sign-in page of Microsoft Azure and enter it.</Text>
          <div>
            <Link href={address} target="_blank" rel="noreferrer" className={styles.link}>
              {address} <OpenRegular aria-label="opens a new tab" />
            </Link>
          </div>
        </li>
        <li>
          <Text>{who}</Text>
        </li>
      </ol>
      <ProgressBar aria-label="Waiting for the sign-in" {...(over ? { value: 0 } : {})} />
      <div className={styles.foot}>
        <Text className={styles.subtle}>
          {over ? "The code has expired." : "Waiting for the sign-in. The code is valid for "}
          {!over && <span role="timer">{countdown(expiresAt, now)}</span>}
          {!over && " more."}
        </Text>
        {actions(over)}
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
