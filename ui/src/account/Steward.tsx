import { Button, Spinner, Text, makeStyles, tokens } from "@fluentui/react-components";

import type { Account } from "../api/client";
import { explanationOf } from "../api/problem";
import { useSetSteward, useStewards } from "../api/queries";
import { ProblemNotice } from "../frame/Notice";
import { PageLink } from "../frame/PageLink";
import { StateBadge } from "../frame/StateBadge";
import { Section } from "./Section";

const useStyles = makeStyles({ subtle: { color: tokens.colorNeutralForeground2 } });

/** Which account renews the others of the tenant by its rights, without a person; and making this one that, or ending it. */
export function Steward({ account }: { account: Account }) {
  const styles = useStyles();
  const stewards = useStewards();
  const set = useSetSteward(account);
  const other = stewards.data?.find((s) => s.cloud === account.cloud && s.tenant_id === account.tenant_id && s.account.id !== account.id);
  return (
    <Section title="Steward of the tenant">
      {account.steward ? (
        <>
          <div>
            <StateBadge tone="good" text="This account" />
          </div>
          <Text className={styles.subtle}>
            The other accounts of tenant {account.tenant_id} are renewed by its rights, without a person.
          </Text>
        </>
      ) : (
        <Text className={styles.subtle}>
          {other ? (
            <>
              <PageLink inline to={`/accounts/${encodeURIComponent(other.account.name)}`}>
                {other.account.name}
              </PageLink>{" "}
              is it: by its rights the accounts of this tenant are renewed, without a person. Another one would take its place.
            </>
          ) : (
            "There is none: accounts of this tenant are renewed by their own rights, or by a person who signs in. A steward’s application needs the right to change other applications in Microsoft Graph."
          )}
        </Text>
      )}
      {set.error && <ProblemNotice problem={explanationOf(set.error)} />}
      <div>
        <Button
          disabledFocusable={set.isPending}
          icon={set.isPending ? <Spinner size="tiny" /> : undefined}
          onClick={() => !set.isPending && set.mutate(!account.steward)}
        >
          {account.steward ? "End this" : "Make this account the steward"}
        </Button>
      </div>
    </Section>
  );
}
