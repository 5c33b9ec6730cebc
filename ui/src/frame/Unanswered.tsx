import { Button, Spinner } from "@fluentui/react-components";

import { explanationOf } from "../api/problem";
import { ProblemNotice } from "./Notice";

interface Props {
  /** A question to the server that has no answer yet. */
  query: { error: Error | null; failureCount: number; refetch: () => unknown };
  /** What is being asked, in words. */
  asking: string;
}

/** What stands in the place of an answer: that it is waited for, or why there is none. */
export function Unanswered({ query, asking }: Props) {
  if (query.error)
    return <ProblemNotice problem={explanationOf(query.error)} actions={<Button onClick={() => void query.refetch()}>Try again</Button>} />;
  return <Spinner label={query.failureCount > 0 ? "The server does not answer. Trying again…" : asking} />;
}
