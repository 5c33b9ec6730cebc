import { describe, expect, test } from "vitest";

import { everything, filterOf, narrowed, narrowings, orderOf, parametersOf, queryOf, sortedBy, withQuery } from "./query";

describe("the query in the address", () => {
  test("what is as ever leaves no trace, and what else stands there stays", () => {
    expect(withQuery(new URLSearchParams("operation=op-1&search=x&state=expired"), everything).toString()).toBe("operation=op-1");
  });
  test("is read as it was written", () => {
    const query = { ...everything, search: "vault & co", states: ["expired", "blocked"], method: "secret", sort: "-expires" };
    expect(queryOf(withQuery(new URLSearchParams(), query))).toEqual(query);
  });
  test("an address without any is everything, by name", () => {
    expect(queryOf(new URLSearchParams("state="))).toEqual(everything);
  });
});

test("the server is asked without the blanks around a search, and always for an order", () => {
  expect(parametersOf({ ...everything, search: "  dr " }).toString()).toBe("search=dr&sort=name");
});

test("a bulk request names the filters that are set and no order", () => {
  expect(filterOf({ ...everything, search: " dr ", states: ["expired"], tenant: "t", sort: "-name" })).toEqual({
    search: "dr",
    tenant: "t",
    state: ["expired"],
  });
});

test("blanks narrow nothing", () => {
  expect(narrowed({ ...everything, search: "  " })).toBe(false);
  expect(narrowed({ ...everything, states: ["valid"] })).toBe(true);
  expect(narrowings({ ...everything, cloud: "global", origin: "created" })).toBe(2);
});

test("a heading sorts by its column, then the other way, then back", () => {
  expect(sortedBy("name", "expires")).toBe("expires");
  expect(sortedBy("expires", "expires")).toBe("-expires");
  expect(sortedBy("-expires", "expires")).toBe("expires");
  expect([orderOf("-name", "name"), orderOf("name", "name"), orderOf("name", "state")]).toEqual(["descending", "ascending", "none"]);
});
