import { Button, Field, Input, MessageBar, MessageBarBody, Text, makeStyles, tokens } from "@fluentui/react-components";
import { ArrowDownloadRegular, CheckmarkRegular, CopyRegular, EyeOffRegular, EyeRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";

import type { Account } from "../api/client";
import { explanationOf, type Explanation } from "../api/problem";
import { disclose, useAcknowledge } from "../api/queries";
import { CopyButton } from "../frame/Copy";
import { ProblemNotice } from "../frame/Notice";
import { Remedy } from "../frame/Remedy";
import { awaitsHandOver } from "../text/states";
import { moment } from "../text/time";
import { Section } from "./Section";
import { actionOf } from "./action";
import { save } from "./save";

const hideAfter = 60_000;

const useStyles = makeStyles({
  buttons: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  value: {
    fontFamily: tokens.fontFamilyMonospace,
    overflowWrap: "anywhere",
    padding: tokens.spacingHorizontalS,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    userSelect: "all",
  },
  subtle: { color: tokens.colorNeutralForeground2 },
  ids: {
    margin: 0,
    display: "grid",
    gridTemplateColumns: "max-content minmax(0, 1fr)",
    columnGap: tokens.spacingHorizontalM,
    alignItems: "center",
  },
  term: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  id: {
    margin: 0,
    display: "flex",
    alignItems: "center",
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
});

/** Giving the current credential to the software that uses the account, and saying that it has it. */
export function HandOver({ account }: { account: Account }) {
  const styles = useStyles();
  const acknowledge = useAcknowledge(account);
  const current = account.credential;
  if (!current || !actionOf(account, "hand_over").offered) return null;
  const waiting = awaitsHandOver(account);
  const acknowledgeable = actionOf(account, "acknowledge").offered;
  const old = account.credentials.filter((c) => c.slot === "retiring");
  const moved = old.some((c) => c.application_id !== "" && c.application_id !== current.application_id);
  const noun = current.kind === "certificate" ? "certificate" : "secret";
  return (
    <Section title="Hand-over" id="hand-over">
      {waiting ? (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            The new {noun} works. The software that uses the account does not have it yet: give it to that software, then say so here.
            {moved && " The application is another one too: the software needs its Application ID as well."}
          </MessageBarBody>
        </MessageBar>
      ) : (
        <Text className={styles.subtle}>
          {current.acknowledged_at === null ? (
            <Remedy text={current.fate?.text ?? ""} />
          ) : acknowledgeable ? (
            `The software was said to have it on ${moment(current.acknowledged_at)}, and another was in use since. See that it has this one, then say so once more: until then the other is kept.`
          ) : (
            `The software has it since ${moment(current.acknowledged_at)}.`
          )}
        </Text>
      )}
      <dl className={styles.ids}>
        <Id name="Application ID" value={account.application_id} />
        <Id name="Tenant ID" value={account.tenant_id} />
      </dl>
      {/* By credential: what was shown of the one before must not stand here as the new one. */}
      {current.kind === "certificate" ? (
        <CertificateDisclosure key={current.id} account={account} />
      ) : (
        <SecretDisclosure key={current.id} account={account} />
      )}
      <Text size={200} className={styles.subtle}>
        Each disclosure is noted in the audit log.
      </Text>
      {acknowledgeable && (
        <div>
          <Button
            appearance={waiting ? "primary" : "secondary"}
            icon={<CheckmarkRegular />}
            disabledFocusable={acknowledge.isPending}
            onClick={() => acknowledge.mutate()}
          >
            The software has it
          </Button>
        </div>
      )}
      {acknowledge.error && <ProblemNotice problem={explanationOf(acknowledge.error)} />}
      {old.map((credential) => (
        <Text key={credential.id} size={200}>
          <b>The old {credential.kind === "certificate" ? "certificate" : "secret"}:</b> <Remedy text={credential.fate?.text ?? ""} />
        </Text>
      ))}
    </Section>
  );
}

function Id({ name, value }: { name: string; value: string }) {
  const styles = useStyles();
  return (
    <>
      <dt className={styles.term}>{name}</dt>
      <dd className={styles.id}>
        {value}
        <CopyButton iconOnly appearance="transparent" text={value} label={`Copy the ${name} for the software`} />
      </dd>
    </>
  );
}

function SecretDisclosure({ account }: { account: Account }) {
  const styles = useStyles();
  const [value, setValue] = useState<string | null>(null);
  const [said, setSaid] = useState("");
  const [problem, setProblem] = useState<Explanation | null>(null);
  useEffect(() => {
    if (value === null) return;
    const timer = setTimeout(() => setValue(null), hideAfter);
    return () => clearTimeout(timer);
  }, [value]);
  const withSecret = async (consume: (secret: string) => void | Promise<void>) => {
    setProblem(null);
    setSaid("");
    try {
      await consume((await disclose(account)).secret ?? "");
    } catch (error) {
      setProblem(explanationOf(error));
    }
  };
  const copy = () =>
    withSecret(async (secret) => {
      try {
        await navigator.clipboard.writeText(secret);
        setSaid("The secret is on the clipboard.");
      } catch {
        setValue(secret);
        setSaid("The browser refused to copy: select the secret and copy it by hand.");
      }
    });
  return (
    <>
      <div className={styles.buttons}>
        <Button
          icon={value === null ? <EyeRegular /> : <EyeOffRegular />}
          onClick={value === null ? () => withSecret(setValue) : () => setValue(null)}
        >
          {value === null ? "Reveal secret" : "Hide secret"}
        </Button>
        <Button icon={<CopyRegular />} onClick={copy}>
          Copy secret
        </Button>
        <Button icon={<ArrowDownloadRegular />} onClick={() => withSecret((secret) => save(`${account.name}.secret`, secret))}>
          Download
        </Button>
      </div>
      {value !== null && (
        <div className={styles.value} role="region" aria-label="The secret">
          {value}
        </div>
      )}
      <Text size={200} role="status" className={styles.subtle}>
        {said}
      </Text>
      {problem && <ProblemNotice problem={problem} />}
    </>
  );
}

function CertificateDisclosure({ account }: { account: Account }) {
  const styles = useStyles();
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [problem, setProblem] = useState<Explanation | null>(null);
  const [busy, setBusy] = useState(false);
  const differs = again !== "" && password !== again;
  const download = async () => {
    setProblem(null);
    setBusy(true);
    try {
      const handOver = await disclose(account, password);
      save(
        `${account.name}.pfx`,
        Uint8Array.from(atob(handOver.certificate_pfx ?? ""), (c) => c.charCodeAt(0)),
      );
      setPassword("");
      setAgain("");
    } catch (error) {
      setProblem(explanationOf(error));
    } finally {
      setBusy(false);
    }
  };
  const passwordProblem = problem?.field === "password" ? problem.message : undefined;
  return (
    <>
      <Field label="Password for the file" validationMessage={passwordProblem}>
        <Input type="password" autoComplete="new-password" value={password} onChange={(_event, data) => setPassword(data.value)} />
      </Field>
      <Field label="The same password again" validationMessage={differs ? "The passwords differ." : undefined}>
        <Input type="password" autoComplete="new-password" value={again} onChange={(_event, data) => setAgain(data.value)} />
      </Field>
      <div className={styles.buttons}>
        <Button icon={<ArrowDownloadRegular />} disabled={password === "" || password !== again || busy} onClick={download}>
          Download certificate (PFX)
        </Button>
      </div>
      {problem && passwordProblem === undefined && <ProblemNotice problem={problem} />}
    </>
  );
}
