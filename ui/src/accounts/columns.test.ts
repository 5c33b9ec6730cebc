import { expect, test } from "vitest";

import { columns, columnsOf, usualColumns } from "./columns";

test("without a stored choice the usual columns are shown", () => {
  expect(columnsOf(null)).toEqual(usualColumns);
});

test("a stored choice is shown in the page's order, without what it does not know", () => {
  expect(columnsOf("tenant,gone,state")).toEqual(["state", "tenant"]);
  expect(columnsOf("")).toEqual([]);
});

test("no two columns have one name", () => {
  expect(new Set(columns.map((c) => c.title)).size).toBe(columns.length);
});
