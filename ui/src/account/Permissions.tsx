import { Text, makeStyles, tokens } from "@fluentui/react-components";

import type { Account, SubscriptionCheck } from "../api/client";
import { Remedy } from "../frame/Remedy";
import { StateBadge } from "../frame/StateBadge";
import { permissionsOf, type Tone } from "../text/states";
import { Section } from "./Section";

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0, display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  item: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXXS },
  head: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS, alignItems: "center" },
  subtle: { color: tokens.colorNeutralForeground2, overflowWrap: "anywhere" },
  mono: { fontFamily: tokens.fontFamilyMonospace, overflowWrap: "anywhere" },
});

const results: Record<string, { text: string; tone: Tone }> = {
  ok: { text: "Held", tone: "good" },
  missing: { text: "Missing", tone: "warning" },
  not_checked: { text: "Not checked", tone: "neutral" },
};

/** What the last check found, per subscription: the roles that are held, and exactly what is missing. */
export function Permissions({ account }: { account: Account }) {
  const styles = useStyles();
  const summary = permissionsOf(account);
  return (
    <Section title="Permissions">
      <Text className={styles.subtle}>
        {account.role_set.length > 0 && `Wanted on each subscription: ${account.role_set.join(", ")}. `}
        <Remedy text={summary.detail} />
      </Text>
      <ul className={styles.list}>
        {(account.check?.subscriptions ?? []).map((subscription) => (
          <Item
            key={subscription.id}
            subscription={subscription}
            name={account.subscriptions.find((s) => s.id === subscription.id)?.name ?? ""}
          />
        ))}
      </ul>
    </Section>
  );
}

function Item({ subscription, name }: { subscription: SubscriptionCheck; name: string }) {
  const styles = useStyles();
  const result = results[subscription.result] ?? { text: subscription.result, tone: "neutral" as const };
  const title = subscription.name === "" ? name : subscription.name;
  return (
    <li className={styles.item}>
      <div className={styles.head}>
        <Text weight="semibold">{title === "" ? subscription.id : title}</Text>
        <StateBadge tone={result.tone} text={result.text} />
      </div>
      {title !== "" && (
        <Text size={200} className={styles.mono}>
          {subscription.id}
        </Text>
      )}
      {subscription.reason !== "" && (
        <Text size={200} className={styles.subtle}>
          <Remedy text={subscription.reason} />
        </Text>
      )}
      {subscription.roles
        .filter((role) => role.result !== "ok")
        .map((role) => (
          <div key={role.role}>
            <Text size={200} block>
              {role.role}: {results[role.result]?.text.toLowerCase() ?? role.result}
              {role.reason !== "" && ` (${role.reason})`}
            </Text>
            {[...role.missing_actions, ...role.missing_data_actions].map((action) => (
              <Text key={action} size={200} block className={styles.mono}>
                {action}
              </Text>
            ))}
          </div>
        ))}
    </li>
  );
}
