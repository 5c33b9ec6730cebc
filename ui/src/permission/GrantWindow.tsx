import { Button, Checkbox, Text, makeStyles, tokens } from "@fluentui/react-components";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { idempotencyKey } from "../api/ask";
import type { Account } from "../api/client";
import { grant } from "../api/permissions";
import { explanationOf } from "../api/problem";
import { closed, keys, useOperation, useOperationRequest } from "../api/queries";
import { endSignIn, useSignIn } from "../api/signins";
import { ProblemNotice } from "../frame/Notice";
import { Window } from "../frame/Window";
import { OperationBody } from "../operation/OperationBody";
import { SignIn } from "../signin/SignIn";

const useStyles = makeStyles({
  scopes: {
    margin: 0,
    // The label of a checkbox is a pixel higher than its row: without room for it, the shortest list scrolls.
    padding: "0 0 2px",
    listStyleType: "none",
    maxHeight: "260px",
    overflowY: "auto",
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  subtle: { color: tokens.colorNeutralForeground2 },
});

interface Props {
  account: Account;
  /** Where something is missing; none: the whole scope is brought in line, at a management group or after a change of purposes. */
  scopes: readonly { scope: string; title: string }[];
  onClose: () => void;
  /** Looks again at what is held. */
  onRecheck: () => void;
}

/** Granting what is missing: where, by whom, and what came of it on each scope. */
export function GrantWindow({ account, scopes, onClose, onRecheck }: Props) {
  const styles = useStyles();
  const client = useQueryClient();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(scopes.map((s) => s.scope)));
  const [signIn, setSignIn] = useState("");
  const [key] = useState(idempotencyKey);
  const [operation, setOperation] = useState("");
  const session = useSignIn(signIn);
  const granting = useMutation({
    mutationFn: () => grant(account.id, signIn, scopes.length === chosen.size ? [] : [...chosen], key),
    onSuccess: (begun) => {
      client.setQueryData(keys.operation(begun.id), begun);
      setOperation(begun.id);
    },
  });
  const signedIn = session.data?.state === "signed_in" && !session.isError;
  const close = () => {
    // The operation has its own hold on the sign-in; of this window nothing stays.
    void endSignIn(client, signIn);
    onClose();
  };
  const toggle = (scope: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(scope);
    else next.delete(scope);
    setChosen(next);
  };
  return (
    <Window
      title={scopes.length === 0 ? "Grant what is needed" : "Grant what is missing"}
      width={680}
      onClose={close}
      actions={
        operation === "" ? (
          <>
            <Button
              appearance="primary"
              disabledFocusable={!signedIn || (scopes.length > 0 && chosen.size === 0) || granting.isPending}
              onClick={() => granting.mutate()}
            >
              Grant
            </Button>
            <Button onClick={close}>Cancel</Button>
          </>
        ) : (
          <Ending id={operation} onClose={close} onRecheck={onRecheck} />
        )
      }
    >
      {operation !== "" ? (
        <Progress id={operation} />
      ) : (
        <>
          {scopes.length === 0 ? (
            <Text>
              The application of {account.name} gets exactly what its purposes need{" "}
              {account.management_group === "" ? "on all of its scope" : `at the management group ${account.management_group}`}. What
              Evercred assigned to it before and is not needed any more is taken back.
            </Text>
          ) : (
            <>
              <Text>Exactly what is missing is granted to the application of {account.name}, and nothing else. On:</Text>
              <ul className={styles.scopes} aria-label="Where to grant">
                {scopes.map(({ scope, title }) => (
                  <li key={scope}>
                    <Checkbox label={title} checked={chosen.has(scope)} onChange={(_event, data) => toggle(scope, data.checked === true)} />
                  </li>
                ))}
              </ul>
            </>
          )}
          <SignIn cloud={account.cloud} tenantID={account.tenant_id} id={signIn} onID={setSignIn} />
          {granting.error && <ProblemNotice problem={explanationOf(granting.error)} />}
          <Text size={200} className={styles.subtle}>
            Azure may need up to 15 minutes until a grant is obeyed everywhere. Until then, a check may still call it missing.
          </Text>
        </>
      )}
    </Window>
  );
}

function Progress({ id }: { id: string }) {
  const request = useOperationRequest(id);
  return <OperationBody id={id} request={request} />;
}

function Ending({ id, onClose, onRecheck }: { id: string; onClose: () => void; onRecheck: () => void }) {
  const operation = useOperation(id);
  const over = operation.data !== undefined && closed(operation.data);
  if (!over) return <Button onClick={onClose}>Close; it goes on</Button>;
  return (
    <>
      <Button
        appearance="primary"
        onClick={() => {
          onClose();
          onRecheck();
        }}
      >
        Recheck
      </Button>
      <Button onClick={onClose}>OK</Button>
    </>
  );
}
