import { Button, Spinner, Text, makeStyles, tokens } from "@fluentui/react-components";
import { useState } from "react";

import { idempotencyKey } from "../api/ask";
import { explanationOf } from "../api/problem";
import { ProblemNotice } from "../frame/Notice";
import { SignIn } from "../signin/SignIn";
import { cloudName } from "../text/clouds";
import { accountsText } from "../text/count";
import { useStartBulk, type BulkJob, type SignInNeeded } from "./bulk";

const named = 5;

const useStyles = makeStyles({
  card: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalM,
    padding: tokens.spacingHorizontalL,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  head: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalM, alignItems: "center", justifyContent: "space-between" },
  words: { display: "flex", flexDirection: "column", minWidth: 0, overflowWrap: "anywhere" },
  subtle: { color: tokens.colorNeutralForeground2 },
  mono: { fontFamily: tokens.fontFamilyMonospace },
});

interface Props {
  group: SignInNeeded;
  /** The id of the sign-in, which the page keeps; empty before there is one. */
  signIn: string;
  onSignIn: (id: string) => void;
  onBegun: (answer: BulkJob) => void;
}

/** One sign-in for all accounts of a tenant; what waits for it then begins. */
export function BulkSignIn({ group, signIn, onSignIn, onBegun }: Props) {
  const styles = useStyles();
  const [open, setOpen] = useState(signIn !== "");
  const start = useStartBulk();
  const begin = (id: string, key: string) =>
    start.mutate(
      { body: { action: "renew", accounts: group.accounts.map((account) => account.id), sign_in: id }, key },
      { onSuccess: onBegun },
    );
  const names = group.accounts.slice(0, named).map((account) => account.name);
  const rest = group.accounts.length - names.length;
  return (
    <section className={styles.card} aria-label={`Sign-in for tenant ${group.tenant_id}`}>
      <div className={styles.head}>
        <div className={styles.words}>
          <Text weight="semibold">{accountsText(group.accounts.length)} of one tenant</Text>
          <Text size={200} className={styles.subtle}>
            Tenant <span className={styles.mono}>{group.tenant_id}</span>
            {group.cloud !== "" && `, environment: ${cloudName(group.cloud)}`}
          </Text>
          <Text size={200} className={styles.subtle}>
            {names.join(", ")}
            {rest > 0 && ` and ${rest.toLocaleString("en")} more`}
          </Text>
        </div>
        {!open && (
          <Button appearance="primary" onClick={() => setOpen(true)}>
            Sign in
          </Button>
        )}
      </div>
      {open && (
        <SignIn
          cloud={group.cloud}
          tenantID={group.tenant_id}
          id={signIn}
          onID={onSignIn}
          onSignedIn={(session) => begin(session.id, idempotencyKey())}
        />
      )}
      {start.isPending && <Spinner size="tiny" labelPosition="after" label="Beginning the renewals…" />}
      {start.error && (
        <ProblemNotice
          problem={explanationOf(start.error)}
          actions={<Button onClick={() => begin(signIn, start.variables.key)}>Try again</Button>}
        />
      )}
    </section>
  );
}
