import { Field, Input, Radio, RadioGroup, Select, Text } from "@fluentui/react-components";

import { useServer } from "../api/queries";
import { date } from "../text/time";
import type { Draft } from "./draft";
import { useStepStyles } from "./styles";
import { lifetimeProblem } from "./validity";

interface Props {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
  message: (field: string) => string | undefined;
}

const usual = [
  ["30", "30 days"],
  ["90", "90 days"],
  ["180", "180 days (recommended)"],
  ["365", "1 year"],
] as const;

/** What the new application authenticates with, and for how long. */
export function CredentialStep({ draft, onChange, message }: Props) {
  const styles = useStepStyles();
  const server = useServer();
  const known = usual.some(([days]) => days === draft.lifetime);
  const wrong = message("lifetime") ?? (draft.lifetime === "" ? undefined : lifetimeProblem(draft.lifetime) || undefined);
  const ends =
    server.data && lifetimeProblem(draft.lifetime) === ""
      ? date(new Date(Date.parse(server.data.now) + Number(draft.lifetime) * 86_400_000).toISOString())
      : null;
  return (
    <div className={styles.stack}>
      <Field label="Credential">
        <RadioGroup
          value={draft.newCredential}
          onChange={(_event, data) => onChange({ newCredential: data.value === "certificate" ? "certificate" : "secret" })}
        >
          <Radio
            value="secret"
            label={
              <span className={styles.option}>
                <Text>Client (application) secret</Text>
                <Text size={200} className={styles.subtle}>
                  What every software takes. Its renewal needs a sign-in.
                </Text>
              </span>
            }
          />
          <Radio
            value="certificate"
            label={
              <span className={styles.option}>
                <Text>Certificate</Text>
                <Text size={200} className={styles.subtle}>
                  Evercred makes the key. Later renewals can go by themselves, without a sign-in. Some organisations allow nothing else.
                </Text>
              </span>
            }
          />
        </RadioGroup>
      </Field>
      <div className={styles.ends}>
        <Field label="Lifetime">
          <Select
            value={known ? draft.lifetime : "other"}
            onChange={(_event, data) => onChange({ lifetime: data.value === "other" ? "" : data.value })}
          >
            {usual.map(([days, text]) => (
              <option key={days} value={days}>
                {text}
              </option>
            ))}
            <option value="other">Other</option>
          </Select>
        </Field>
        {!known && (
          <Field label="Days" validationMessage={wrong}>
            <Input
              inputMode="numeric"
              value={draft.lifetime}
              onChange={(_event, data) => onChange({ lifetime: data.value })}
              style={{ maxWidth: 140 }}
            />
          </Field>
        )}
      </div>
      <Text className={styles.subtle}>
        {ends !== null && `It would end on ${ends}. `}
        The tenant’s application management policy is read first and obeyed: if it allows no secrets, or only a shorter life, you are told
        before anything is made.
      </Text>
    </div>
  );
}
