import {
  Button,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Radio,
  RadioGroup,
  Text,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { useState } from "react";

import { useProfiles } from "../api/permissions";
import type { FieldProblem } from "../api/problem";
import { conflictsOf, differing, type Editable } from "./edit";
import { useStepStyles } from "./styles";

const useStyles = makeStyles({
  box: {
    padding: tokens.spacingHorizontalM,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
});

interface Props {
  base: Editable;
  theirs: Editable;
  mine: Editable;
  /** Who changed what, as the server tells it. */
  told: readonly FieldProblem[];
  /** Goes on with the newer account, and with theirs in the named parts. */
  onResolve: (takeTheirs: ReadonlySet<string>) => void;
}

/** Somebody else has changed the account meanwhile: what they changed, and for each part whose value it is to have. */
export function ConflictPanel({ base, theirs, mine, told, onResolve }: Props) {
  const styles = useStyles();
  const step = useStepStyles();
  const [choices, setChoices] = useState<Record<string, "mine" | "theirs">>({});
  const profiles = useProfiles().data ?? [];
  const conflicts = conflictsOf(base, theirs, mine, profiles);
  const others = differing(base, theirs).filter((part) => !conflicts.some((c) => c.part.name === part.name));
  const allTheirs = new Set(conflicts.map((c) => c.part.name));
  const chosen = new Set(conflicts.map((c) => c.part.name).filter((name) => choices[name] === "theirs"));
  return (
    <div className={step.stack} role="region" aria-label="What somebody else changed">
      <MessageBar intent="warning" layout="multiline" role="alert">
        <MessageBarBody>
          <MessageBarTitle>Somebody else changed this account while you edited it.</MessageBarTitle> Nothing of yours was saved, and nothing
          is lost. {told.map((field) => field.message).join(" ")}
        </MessageBarBody>
      </MessageBar>
      {others.length > 0 && (
        <div>
          <Text block>They changed, and you did not; it stays as they have it:</Text>
          <ul style={{ margin: 0 }}>
            {others.map((part) => (
              <li key={part.name}>
                {part.title}: {part.words(theirs, profiles)}
              </li>
            ))}
          </ul>
        </div>
      )}
      {conflicts.map(({ part, theirs: his, mine: own }) => (
        <div key={part.name} className={styles.box}>
          <Text weight="semibold" block id={`conflict-${part.name}`}>
            {part.title}
          </Text>
          <RadioGroup
            aria-labelledby={`conflict-${part.name}`}
            value={choices[part.name] ?? "mine"}
            onChange={(_event, data) => setChoices({ ...choices, [part.name]: data.value === "theirs" ? "theirs" : "mine" })}
          >
            <Radio value="mine" label={`Mine: ${own}`} />
            <Radio value="theirs" label={`Theirs: ${his}`} />
          </RadioGroup>
        </div>
      ))}
      {conflicts.length === 0 && others.length > 0 && <Text>Yours and theirs do not meet: both can stay.</Text>}
      <div className={step.row}>
        <Button appearance="primary" onClick={() => onResolve(chosen)}>
          {conflicts.length === 0 ? "Go on" : "Go on with what is chosen"}
        </Button>
        {conflicts.length > 0 && <Button onClick={() => onResolve(allTheirs)}>Take theirs</Button>}
        <Text size={200} className={step.subtle}>
          The summary is shown once more before anything is saved.
        </Text>
      </div>
    </div>
  );
}
