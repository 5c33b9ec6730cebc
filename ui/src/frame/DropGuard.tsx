import { MessageBar, MessageBarActions, MessageBarBody, Button, makeStyles, tokens } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";

const useStyles = makeStyles({
  place: {
    position: "fixed",
    left: "50%",
    bottom: tokens.spacingVerticalXXL,
    transform: "translateX(-50%)",
    width: "min(560px, calc(100vw - 32px))",
    zIndex: 1000,
    boxShadow: tokens.shadow16,
  },
});

/**
 * A file that is dropped beside the field for it would make the browser open the file in place of this page, and all that
 * was typed would be gone. It is refused and said instead. A field that takes files stops its own events.
 */
export function DropGuard() {
  const styles = useStyles();
  const [name, setName] = useState<string | null>(null);
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") === true;
    const over = (event: DragEvent) => {
      if (!hasFiles(event) || event.defaultPrevented) return;
      event.preventDefault(); // it is then dropped here, where it can be said that it was not taken
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event) || event.defaultPrevented) return;
      event.preventDefault();
      setName(event.dataTransfer?.files[0]?.name ?? "The file");
    };
    addEventListener("dragover", over);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("drop", drop);
    };
  }, []);
  useEffect(() => {
    if (name === null) return;
    const timer = setTimeout(() => setName(null), 10_000);
    return () => clearTimeout(timer);
  }, [name]);
  if (name === null) return null;
  return (
    <div className={styles.place}>
      <MessageBar intent="warning" layout="multiline" role="alert">
        <MessageBarBody>
          {name} was not taken: nothing here takes a file. A certificate is chosen where the Logon step asks for it, after Certificate is
          selected.
        </MessageBarBody>
        <MessageBarActions
          containerAction={<Button appearance="transparent" aria-label="Dismiss" icon={<DismissRegular />} onClick={() => setName(null)} />}
        />
      </MessageBar>
    </div>
  );
}
