import { describe, expect, it } from "vitest";

import type { Failure } from "../api/client";
import { codesBlocked, mustPaste, pasteProblem } from "./ways";

const problem = (source: string): Failure => ({ code: "sign_in", message: "m", meaning: "", remedy: "", field: "", source });

describe("codesBlocked", () => {
  it.each([
    ["device", "AADSTS53003: Access has been blocked by Conditional Access policies.", true],
    ["device", "AADSTS50097: Device authentication is required.", true],
    ["device", "AADSTS70016: pending", false],
    ["browser", "AADSTS53003: Access has been blocked", false],
  ] as const)("%s, %s: %s", (method, source, want) => {
    expect(codesBlocked({ method, problem: problem(source) })).toBe(want);
  });
});

describe("mustPaste", () => {
  it.each([
    ["http://localhost:8080/api/v1/sign-ins/callback", "localhost", false],
    ["http://localhost:8080/api/v1/sign-ins/callback", "127.0.0.1", false],
    ["http://localhost:8400/", "evercred.example.com", true],
    ["https://evercred.example.com/api/v1/sign-ins/callback", "evercred.example.com", false],
    ["", "localhost", true],
  ])("%s seen from %s: %s", (uri, here, want) => {
    expect(mustPaste(uri, here)).toBe(want);
  });
});

describe("pasteProblem", () => {
  it.each([
    ["http://localhost:8400/?code=abc&state=def", ""],
    ["  http://localhost:8400/?error=access_denied&state=def ", ""],
    ["", "Paste the whole address"],
    ["abc", "not an address"],
    ["http://localhost:8400/", "no answer of Microsoft"],
    ["https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize?client_id=1&code=2", "sign-in page itself"],
  ])("%s", (value, want) => {
    if (want === "") expect(pasteProblem(value)).toBe("");
    else expect(pasteProblem(value)).toContain(want);
  });
});
