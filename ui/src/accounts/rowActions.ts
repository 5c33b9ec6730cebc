import { createContext, use } from "react";

import type { AccountSummary } from "./list";

/** What the rows of the list ask of its page. */
export interface RowActions {
  start: (account: AccountSummary, what: "check" | "renew") => void;
  info: (account: AccountSummary) => void;
  remove: (account: AccountSummary) => void;
}

export const RowActionsContext = createContext<RowActions | null>(null);

export function useRowActions(): RowActions {
  const actions = use(RowActionsContext);
  if (!actions) throw new Error("a row of the list stands outside of its page");
  return actions;
}
