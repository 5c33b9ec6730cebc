import { expect, test } from "vitest";

import { linesOf } from "./usedby";

test("one a line, without blanks and repetitions", () => {
  expect(linesOf(" vba-01 \r\n\n vba-02\nvba-01")).toEqual(["vba-01", "vba-02"]);
  expect(linesOf(" \n")).toEqual([]);
});
