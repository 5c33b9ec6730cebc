import { Button, Text, makeStyles, tokens, useRestoreFocusTarget } from "@fluentui/react-components";
import { ArrowUndoRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";

import type { Account, Credential } from "../api/client";
import { Remedy } from "../frame/Remedy";
import { StateBadge } from "../frame/StateBadge";
import { When } from "../frame/When";
import { kindLabel, slotLabel } from "../text/states";
import { date, relative } from "../text/time";
import { Section } from "./Section";
import { actionOf } from "./action";

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0, display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
  item: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXXS },
  head: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS, alignItems: "center" },
  subtle: { color: tokens.colorNeutralForeground2, overflowWrap: "anywhere" },
  mono: { fontFamily: tokens.fontFamilyMonospace },
});

/** All credentials of the account by slot, newest first, with what will happen to each; and those of others, left alone. */
export function Credentials({ account, busy, onRollback }: { account: Account; busy: boolean; onRollback: () => void }) {
  const styles = useStyles();
  const restoresFocus = useRestoreFocusTarget();
  const others = account.check?.others ?? [];
  const rollback = actionOf(account, "rollback");
  // Credentials come newest first: the first retiring one is what a rollback goes back to.
  const former = account.credentials.find((c) => c.slot === "retiring");
  return (
    <Section title="Credentials">
      {account.credentials.length === 0 && <Text>There is none.</Text>}
      <ul className={styles.list}>
        {account.credentials.map((credential) => (
          <Item key={credential.id} credential={credential} now={account.as_of}>
            {credential.id === former?.id && rollback.offered && (
              <div>
                <Button size="small" {...restoresFocus} icon={<ArrowUndoRegular />} disabledFocusable={busy} onClick={onRollback}>
                  Go back to it
                </Button>
              </div>
            )}
          </Item>
        ))}
      </ul>
      {others.length > 0 && (
        <Text size={200} className={styles.subtle}>
          The application has {others.length} more that Evercred neither made nor holds:{" "}
          {others.map((o) => (o.name === "" ? o.key_id : o.name)).join(", ")}. They are left alone.
        </Text>
      )}
    </Section>
  );
}

function Item({ credential, now, children }: { credential: Credential; now: string; children: ReactNode }) {
  const styles = useStyles();
  const slot = slotLabel(credential.slot);
  const over = credential.slot === "removed" || credential.slot === "lost";
  return (
    <li className={styles.item}>
      <div className={styles.head}>
        <Text weight="semibold">{kindLabel(credential.kind)}</Text>
        <StateBadge tone={slot.tone} text={slot.text} />
      </div>
      <Text size={200} className={styles.subtle}>
        Added {date(credential.added_at)}
        {credential.made_by === "evercred" ? " by Evercred" : ", not by Evercred"}
        {credential.removed_at !== null && ` · removed ${date(credential.removed_at)}`}
        {!over && credential.expires_at !== null && ` · ends ${date(credential.expires_at)}, ${relative(credential.expires_at, now)}`}
        {!over && credential.expires_at === null && " · its end is not known"}
      </Text>
      {credential.thumbprint !== "" && (
        <Text size={200} className={styles.subtle}>
          {credential.subject} · <span className={styles.mono}>{credential.thumbprint}</span>
        </Text>
      )}
      {credential.key_id !== "" && (
        <Text size={200} className={styles.subtle}>
          Key id <span className={styles.mono}>{credential.key_id}</span>
        </Text>
      )}
      {!over && (
        <Text size={200} className={styles.subtle}>
          {credential.proven_at === null ? (
            "Not proven yet"
          ) : (
            <>
              Last proven <When at={credential.proven_at} now={now} />
            </>
          )}
        </Text>
      )}
      {credential.note !== "" && (
        <Text size={200} className={styles.subtle}>
          <Remedy text={credential.note} />
        </Text>
      )}
      {credential.fate && (
        <Text size={200}>
          <Remedy text={credential.fate.text} />
        </Text>
      )}
      {children}
    </li>
  );
}
