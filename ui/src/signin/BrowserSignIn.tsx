import { Button, Field, Input, Link, ProgressBar, Text, makeStyles, tokens } from "@fluentui/react-components";
import { OpenRegular } from "@fluentui/react-icons";
import { useState, type KeyboardEvent, type ReactNode } from "react";

import { explanationOf } from "../api/problem";
import { useRedirect, type SignInSession } from "../api/signins";
import { ProblemNotice } from "../frame/Notice";
import { mustPaste, pasteProblem } from "./ways";

const useStyles = makeStyles({
  panel: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  list: { margin: 0, paddingLeft: tokens.spacingHorizontalXL, display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  link: { display: "inline-flex", alignItems: "center", gap: tokens.spacingHorizontalXS, fontWeight: tokens.fontWeightSemibold },
  paste: { display: "flex", flexWrap: "wrap", alignItems: "flex-start", gap: tokens.spacingHorizontalS },
  grow: { flex: "1 1 320px", minWidth: 0 },
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, overflowWrap: "anywhere" },
  align: { marginTop: "26px", "@media (max-width: 480px)": { marginTop: 0 } },
  foot: { display: "flex", flexWrap: "wrap", alignItems: "center", justifyContent: "space-between", gap: tokens.spacingHorizontalM },
  subtle: { color: tokens.colorNeutralForeground2 },
});

interface Props {
  session: SignInSession;
  who: ReactNode;
  actions: ReactNode;
}

/** The sign-in page in a tab of this browser. Where Microsoft cannot send the browser back to the server, its address is pasted. */
export function BrowserSignIn({ session, who, actions }: Props) {
  const styles = useStyles();
  const remote = !session.returns || mustPaste(session.redirect_uri, location.hostname);
  const [shown, setShown] = useState(remote);
  return (
    <div className={styles.panel}>
      <ol className={styles.list}>
        <li>
          <Link href={session.authorize_url} target="_blank" rel="noreferrer" className={styles.link}>
            Open the sign-in page <OpenRegular aria-label="(opens a new tab)" />
          </Link>
        </li>
        <li>
          <Text>{who}</Text>
        </li>
        {remote ? (
          <li>
            <Text>
              Your browser then shows that it cannot reach <span className={styles.mono}>{session.redirect_uri}</span>. That is expected:
              Microsoft sends it to this machine, and Evercred runs on another. Copy the whole address of that tab and paste it here.
            </Text>
          </li>
        ) : (
          <li>
            <Text>Come back to this tab. It goes on by itself.</Text>
          </li>
        )}
      </ol>
      {shown && <Paste session={session} />}
      <ProgressBar aria-label="Waiting for the sign-in" />
      <div className={styles.foot}>
        <Text className={styles.subtle}>Waiting for the sign-in.</Text>
        {!shown && (
          <Link as="button" type="button" onClick={() => setShown(true)}>
            The browser ended on a page it cannot reach
          </Link>
        )}
        {actions}
      </div>
    </div>
  );
}

/** The address, which holds a one-time code, is kept nowhere but in the field. */
function Paste({ session }: { session: SignInSession }) {
  const styles = useStyles();
  const redirect = useRedirect(session.id);
  const [value, setValue] = useState("");
  const [wrong, setWrong] = useState("");
  const send = () => {
    const why = pasteProblem(value);
    setWrong(why);
    if (why !== "" || redirect.isPending) return;
    redirect.mutate(value.trim(), { onSuccess: () => setValue("") });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // it must not be taken for "Next" of a step around it
    send();
  };
  return (
    <>
      <div className={styles.paste}>
        <Field className={styles.grow} label="The address you were sent to" validationMessage={wrong === "" ? undefined : wrong}>
          <Input
            className={styles.mono}
            value={value}
            autoComplete="off"
            spellCheck={false}
            placeholder={session.redirect_uri === "" ? "http://localhost…" : `${session.redirect_uri}?code=…`}
            onChange={(_event, data) => {
              setValue(data.value);
              setWrong("");
            }}
            onKeyDown={onKeyDown}
          />
        </Field>
        <Button className={styles.align} disabledFocusable={redirect.isPending} onClick={send}>
          Go on
        </Button>
      </div>
      {redirect.error && <ProblemNotice problem={explanationOf(redirect.error)} />}
    </>
  );
}
