import { expect, test } from "vitest";

import { joined } from "./export";

test("one export stays as it is", () => {
  expect(joined("csv", ["name\r\na\r\n"])).toBe("name\r\na\r\n");
});

test("several tables have one heading", () => {
  expect(joined("csv", ["name\r\na\r\n", "name\r\nb\r\nc\r\n"])).toBe("name\r\na\r\nb\r\nc\r\n");
});

test("several lists are one", () => {
  expect(JSON.parse(joined("json", ['[{"name":"a"}]', '[{"name":"b"}]']))).toEqual([{ name: "a" }, { name: "b" }]);
});
