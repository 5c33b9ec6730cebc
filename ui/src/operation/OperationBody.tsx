import { ProgressBar, Spinner, makeStyles, tokens } from "@fluentui/react-components";

import type { Operation } from "../api/client";
import { explanationOf } from "../api/problem";
import { closed, useOperation, type useOperationRequest } from "../api/queries";
import { ProblemNotice } from "../frame/Notice";
import { localTimes } from "../text/time";
import { ChoicePanel } from "./ChoicePanel";
import { Outcome } from "./Outcome";
import { SignInPanel } from "./SignInPanel";
import { Steps } from "./Steps";

const useStyles = makeStyles({
  body: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
  hidden: { position: "absolute", width: "1px", height: "1px", overflow: "hidden", clipPath: "inset(50%)" },
});

/** An operation as it goes on: what it asks, how it ended, its steps. It shows what the server knows. */
export function OperationBody({ id, request }: { id: string; request: ReturnType<typeof useOperationRequest> }) {
  const styles = useStyles();
  const operation = useOperation(id);
  const o = operation.data;
  if (!o) {
    if (operation.error) return <ProblemNotice problem={explanationOf(operation.error)} />;
    return <Spinner label={operation.failureCount > 0 ? "The server does not answer. Trying again…" : "Reading the operation…"} />;
  }
  return (
    <div className={styles.body}>
      {operation.error && <ProblemNotice problem={explanationOf(operation.error)} />}
      {!closed(o) && operation.failureCount > 0 && <ProblemNotice intent="warning" problem={explanationOf(operation.failureReason)} />}
      {request.error && <ProblemNotice problem={explanationOf(request.error)} />}
      <span role="status" className={styles.hidden}>
        {spoken(o)}
      </span>
      {(o.state === "waiting_sign_in" || o.state === "needs_sign_in") && (
        <SignInPanel
          operation={o}
          busy={request.isPending}
          onNewCode={() => request.mutate({ do: "sign-in" })}
          onSignedIn={(signIn) => request.mutate({ do: "sign-in", signIn })}
        />
      )}
      {o.state === "waiting_choice" && (
        <ChoicePanel operation={o} busy={request.isPending} onChoose={(option) => request.mutate({ do: "choose", option })} />
      )}
      <Outcome operation={o} />
      {o.state === "running" && <ProgressBar aria-label="The operation is under way" />}
      <Steps operation={o} />
    </div>
  );
}

/** What a screen reader says when the operation moves on. */
function spoken(o: Operation): string {
  if (o.state === "done") return localTimes(o.summary);
  if (o.state === "failed" || o.state === "needs_sign_in") return ""; // the notice of the problem speaks for itself
  if (o.state === "cancelled") return "The operation was cancelled.";
  if (o.state === "waiting_choice") return localTimes(o.choice?.question ?? "");
  return o.steps.at(-1)?.title ?? "";
}
