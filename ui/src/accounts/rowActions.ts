import type { AccountSummary } from "./list";

/** What the rows of the list ask of its page. */
export interface RowActions {
  start: (account: AccountSummary, what: "check" | "renew") => void;
  info: (account: AccountSummary) => void;
  remove: (account: AccountSummary) => void;
}
