import { Button, Field, Radio, RadioGroup, Text, makeStyles, tokens } from "@fluentui/react-components";
import { useState } from "react";

import type { Operation } from "../api/client";
import { localTimes } from "../text/time";

const useStyles = makeStyles({
  panel: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, alignItems: "flex-start" },
  option: { display: "flex", flexDirection: "column" },
  subtle: { color: tokens.colorNeutralForeground2 },
});

const options: Record<string, { label: string; detail: string }> = {
  restore: {
    label: "Restore the deleted application",
    detail: "Recommended. Its ids, role assignments and everything others have set up for it come back.",
  },
  new: { label: "Make a new application", detail: "It has a new Application ID. Role assignments and consents are made afresh." },
  certificate: {
    label: "Use a certificate instead",
    detail: "Evercred makes it, and its key stays here. It can renew itself later, without a sign-in.",
  },
  cancel: { label: "Leave it as it is", detail: "Nothing is changed, in Azure or here." },
};

/** An operation's question. The server's first option is the one it recommends, and is preselected. */
export function ChoicePanel({ operation, busy, onChoose }: { operation: Operation; busy: boolean; onChoose: (option: string) => void }) {
  const styles = useStyles();
  const choice = operation.choice;
  const [option, setOption] = useState(choice?.options[0] ?? "");
  if (!choice) return null;
  return (
    <div className={styles.panel}>
      <Field label={localTimes(choice.question)}>
        <RadioGroup value={option} onChange={(_event, data) => setOption(data.value)}>
          {choice.options.map((name) => (
            <Radio
              key={name}
              value={name}
              label={
                <span className={styles.option}>
                  <Text>{options[name]?.label ?? name}</Text>
                  <Text size={200} className={styles.subtle}>
                    {options[name]?.detail ?? ""}
                  </Text>
                </span>
              }
            />
          ))}
        </RadioGroup>
      </Field>
      <Button appearance="primary" disabledFocusable={busy || option === ""} onClick={() => onChoose(option)}>
        Continue
      </Button>
    </div>
  );
}
