import { Button, Radio, RadioGroup, Text, makeStyles, tokens } from "@fluentui/react-components";
import { ArrowSyncRegular } from "@fluentui/react-icons";

import { useEffect } from "react";

import { explanationOf } from "../api/problem";
import { useRecheckTenant, useTenants, type Tenant } from "../api/signins";
import { ProblemNotice } from "../frame/Notice";
import { StateBadge } from "../frame/StateBadge";
import { Unanswered } from "../frame/Unanswered";
import type { Tone } from "../text/states";
import type { Named } from "./draft";
import { useStepStyles } from "./styles";

const useStyles = makeStyles({
  list: {
    display: "flex",
    flexDirection: "column",
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  row: {
    alignSelf: "stretch",
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr) auto auto",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    paddingRight: tokens.spacingHorizontalS,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    ":last-child": { borderBottom: "none" },
    "@media (max-width: 520px)": { gridTemplateColumns: "minmax(0, 1fr) auto" },
  },
  badges: {
    display: "flex",
    flexWrap: "wrap",
    gap: tokens.spacingHorizontalXS,
    justifyContent: "flex-end",
    "@media (max-width: 520px)": { gridRowStart: 2, gridColumn: "1 / -1", justifyContent: "flex-start", padding: "0 0 8px 40px" },
  },
  reason: { gridColumn: "1 / -1", padding: `0 ${tokens.spacingHorizontalM} ${tokens.spacingVerticalS} 40px` },
});

const access: Record<Tenant["access"], { text: string; tone: Tone }> = {
  available: { text: "Available", tone: "good" },
  mfa_required: { text: "Needs a second factor", tone: "warning" },
  guest_disabled: { text: "Guest account disabled", tone: "bad" },
  token_error: { text: "No access", tone: "bad" },
  unknown: { text: "Access not known", tone: "neutral" },
};

const registration: Record<Tenant["app_registration"], { text: string; tone: Tone }> = {
  allowed: { text: "May register applications", tone: "good" },
  not_allowed: { text: "May not register applications", tone: "bad" },
  unknown: { text: "Registering not known", tone: "neutral" },
};

interface Props {
  signIn: string;
  tenant: Named;
  onChange: (tenant: Named) => void;
  /** A tenant that wants more than the sign-in gave: one signs in at it. */
  onSignInAt: (tenant: string) => void;
}

function titleOf(tenant: Tenant): string {
  return tenant.name === "" ? tenant.domain : tenant.name;
}

/** The tenants that the person reaches; the application is made in one of them. Where there is one only, it is chosen. */
export function TenantChoice({ signIn, tenant, onChange, onSignInAt }: Props) {
  const styles = useStyles();
  const step = useStepStyles();
  const tenants = useTenants(signIn);
  const recheck = useRecheckTenant(signIn);
  const open = tenants.data?.filter((t) => t.access === "available") ?? [];
  const only = tenant.id === "" && open.length === 1 ? open[0] : undefined;
  useEffect(() => {
    if (only) onChange({ id: only.id, name: titleOf(only) });
  });
  if (!tenants.data) return <Unanswered query={tenants} asking="Asking which tenants you reach…" />;
  return (
    <div className={step.tight}>
      <div className={step.between}>
        <Text weight="semibold" id="tenants">
          Tenant
        </Text>
        <Button size="small" icon={<ArrowSyncRegular />} disabledFocusable={tenants.isFetching} onClick={() => void tenants.refetch()}>
          Recheck all tenants
        </Button>
      </div>
      {tenants.data.length === 0 && <Text>You reach no tenant. Sign in as somebody else in the Logon step.</Text>}
      <RadioGroup
        aria-labelledby="tenants"
        value={tenant.id}
        className={styles.list}
        onChange={(_event, data) => {
          const chosen = tenants.data.find((t) => t.id === data.value);
          if (chosen) onChange({ id: chosen.id, name: titleOf(chosen) });
        }}
      >
        {tenants.data.map((t) => (
          <div key={t.id} className={styles.row}>
            <Radio
              value={t.id}
              disabled={t.access !== "available" && t.access !== "unknown"}
              label={
                <span className={step.option}>
                  <Text>
                    {t.name === "" ? t.id : t.name}
                    {t.home && <span className={step.subtle}> (your own)</span>}
                  </Text>
                  <Text size={200} className={step.subtle}>
                    {t.domain === "" ? "" : `${t.domain} · `}
                    <span className={step.mono}>{t.id}</span>
                  </Text>
                </span>
              }
            />
            <span className={styles.badges}>
              <StateBadge {...access[t.access]} />
              {t.access === "available" && <StateBadge {...registration[t.app_registration]} />}
            </span>
            <Button
              size="small"
              appearance="subtle"
              icon={<ArrowSyncRegular />}
              aria-label={`Recheck ${t.name === "" ? t.id : t.name}`}
              title="Recheck"
              disabledFocusable={recheck.isPending && recheck.variables === t.id}
              onClick={() => recheck.mutate(t.id)}
            />
            {(t.reason !== "" || t.access === "mfa_required") && (
              <div className={styles.reason}>
                <Text size={200} block className={step.subtle}>
                  {t.reason}
                </Text>
                {t.access === "mfa_required" && (
                  <Button size="small" onClick={() => onSignInAt(t.id)}>
                    Sign in at this tenant
                  </Button>
                )}
              </div>
            )}
          </div>
        ))}
      </RadioGroup>
      {recheck.error && <ProblemNotice problem={explanationOf(recheck.error)} />}
    </div>
  );
}
