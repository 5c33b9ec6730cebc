import { Field, Radio, RadioGroup, Select, Text, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";

import { useServer } from "../api/queries";
import { cloudName } from "../text/clouds";
import type { Draft } from "./draft";
import { useStepStyles } from "./styles";

const useStyles = makeStyles({
  choice: {
    alignItems: "flex-start",
    alignSelf: "stretch",
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusLarge,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM} ${tokens.spacingVerticalS} ${tokens.spacingHorizontalXS}`,
  },
  chosen: {
    border: `1px solid ${tokens.colorBrandStroke1}`,
    boxShadow: `0 0 0 1px ${tokens.colorBrandStroke1}`,
  },
  choices: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
});

interface Props {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
  message: (field: string) => string | undefined;
}

const types = [
  {
    value: "auto",
    title: "Create service account automatically",
    detail:
      "You sign in once. Evercred makes an application in Microsoft Entra with its own secret or certificate, gives it the least rights that what you choose needs, and can renew it later.",
  },
  {
    value: "existing",
    title: "Specify existing service account",
    detail:
      "There is an application already. You enter its ids and a secret or certificate of it; Evercred proves that they work and watches them.",
  },
] as const;

/** Where the application comes from, and the cloud it is in. */
export function TypeStep({ draft, onChange, message }: Props) {
  const styles = useStyles();
  const step = useStepStyles();
  const server = useServer();
  const clouds = server.data?.clouds ?? [];
  const cloud = draft.cloud === "" ? (server.data?.default_cloud ?? "") : draft.cloud;
  return (
    <div className={step.stack}>
      <Field
        className={step.field}
        label="Microsoft Azure environment"
        hint={clouds.length > 1 ? undefined : "It is the only one that this server is set up for."}
      >
        {clouds.length > 1 ? (
          <Select value={cloud} onChange={(_event, data) => onChange({ cloud: data.value })}>
            {clouds.map((name) => (
              <option key={name} value={name}>
                {cloudName(name)}
              </option>
            ))}
          </Select>
        ) : (
          <Text weight="semibold">{cloudName(cloud)}</Text>
        )}
      </Field>
      <Field label="Application" validationMessage={message("kind")}>
        <RadioGroup
          className={styles.choices}
          value={draft.kind}
          onChange={(_event, data) => onChange({ kind: data.value === "existing" ? "existing" : "auto" })}
        >
          {types.map((type) => (
            <Radio
              key={type.value}
              value={type.value}
              className={mergeClasses(styles.choice, draft.kind === type.value && styles.chosen)}
              label={
                <span className={step.option}>
                  <Text weight="semibold">{type.title}</Text>
                  <Text size={200} className={step.subtle}>
                    {type.detail}
                  </Text>
                </span>
              }
            />
          ))}
        </RadioGroup>
      </Field>
    </div>
  );
}
