import { execFileSync } from "node:child_process";

import { expect, test } from "vitest";

import { partsOf } from "./remedy";

const plain = (text: string) =>
  partsOf(text)
    .map((part) => (part.kind === "plain" ? part.text : `[${part.kind} ${part.text}]`))
    .join("");

test.each([
  ["Run `evercred account renew backup-prod`.", "Choose [button Renew]."],
  ["Run `evercred account recreate a --new`.", "Choose [button Re-create]."],
  ["Assign the roles, then run `evercred account check a`.", "Assign the roles, then choose [button Check now]."],
  [
    "It is not known. Run `evercred account check a --sign-in` to read it.",
    "It is not known. Choose [button Check with a sign-in] to read it.",
  ],
  ["Give it a known value: `evercred account connect a --secret-file FILE`.", "Give it a known value: [button in the Logon step]."],
  ["See `evercred operation show op-12ab`.", "See [operation the operation]."],
  ["Run `evercred operation resume op-12ab`, and sign in.", "Open [operation the operation], and sign in."],
  ["Start `evercred emulator` first.", "Start [code evercred emulator] first."],
  ["No command here.", "No command here."],
  ["", ""],
])("%s", (text, want) => {
  expect(plain(text)).toBe(want);
});

test("an operation's link names it", () => {
  expect(partsOf("See `evercred operation show op-12ab`.")[1]).toEqual({ text: "the operation", kind: "operation", ref: "op-12ab" });
});

// What the engine tells people to run must not reach this page as something to type, where the page has a button for it.
test("every command in the engine's texts is a button or link here", () => {
  const texts = execFileSync(
    "grep",
    ["-rhoE", "--include=*.go", "--exclude=*_test.go", "`evercred (account|operation|permission|sign-in)[^`]*`", "../internal"],
    { encoding: "utf8" },
  );
  // Built by concatenation in places; only the beginning matters, and an id where one is put in.
  const commands = [...new Set(texts.split("\n").filter((line) => line !== ""))].map((line) =>
    line.replaceAll("`", "").replace(/%s|" ?\+ ?[\w.]+ ?\+ ?"|"\+[\w.]+\+"/g, "op-1"),
  );
  expect(commands.length).toBeGreaterThan(10);
  // What the page does not offer stays a command: it is for who runs the server.
  const commandsOnly =
    /^evercred account (add|steward)|^evercred operation list|^evercred permission profiles|^evercred sign-in --azure-cli/;
  for (const command of commands.filter((c) => !commandsOnly.test(c))) {
    expect(partsOf("Run `" + command + "`.")[1]?.kind, command).not.toBe("code");
  }
});
