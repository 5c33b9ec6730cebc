import { MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle, makeStyles, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";

import type { Explanation } from "../api/problem";
import { useSessionEnded } from "../api/queries";
import { Remedy } from "./Remedy";

const useStyles = makeStyles({
  source: {
    display: "block",
    marginTop: tokens.spacingVerticalXS,
    color: tokens.colorNeutralForeground2,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
  line: { display: "block", marginTop: tokens.spacingVerticalXXS },
  body: { whiteSpace: "normal", overflowWrap: "anywhere" },
});

interface Props {
  problem: Explanation;
  intent?: "error" | "warning";
  actions?: ReactNode;
  /** Of the attempt to sign in itself: shown although there is no session. */
  ofSignIn?: boolean;
}

/** What went wrong: what happened, what it means, what to do next, and Microsoft's own words. */
export function ProblemNotice({ problem, intent = "error", actions, ofSignIn = false }: Props) {
  const styles = useStyles();
  const ended = useSessionEnded();
  // The window that asks to sign in again says it already; behind it, it would stay when it is no longer true.
  if (ended && !ofSignIn && problem.code === "unauthorized") return null;
  return (
    <MessageBar intent={intent} layout="multiline" role={intent === "error" ? "alert" : "status"}>
      <MessageBarBody className={styles.body}>
        <MessageBarTitle>
          <Remedy text={problem.message} />
        </MessageBarTitle>
        {problem.meaning !== "" && (
          <span className={styles.line}>
            <Remedy text={problem.meaning} />
          </span>
        )}
        {problem.remedy !== "" && (
          <span className={styles.line}>
            <Remedy text={problem.remedy} />
          </span>
        )}
        {problem.source !== "" && <span className={styles.source}>Microsoft: {problem.source}</span>}
      </MessageBarBody>
      {actions !== undefined && <MessageBarActions>{actions}</MessageBarActions>}
    </MessageBar>
  );
}
