import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { useEffect } from "react";
import { useNavigate } from "react-router";

import { closed, useOperation, useOperationRequest } from "../api/queries";
import { PageLink } from "../frame/PageLink";
import { OperationBody } from "../operation/OperationBody";
import { useStepStyles } from "./styles";
import { forgetDraft } from "./useDraft";

const useStyles = makeStyles({
  buttons: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
    paddingTop: tokens.spacingVerticalL,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
  },
});

interface Props {
  id: string;
  name: string;
  /** Of an existing application there is nothing to hand over. */
  handOver: boolean;
  /** Back to the summary, with all that was entered: it failed, or was cancelled. */
  onBack: () => void;
  /** The wizard has done its work, and forgets what was entered. */
  onDone: () => void;
  onAnother: () => void;
}

/** The addition as it goes on: each step, and what is left to do where it could not be taken back. */
export function Creation({ id, name, handOver, onBack, onDone, onAnother }: Props) {
  const styles = useStyles();
  const step = useStepStyles();
  const navigate = useNavigate();
  const operation = useOperation(id);
  const request = useOperationRequest(id);
  const o = operation.data;
  const account = `/accounts/${encodeURIComponent(o?.account.name ?? name)}`;
  const done = o?.state === "done";
  // Whoever leaves by another way than the buttons has seen it: the next Add does not show it again. A reload does.
  useEffect(() => (done ? forgetDraft : undefined), [done]);
  const go = (to: string) => {
    onDone();
    void navigate(to);
  };
  return (
    <div className={step.stack}>
      <OperationBody id={id} request={request} />
      <div className={styles.buttons}>
        {done && (
          <>
            <Button appearance="primary" onClick={() => go(handOver ? `${account}#hand-over` : account)}>
              {handOver ? "Hand over the credential" : "To the account"}
            </Button>
            {handOver && <Button onClick={() => go(account)}>To the account</Button>}
            <Button onClick={onAnother}>Add another</Button>
          </>
        )}
        {(o?.state === "failed" || o?.state === "cancelled" || operation.error) && (
          <Button appearance="primary" onClick={onBack}>
            Back to the summary
          </Button>
        )}
        {o && !closed(o) && (
          <>
            <Button disabledFocusable={request.isPending} onClick={() => request.mutate({ do: "cancel" })}>
              {o.state === "needs_sign_in" ? "Leave it as it is" : "Cancel and take back"}
            </Button>
            <PageLink to="/">To the accounts; it goes on at the server</PageLink>
          </>
        )}
      </div>
    </div>
  );
}
