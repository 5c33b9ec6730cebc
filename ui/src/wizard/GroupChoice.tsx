import { Button, Radio, RadioGroup, Text, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { ArrowSyncRegular } from "@fluentui/react-icons";

import { useManagementGroups, type ManagementGroup } from "../api/signins";
import { StateBadge } from "../frame/StateBadge";
import { Unanswered } from "../frame/Unanswered";
import { numbered } from "../text/count";
import type { Named } from "./draft";
import { inTree } from "./groups";
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
    gridTemplateColumns: "minmax(0, 1fr) auto",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    paddingRight: tokens.spacingHorizontalM,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    ":last-child": { borderBottom: "none" },
    "@media (max-width: 520px)": { gridTemplateColumns: "minmax(0, 1fr)", paddingBottom: tokens.spacingVerticalS },
  },
  side: { "@media (max-width: 520px)": { paddingLeft: "40px" } },
});

const looks = {
  yes: { tone: "good", text: "May assign roles" },
  no: { tone: "bad", text: "May not assign roles" },
  unknown: { tone: "neutral", text: "Not known" },
} as const;

interface Props {
  signIn: string;
  tenant: string;
  group: Named;
  onChange: (group: Named) => void;
}

/** The management groups that the person reaches, as a tree; one is chosen. */
export function GroupChoice({ signIn, tenant, group, onChange }: Props) {
  const styles = useStyles();
  const step = useStepStyles();
  const groups = useManagementGroups(signIn, tenant, true);
  if (!groups.data) return <Unanswered query={groups} asking="Asking for the management groups…" />;
  return (
    <div className={step.tight}>
      <div className={step.between}>
        <Text className={step.subtle}>
          The roles are assigned at the group and hold for all subscriptions below it, also for those that join it later.
        </Text>
        <Button size="small" icon={<ArrowSyncRegular />} disabledFocusable={groups.isFetching} onClick={() => void groups.refetch()}>
          Recheck
        </Button>
      </div>
      {groups.data.length === 0 ? (
        <Text>
          You reach no management group in this tenant. A Global Administrator may turn on “Access management for Azure resources” to see
          them.
        </Text>
      ) : (
        <RadioGroup
          aria-label="Management group"
          value={group.id}
          className={styles.list}
          onChange={(_event, data) => {
            const chosen = groups.data.find((g) => g.id === data.value);
            if (chosen) onChange({ id: chosen.id, name: chosen.name });
          }}
        >
          {inTree(groups.data).map(({ group: g, depth }) => (
            <Row key={g.id} group={g} depth={depth} />
          ))}
        </RadioGroup>
      )}
    </div>
  );
}

function Row({ group: g, depth }: { group: ManagementGroup; depth: number }) {
  const styles = useStyles();
  const step = useStepStyles();
  const count = g.subscriptions.length;
  return (
    <div className={styles.row} style={{ paddingLeft: depth * 20 }}>
      <Radio
        value={g.id}
        disabled={g.may_assign_roles === "no"}
        label={
          <span className={step.option}>
            <Text>{g.name === "" ? g.id : g.name}</Text>
            <Text size={200} className={step.subtle}>
              <span className={step.mono}>{g.id}</span> · {numbered(count, "subscription")} directly in it
              {count > 0 && `: ${g.subscriptions.map((s) => (s.name === "" ? s.id : s.name)).join(", ")}`}
            </Text>
            {g.reason !== "" && (
              <Text size={200} className={step.subtle}>
                {g.reason}
              </Text>
            )}
          </span>
        }
      />
      <span className={mergeClasses(step.row, styles.side)}>
        <StateBadge {...looks[g.may_assign_roles]} />
      </span>
    </div>
  );
}
