import { expect, test } from "vitest";

import { allMatching, countOf, isSelected, mark, nothing, stateOf } from "./selection";

const a = { id: "a", name: "backup-a" };
const b = { id: "b", name: "backup-b" };

test("accounts are taken in and out one by one", () => {
  const two = mark(nothing, [a, b], true);
  expect(countOf(two, 10_000)).toBe(2);
  expect(isSelected(two, "a")).toBe(true);
  const one = mark(two, [a], false);
  expect(isSelected(one, "a")).toBe(false);
  expect(countOf(one, 10_000)).toBe(1);
  expect(countOf(two, 10_000)).toBe(2);
});

test("all that match, but some", () => {
  const rule = mark(allMatching, [a, b], false);
  expect(countOf(rule, 10_000)).toBe(9_998);
  expect(isSelected(rule, "a")).toBe(false);
  expect(isSelected(rule, "never seen")).toBe(true);
  expect(countOf(mark(rule, [a], true), 10_000)).toBe(9_999);
});

test("the box above the boxes", () => {
  expect(stateOf(nothing, 3)).toBe(false);
  expect(stateOf(mark(nothing, [a], true), 3)).toBe("mixed");
  expect(stateOf(allMatching, 3)).toBe(true);
  expect(stateOf(mark(allMatching, [a], false), 3)).toBe("mixed");
});
