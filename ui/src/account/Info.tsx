import { Subtitle2, Text, makeStyles, tokens } from "@fluentui/react-components";
import { useId, type ReactNode } from "react";

import type { Account } from "../api/client";
import { useProfiles } from "../api/permissions";
import { CopyButton } from "../frame/Copy";
import { Remedy } from "../frame/Remedy";
import { StateBadge } from "../frame/StateBadge";
import { When } from "../frame/When";
import { cloudName } from "../text/clouds";
import { numbered } from "../text/count";
import { duration } from "../text/duration";
import { kindLabel, permissionsOf, stateLabel } from "../text/states";
import { profileTitle } from "../wizard/summary";

const useStyles = makeStyles({
  all: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
  part: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXS },
  facts: {
    margin: 0,
    display: "grid",
    gridTemplateColumns: "minmax(110px, 170px) minmax(0, 1fr)",
    gap: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalM}`,
    "@media (max-width: 480px)": { gridTemplateColumns: "minmax(0, 1fr)", gap: 0 },
  },
  term: { color: tokens.colorNeutralForeground2 },
  value: { margin: 0, overflowWrap: "anywhere", "@media (max-width: 480px)": { marginBottom: tokens.spacingVerticalS } },
  id: { display: "inline-flex", alignItems: "center", fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
  list: { margin: 0, padding: 0, listStyleType: "none" },
  subtle: { color: tokens.colorNeutralForeground2 },
});

/** What is known of an account: what it may do, with what it signs in, its application, scope, purposes, users and policy. */
export function Info({ account }: { account: Account }) {
  const styles = useStyles();
  const state = stateLabel(account.state);
  const permissions = permissionsOf(account);
  const credential = account.credential;
  const now = account.as_of;
  const profile = useProfiles().data?.find((p) => p.name === (account.profile === "" ? "default" : account.profile));
  return (
    <div className={styles.all}>
      <Part title="State">
        <Fact name="Now">
          <StateBadge tone={state.tone} text={state.text} /> <Remedy text={account.meaning} />
        </Fact>
        {account.description !== "" && <Fact name="Description">{account.description}</Fact>}
        <Fact name="Last check">{account.check ? <When at={account.check.at} now={now} /> : "Never"}</Fact>
        <Fact name="Used by">
          {account.used_by.length === 0 ? (
            "Nobody has noted what uses it."
          ) : (
            <ul className={styles.list}>
              {account.used_by.map((use) => (
                <li key={use}>{use}</li>
              ))}
            </ul>
          )}
        </Fact>
      </Part>
      <Part title="What it may do">
        <Fact name="Permissions">
          {permissions.text}. <Remedy text={permissions.detail} />
        </Fact>
        <Fact name="Profile">{profileTitle(profile, account.profile === "" ? "default" : account.profile)}</Fact>
        <Fact name="Purposes">
          {account.purposes.length === 0
            ? "All of the profile"
            : account.purposes.map((name) => profile?.purposes.find((p) => p.name === name)?.title ?? name).join(", ")}
        </Fact>
        {account.role_set.length > 0 && <Fact name="Roles">{account.role_set.join(", ")}</Fact>}
        {account.management_group !== "" && <Fact name="Management group">{account.management_group}</Fact>}
        <Fact name="Scope">
          {account.subscriptions.length === 0 ? (
            "No subscription"
          ) : (
            <>
              {numbered(account.subscriptions.length, "subscription")}
              <ul className={styles.list}>
                {account.subscriptions.map((subscription) => (
                  <li key={subscription.id}>
                    {subscription.name === "" ? "" : subscription.name + " "}
                    <span className={styles.id}>{subscription.id}</span>
                  </li>
                ))}
              </ul>
            </>
          )}
        </Fact>
      </Part>
      <Part title="Application">
        <ID name="Application ID" value={account.application_id} />
        {account.application_object_id !== "" && <ID name="Object ID" value={account.application_object_id} />}
        <ID name="Tenant ID" value={account.tenant_id} />
        <Fact name="Cloud">{cloudName(account.cloud)}</Fact>
        <Fact name="From">
          {account.origin === "created" ? "Evercred made it, and can re-create it." : "It was there before; Evercred leaves it as it is."}
        </Fact>
      </Part>
      <Part title="Credential in use">
        {credential ? (
          <>
            <Fact name="Kind">{kindLabel(credential.kind)}</Fact>
            {credential.subject !== "" && <Fact name="Subject">{credential.subject}</Fact>}
            {credential.thumbprint !== "" && <ID name="Thumbprint" value={credential.thumbprint} />}
            {credential.key_id !== "" && <ID name="Key ID" value={credential.key_id} />}
            <Fact name="Added">
              <When at={credential.added_at} now={now} /> {credential.made_by === "evercred" ? "by Evercred" : "not by Evercred"}
            </Fact>
            <Fact name="Ends">
              {credential.expires_at === null ? <Remedy text={credential.expires_reason} /> : <When at={credential.expires_at} now={now} />}
            </Fact>
            <Fact name="Last proven">{credential.proven_at === null ? "Not yet" : <When at={credential.proven_at} now={now} />}</Fact>
            {credential.made_by === "evercred" && (
              <Fact name="Handed over">
                {credential.acknowledged_at === null ? "Nobody has said so yet" : <When at={credential.acknowledged_at} now={now} />}
              </Fact>
            )}
          </>
        ) : (
          <Fact name="Kind">There is none.</Fact>
        )}
      </Part>
      <Part title="Policy">
        <Fact name="New credentials">last {duration(account.policy.lifetime)}</Fact>
        <Fact name="Renewal">
          {account.policy.automatic
            ? `By itself ${duration(account.policy.renew_before)} before the end, where no person is needed.`
            : "When a person asks for it."}
        </Fact>
        <Fact name="Old credentials">kept {duration(account.policy.soak)} after the hand-over</Fact>
        <Fact name="Added here">
          <When at={account.created_at} now={now} />
        </Fact>
        <Fact name="Last changed">
          <When at={account.updated_at} now={now} />
        </Fact>
      </Part>
      <Text size={200} className={styles.subtle}>
        As of <When at={now} now={now} />.
      </Text>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  const styles = useStyles();
  const heading = useId();
  return (
    <section className={styles.part} aria-labelledby={heading}>
      <Subtitle2 as="h3" id={heading} style={{ margin: 0 }}>
        {title}
      </Subtitle2>
      <dl className={styles.facts}>{children}</dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  const styles = useStyles();
  return (
    <>
      <dt className={styles.term}>{name}</dt>
      <dd className={styles.value}>{children}</dd>
    </>
  );
}

function ID({ name, value }: { name: string; value: string }) {
  const styles = useStyles();
  return (
    <Fact name={name}>
      <span className={styles.id}>
        {value}
        <CopyButton iconOnly appearance="transparent" text={value} label={`Copy the ${name}`} />
      </span>
    </Fact>
  );
}
