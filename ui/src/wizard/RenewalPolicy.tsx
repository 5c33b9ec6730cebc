import { Checkbox, Field, Input, Text } from "@fluentui/react-components";

import { duration } from "../text/duration";
import { durationProblem, type Editable } from "./edit";
import { useStepStyles } from "./styles";

interface Props {
  policy: Pick<Editable, "lifetime" | "soak" | "renewBefore" | "automatic">;
  onChange: (part: Partial<Editable>) => void;
}

const fields = [
  ["lifetime", "Lifetime of new credentials", "Such as 180d."],
  ["renewBefore", "Renew before the end", "How long before the end a credential is due, such as 30d."],
  ["soak", "Keep the old one", "How long an old credential is kept after the hand-over, such as 24h."],
] as const;

/** How the account's credentials are renewed. */
export function RenewalPolicy({ policy, onChange }: Props) {
  const styles = useStepStyles();
  return (
    <div className={styles.stack}>
      <h3 className={styles.part}>Renewal</h3>
      <div className={styles.thirds}>
        {fields.map(([name, label, hint]) => {
          const wrong = durationProblem(policy[name]);
          return (
            <Field
              key={name}
              label={label}
              hint={wrong === "" ? `${hint} ${said(policy[name])}` : hint}
              validationMessage={wrong === "" ? undefined : wrong}
            >
              <Input
                value={policy[name]}
                autoComplete="off"
                spellCheck={false}
                onChange={(_event, data) => onChange({ [name]: data.value })}
              />
            </Field>
          );
        })}
      </div>
      <div>
        <Checkbox
          label="Renew automatically"
          checked={policy.automatic}
          onChange={(_event, data) => onChange({ automatic: data.checked === true })}
        />
        <Text size={200} block className={styles.subtle}>
          Where no person is needed: a certificate signs for its successor. A secret still needs a sign-in.
        </Text>
      </div>
    </div>
  );
}

function said(typed: string): string {
  const words = duration(typed.trim());
  return words === typed.trim() ? "" : `That is ${words}.`;
}
