import { MessageBar, MessageBarBody } from "@fluentui/react-components";

import type { Operation } from "../api/client";
import { ProblemNotice } from "../frame/Notice";
import { Remedy } from "../frame/Remedy";

/** How an operation ended; nothing while it goes on. A check that was made is no good news by itself: the state tells. */
export function Outcome({ operation }: { operation: Operation }) {
  switch (operation.state) {
    case "done":
      return (
        <MessageBar intent={operation.kind === "check" ? "info" : "success"} layout="multiline">
          <MessageBarBody>
            <Remedy text={operation.summary} />
          </MessageBarBody>
        </MessageBar>
      );
    case "failed":
      return operation.problem ? <ProblemNotice problem={operation.problem} /> : null;
    case "cancelled":
      return (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{operation.summary === "" ? "The operation was cancelled." : <Remedy text={operation.summary} />}</MessageBarBody>
        </MessageBar>
      );
    default:
      return null;
  }
}
