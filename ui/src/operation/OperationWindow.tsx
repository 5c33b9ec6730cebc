import { Button, Text, makeStyles, tokens } from "@fluentui/react-components";
import { useEffect, useRef } from "react";
import { Navigate } from "react-router";

import type { Operation } from "../api/client";
import { closed, useOperation, useOperationRequest } from "../api/queries";
import { Window } from "../frame/Window";
import { operationLabel } from "../text/states";
import { BrowserAgain } from "./BrowserAgain";
import { OperationBody } from "./OperationBody";

const useStyles = makeStyles({
  what: { color: tokens.colorNeutralForeground2 },
});

interface Props {
  id: string;
  /** The account on whose page the window stands; left out on the list. */
  of?: string;
  onClose: () => void;
  /** What can follow an ended operation, beside OK; null if nothing does. */
  next?: (operation: Operation) => { label: string; go: () => void } | null;
  /** How to ask for the same once more with a sign-in that was made in this browser; null if it is not offered. */
  again?: (operation: Operation) => ((signIn: string) => void) | null;
}

/**
 * The window "Logon to Microsoft Azure": the sign-in of an operation, its steps and its end. It shows what the server knows;
 * closing it changes nothing, and it can be opened again, reloaded and opened twice.
 */
export function OperationWindow({ id, of, onClose, next, again }: Props) {
  const styles = useStyles();
  const operation = useOperation(id);
  const request = useOperationRequest(id);
  const o = operation.data;
  const isClosed = o !== undefined && closed(o);
  const follow = o && isClosed ? (next?.(o) ?? null) : null;
  const anew = o && isClosed ? (again?.(o) ?? null) : null;
  const surface = useRef<HTMLDivElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  // What had the focus may go as the operation moves on; the keyboard then goes on from the title.
  useEffect(() => {
    if (o?.state !== undefined && surface.current?.contains(document.activeElement) === false) title.current?.focus();
  }, [o?.state]);
  if (o && of !== undefined && o.account.id !== of) return <Navigate replace to={`/operations/${encodeURIComponent(id)}`} />;
  return (
    <Window
      title={o ? titleOf(o) : "Operation"}
      width={640}
      surfaceRef={surface}
      titleRef={title}
      onClose={onClose}
      actions={
        <>
          {o && !isClosed && (
            <>
              <Button appearance="secondary" disabledFocusable={request.isPending} onClick={() => request.mutate({ do: "cancel" })}>
                {o.state === "running" && o.kind !== "check" ? "Cancel and take back" : "Cancel"}
              </Button>
              <Button appearance="secondary" onClick={onClose}>
                {o.state === "running" ? "Close; it goes on" : "Close for now"}
              </Button>
            </>
          )}
          {follow && (
            <Button appearance="primary" onClick={follow.go}>
              {follow.label}
            </Button>
          )}
          {isClosed && (
            <Button appearance={follow ? "secondary" : "primary"} onClick={onClose}>
              OK
            </Button>
          )}
        </>
      }
    >
      {o && (
        <Text className={styles.what}>
          {operationLabel(o.kind)} of {o.account.name}
        </Text>
      )}
      <OperationBody id={id} request={request} />
      {o && anew && <BrowserAgain operation={o} onAgain={anew} />}
    </Window>
  );
}

/** The window has the name that the wizard's users know wherever a person signs in. */
function titleOf(o: Operation): string {
  if (o.sign_in || o.state === "needs_sign_in") return "Logon to Microsoft Azure";
  return o.kind === "connect" ? "Connect to Microsoft Entra application" : operationLabel(o.kind);
}
