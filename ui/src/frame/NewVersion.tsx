import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { useState } from "react";

/** Says that the server was replaced by another version while this page, which is of the former, stayed open. */
export function NewVersion({ version }: { version: string | undefined }) {
  const [opened, setOpened] = useState(version);
  const [dismissed, setDismissed] = useState("");
  if (opened === undefined && version !== undefined) setOpened(version);
  if (version === undefined || opened === undefined || version === opened || version === dismissed) return null;
  return (
    <MessageBar intent="info" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>The server now runs Evercred {version}.</MessageBarTitle> This page is of {opened}. Reload it when you have saved
        what you are at.
      </MessageBarBody>
      <MessageBarActions
        containerAction={
          <Button appearance="transparent" aria-label="Not now" icon={<DismissRegular />} onClick={() => setDismissed(version)} />
        }
      >
        <Button onClick={() => location.reload()}>Reload</Button>
      </MessageBarActions>
    </MessageBar>
  );
}
