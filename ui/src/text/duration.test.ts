import { expect, test } from "vitest";

import { duration } from "./duration";

test.each([
  ["180d", "180 days"],
  ["1d", "1 day"],
  ["24h", "24 hours"],
  ["36h0m0s", "36 hours"],
  ["1d12h", "1 day 12 hours"],
  ["0s", "no time"],
  ["", ""],
  ["soon", "soon"],
])("%s", (text, want) => {
  expect(duration(text)).toBe(want);
});
