import { Button, Field, Input, Text, makeStyles, tokens } from "@fluentui/react-components";
import { EyeOffRegular, EyeRegular } from "@fluentui/react-icons";
import { useEffect, useState, type ReactNode } from "react";

import type { Account } from "../api/client";
import { explanationOf, type Explanation } from "../api/problem";
import { disclose } from "../api/queries";
import { ProblemNotice } from "../frame/Notice";
import { Remedy } from "../frame/Remedy";
import { date, relative } from "../text/time";
import type { Draft } from "./draft";
import { actionOf } from "./action";

// A revealed secret does not stay on a screen that somebody has left.
const hideAfter = 60_000;

const useStyles = makeStyles({
  row: { display: "flex", flexWrap: "wrap", alignItems: "flex-end", gap: tokens.spacingHorizontalS },
  grow: { flex: "1 1 260px", minWidth: 0 },
  subtle: { color: tokens.colorNeutralForeground2 },
});

interface Props {
  account: Account;
  editing: boolean;
  secret: string;
  ends: string;
  onChange: (part: Partial<Draft>) => void;
  message: string | undefined;
  endsMessage: string | undefined;
  /** The button beside the field; null if renewal is not offered. */
  renew: ReactNode;
}

/** The secret: masked, to be revealed on request (which is audited), with Renew beside it; or a new value to type. */
export function SecretField({ account, editing, secret, ends, onChange, message, endsMessage, renew }: Props) {
  const styles = useStyles();
  const current = account.credential?.kind === "secret" ? account.credential : null;
  const reveal = useReveal(account);
  const offered = current !== null && actionOf(account, "hand_over").offered;
  const eye = offered && secret === "" && (
    <Button
      appearance="transparent"
      icon={reveal.value === null ? <EyeRegular /> : <EyeOffRegular />}
      aria-label={reveal.value === null ? "Reveal the secret (noted in the audit log)" : "Hide the secret"}
      title={reveal.value === null ? "Reveal the secret (noted in the audit log)" : "Hide the secret"}
      onClick={reveal.value === null ? reveal.show : reveal.hide}
    />
  );
  return (
    <>
      <div className={styles.row}>
        <Field className={styles.grow} label="Secret" validationMessage={message}>
          {editing && reveal.value === null ? (
            <Input
              type="password"
              autoComplete="off"
              spellCheck={false}
              value={secret}
              placeholder={current ? "•••••••••••••• (unchanged)" : "The value, not the id, of the secret"}
              onChange={(_event, data) => onChange({ secret: data.value })}
              contentAfter={eye || undefined}
            />
          ) : (
            <Input
              readOnly
              autoComplete="off"
              spellCheck={false}
              value={reveal.value ?? (current ? "••••••••••••••••••••" : "")}
              contentAfter={eye || undefined}
            />
          )}
        </Field>
        {renew}
      </div>
      {reveal.problem && <ProblemNotice problem={reveal.problem} />}
      {current && secret === "" && (
        <Text size={200} className={styles.subtle}>
          {current.expires_at === null ? (
            <>
              Its end is not known. <Remedy text={current.expires_reason} />
            </>
          ) : (
            `Ends ${date(current.expires_at)}, ${relative(current.expires_at, account.as_of)}.`
          )}
        </Text>
      )}
      {editing && secret !== "" && (
        <Field
          label="It ends on (if you know it)"
          hint="A sign-in does not tell when a secret ends. The Azure portal shows the date."
          validationMessage={endsMessage}
        >
          <Input type="date" value={ends} onChange={(_event, data) => onChange({ secretEnds: data.value })} />
        </Field>
      )}
    </>
  );
}

/** The secret of the credential in use, while it is shown. One that was replaced meanwhile is not shown as the new one. */
function useReveal(account: Account) {
  const [shown, setShown] = useState<{ credential: string; secret: string } | null>(null);
  const [problem, setProblem] = useState<Explanation | null>(null);
  useEffect(() => {
    if (shown === null) return;
    const timer = setTimeout(() => setShown(null), hideAfter);
    return () => clearTimeout(timer);
  }, [shown]);
  const show = async () => {
    setProblem(null);
    try {
      const handOver = await disclose(account);
      setShown({ credential: handOver.credential.id, secret: handOver.secret ?? "" });
    } catch (error) {
      setProblem(explanationOf(error));
    }
  };
  const value = shown !== null && shown.credential === account.credential?.id ? shown.secret : null;
  return { value, problem, show, hide: () => setShown(null) };
}
