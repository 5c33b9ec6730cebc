import type { AccountAction } from "../api/client";

/** Whether the server offers an action for an account, and why not; one that it does not name is not offered. */
export function actionOf(
  account: { actions: readonly AccountAction[] },
  name: AccountAction["name"],
): Pick<AccountAction, "offered" | "reason"> {
  return account.actions.find((action) => action.name === name) ?? { offered: false, reason: "" };
}
