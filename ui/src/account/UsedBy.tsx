import { Button, Field, Text, Textarea, makeStyles, tokens } from "@fluentui/react-components";
import { EditRegular } from "@fluentui/react-icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState, type SubmitEvent } from "react";

import { ask } from "../api/ask";
import type { Account } from "../api/client";
import { Problem, explanationOf } from "../api/problem";
import { keys } from "../api/queries";
import { ProblemNotice } from "../frame/Notice";
import { Section } from "./Section";
import { linesOf } from "./usedby";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  list: { margin: 0, paddingLeft: tokens.spacingHorizontalXL, overflowWrap: "anywhere" },
  buttons: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  subtle: { color: tokens.colorNeutralForeground2 },
});

interface Draft {
  text: string;
  /** The account as it was when the editing began: an edit is of that, and of nothing newer. */
  version: number;
}

/** What stops when the account stops working, as people have noted it. It is shown before a removal. */
export function UsedBy({ account }: { account: Account }) {
  const styles = useStyles();
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const path = `/accounts/${encodeURIComponent(account.id)}`;
  const save = useMutation({
    mutationFn: async ({ text, version, over }: Draft & { over?: boolean }) =>
      ask<Account>("PATCH", path, {
        body: { used_by: linesOf(text) },
        headers: { "If-Match": `"${over ? (await ask<Account>("GET", path)).version : version}"` },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["account"] });
      await client.invalidateQueries({ queryKey: keys.accounts });
      close();
    },
  });
  // The page may not know yet what somebody else has written: it is asked for.
  const look = useMutation({
    mutationFn: () => ask<Account>("GET", path),
    onSuccess: (now) => {
      save.reset();
      setDraft({ text: now.used_by.join("\n"), version: now.version });
    },
  });
  const close = () => {
    setDraft(null);
    save.reset();
    setTimeout(() => button.current?.focus()); // the button comes back as the form goes
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (draft && !save.isPending) save.mutate(draft);
  };
  const stale = save.error instanceof Problem && save.error.status === 412;
  const error = look.error ?? save.error;
  const problem = error ? explanationOf(error) : null;
  return (
    <Section title="Used by">
      {draft === null ? (
        <>
          {account.used_by.length === 0 ? (
            <Text className={styles.subtle}>
              Nobody has noted what uses this account. Note it, and whoever wants to remove or change it is told what stops.
            </Text>
          ) : (
            <ul className={styles.list}>
              {account.used_by.map((use) => (
                <li key={use}>{use}</li>
              ))}
            </ul>
          )}
          <div>
            <Button
              ref={button}
              icon={<EditRegular />}
              size="small"
              aria-label="Edit what uses the account"
              onClick={() => setDraft({ text: account.used_by.join("\n"), version: account.version })}
            >
              Edit
            </Button>
          </div>
        </>
      ) : (
        <form className={styles.form} onSubmit={submit}>
          <Field
            label="What uses this account"
            hint="One a line, for instance: Veeam appliance vba-01, nightly jobs"
            validationMessage={problem?.field.startsWith("used_by") ? problem.message : undefined}
          >
            <Textarea
              autoFocus // eslint-disable-line jsx-a11y/no-autofocus -- the form stands in place of the button that was pressed
              resize="vertical"
              rows={4}
              value={draft.text}
              onChange={(_event, data) => setDraft({ ...draft, text: data.value })}
            />
          </Field>
          {problem && !problem.field.startsWith("used_by") && (
            <ProblemNotice
              intent={stale ? "warning" : "error"}
              problem={problem}
              actions={
                stale && (
                  <>
                    <Button onClick={() => save.mutate({ ...draft, over: true })}>Save mine over it</Button>
                    <Button onClick={() => look.mutate()}>Show what is there now</Button>
                  </>
                )
              }
            />
          )}
          <div className={styles.buttons}>
            <Button type="submit" appearance="primary" disabledFocusable={save.isPending}>
              Save
            </Button>
            <Button onClick={close}>Cancel</Button>
          </div>
        </form>
      )}
    </Section>
  );
}
