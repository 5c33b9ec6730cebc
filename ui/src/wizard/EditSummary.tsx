import { Button, MessageBar, MessageBarBody, MessageBarTitle, Spinner, Text, makeStyles, tokens } from "@fluentui/react-components";
import { CloudRegular, ServerRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";

import { ask } from "../api/ask";
import type { Account } from "../api/client";
import { Problem, explanationOf } from "../api/problem";
import type { components } from "../api/schema";
import { ProblemNotice } from "../frame/Notice";
import { Remedy } from "../frame/Remedy";
import { StateBadge } from "../frame/StateBadge";
import { useStepStyles } from "./styles";

type EditPreview = components["schemas"]["EditPreview"];

/** Asks what an edit would do; nothing is asked while there is no edit. */
export function useEditPreview(account: Account, patch: Record<string, unknown> | null, wanted: boolean) {
  return useQuery({
    queryKey: ["account", account.id, "edit-preview", account.version, patch],
    enabled: wanted && patch !== null,
    queryFn: ({ signal }) => ask<EditPreview>("POST", `/accounts/${encodeURIComponent(account.id)}/edit-preview`, { body: patch, signal }),
    retry: (_count, error) => error instanceof Problem && error.status === 0,
  });
}

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0, display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  item: {
    display: "grid",
    gridTemplateColumns: "24px minmax(0, 1fr) auto",
    gap: tokens.spacingHorizontalS,
    padding: tokens.spacingHorizontalM,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    "@media (max-width: 520px)": { gridTemplateColumns: "24px minmax(0, 1fr)" },
  },
  detail: { whiteSpace: "pre-line" },
  side: { "@media (max-width: 520px)": { gridColumnStart: 2 } },
});

const places = [
  ["evercred", "Here, in Evercred", <ServerRegular key="here" fontSize={20} aria-hidden />],
  ["azure", "In Azure", <CloudRegular key="azure" fontSize={20} aria-hidden />],
] as const;

const needs = {
  nothing: null,
  grant: { tone: "warning", text: "Needs a grant" },
  sign_in: { tone: "warning", text: "Needs a sign-in" },
} as const;

interface Props {
  preview: ReturnType<typeof useEditPreview>;
  nothing: boolean;
}

/** What saving will change, here and in Azure, before it is saved. */
export function EditSummary({ preview, nothing }: Props) {
  const styles = useStyles();
  const step = useStepStyles();
  if (nothing) return <Text>Nothing was changed. What was done in the Logon step is in effect already.</Text>;
  if (preview.error && !preview.data)
    return (
      <ProblemNotice problem={explanationOf(preview.error)} actions={<Button onClick={() => void preview.refetch()}>Try again</Button>} />
    );
  if (!preview.data)
    return <Spinner label={preview.failureCount > 0 ? "The server does not answer. Trying again…" : "Asking what this would change…"} />;
  const { changes, issues } = preview.data;
  return (
    <div className={step.stack}>
      {issues.map((issue) => (
        <ProblemNotice key={issue.field + issue.message} intent={issue.severity} problem={{ ...issue, code: "invalid", source: "" }} />
      ))}
      {places.map(([where, title, icon]) => {
        const here = changes.filter((change) => change.where === where);
        return (
          <div key={where} className={step.tight}>
            <h3 className={step.part}>{title}</h3>
            {here.length === 0 ? (
              <Text className={step.subtle}>Nothing changes.</Text>
            ) : (
              <ul className={styles.list} aria-label={title}>
                {here.map((change) => {
                  const badge = needs[change.needs];
                  return (
                    <li key={change.title + change.detail} className={styles.item}>
                      {icon}
                      <span className={step.option}>
                        <Text weight="semibold">{change.title}</Text>
                        {change.detail !== "" && (
                          <Text className={styles.detail}>
                            <Remedy text={change.detail} />
                          </Text>
                        )}
                      </span>
                      {badge && (
                        <span className={styles.side}>
                          <StateBadge tone={badge.tone} text={badge.text} />
                        </span>
                      )}
                    </li>
                  );
                })}
              </ul>
            )}
          </div>
        );
      })}
      {changes.some((change) => change.needs !== "nothing") && (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>Saving alone changes nothing in Azure.</MessageBarTitle> After it, you are led to the permission check, where
            Grant does this through a sign-in.
          </MessageBarBody>
        </MessageBar>
      )}
    </div>
  );
}
