import { Field, Input, Spinner, Text, Textarea } from "@fluentui/react-components";

import { CheckmarkCircleRegular } from "@fluentui/react-icons";
import { nameProblem } from "./name";
import { useStepStyles } from "./styles";

interface Info {
  name: string;
  description: string;
  usedBy: string;
}

interface Props {
  info: Info;
  onChange: (part: Partial<Info>) => void;
  /** What is to be mended in a field; empty if nothing. */
  message: (field: string) => string | undefined;
  name: { taken: boolean; busy: boolean; unknown: boolean };
  /** The name that the account has already, which needs no praise; empty for a new one. */
  own: string;
}

/** Name, description, and what uses the account. */
export function InfoStep({ info, onChange, message, name, own }: Props) {
  const styles = useStepStyles();
  // What is typed is judged at once where it can only be wrong; that it is still empty is said when one goes on.
  const wrong = info.name === "" ? message("name") : nameProblem(info.name, own) !== "" ? nameProblem(info.name, own) : message("name");
  const duplicate = name.taken ? `There is an account named ${info.name} already. Names are compared without regard to case.` : undefined;
  const free = wrong === undefined && duplicate === undefined && !name.busy && !name.unknown && info.name !== "" && info.name !== own;
  return (
    <div className={styles.stack}>
      <Field
        className={styles.field}
        label="Name"
        required
        validationMessage={wrong ?? duplicate}
        hint={
          wrong === undefined && duplicate === undefined
            ? `Latin letters, digits, underscores and dashes; 255 at most. ${own === "" ? "An application that is made for it gets this name, too." : "The application in Microsoft Entra keeps its own name."}`
            : undefined
        }
      >
        <Input
          value={info.name}
          autoComplete="off"
          spellCheck={false}
          onChange={(_event, data) => onChange({ name: data.value })}
          contentAfter={
            name.busy ? (
              <Spinner size="extra-tiny" aria-label="Asking whether it is free" />
            ) : free ? (
              <CheckmarkCircleRegular aria-label="It is free" />
            ) : undefined
          }
        />
      </Field>
      {name.unknown && (
        <Text size={200} className={styles.subtle}>
          The server could not be asked whether the name is free. It looks again when the account is saved.
        </Text>
      )}
      <Field
        className={styles.field}
        label="Description"
        validationMessage={message("description")}
        hint="What the account is for. Optional."
      >
        <Textarea value={info.description} rows={3} resize="vertical" onChange={(_event, data) => onChange({ description: data.value })} />
      </Field>
      <Field
        className={styles.field}
        label="Used by"
        validationMessage={message("used_by")}
        hint="The software, policies or people that depend on it, one a line. It is shown before the account is removed. Optional."
      >
        <Textarea
          value={info.usedBy}
          rows={3}
          resize="vertical"
          placeholder={"Nightly backup of production\nbackup-admins@contoso.example"}
          onChange={(_event, data) => onChange({ usedBy: data.value })}
        />
      </Field>
    </div>
  );
}
