import { expect, test } from "vitest";

import { accountsText, numbered } from "./count";

test("a number and its noun", () => {
  expect([accountsText(0), accountsText(1), accountsText(10_000)]).toEqual(["0 accounts", "1 account", "10,000 accounts"]);
  expect(accountsText(2, "selected")).toBe("2 selected accounts");
  expect(numbered(2, "entry", "entries")).toBe("2 entries");
});
