import { localTimes } from "./time";

/** A stretch of a text for people: plain, or a name to set off. */
export interface Part {
  text: string;
  kind: "plain" | "button" | "operation" | "account" | "page" | "code";
  /** Of an operation or account: what it links to; of a page its address. */
  ref?: string;
}

/*
 * The server's remedies name commands, because they are read on the command line, in scripts and here. What a command does
 * is a button on this page: the remedy names that instead. A command without a button stays a command.
 */
const buttons: readonly (readonly [RegExp, string])[] = [
  [/^evercred account renew( |$)/, "Renew"],
  [/^evercred account recreate( |$)/, "Re-create"],
  [/^evercred account check .*--sign-in/, "Check with a sign-in"],
  [/^evercred account check( |$)/, "Check now"],
  [/^evercred account connect( |$)/, "in the Logon step"],
  [/^evercred account reconcile( |$)/, "Reconcile with a sign-in"],
  [/^evercred account rollback( |$)/, "Go back to it"],
  [/^evercred account hand-over( |$)/, "Hand over"],
  [/^evercred sign-in .*--browser/, "Use this browser"],
  [/^evercred account remove( |$)/, "Remove"],
];

/** What is done on a page of its own, for the account that the command names. */
const pages: readonly (readonly [RegExp, string, string])[] = [
  [/^evercred permission grant (\S+)/, "Grant", "permissions"],
  [/^evercred permission diff (\S+)/, "Permissions", "permissions"],
  [/^evercred account edit (\S+)/, "Edit", "edit"],
];

function partOf(command: string): Part {
  for (const [pattern, name] of buttons) {
    if (pattern.test(command)) return { text: name, kind: "button" };
  }
  for (const [pattern, name, page] of pages) {
    const account = pattern.exec(command)?.[1];
    if (account !== undefined) return { text: name, kind: "page", ref: `/accounts/${encodeURIComponent(account)}/${page}` };
  }
  if (/^evercred account list$/.test(command)) return { text: "the list of accounts", kind: "page", ref: "/" };
  const operation = /^evercred operation (?:show|resume) (op-[0-9a-f-]+)/.exec(command);
  if (operation?.[1]) return { text: "the operation", kind: "operation", ref: operation[1] };
  const account = /^evercred account show (\S+)/.exec(command);
  if (account?.[1]) return { text: account[1], kind: "account", ref: account[1] };
  return { text: command, kind: "code" };
}

/** Splits a text of the server into what to print how. */
export function partsOf(text: string): Part[] {
  const out: Part[] = [];
  const pieces = text.split("`");
  pieces.forEach((piece, index) => {
    if (index % 2 === 0) {
      if (piece !== "") out.push({ text: localTimes(piece), kind: "plain" });
      return;
    }
    const part = partOf(piece);
    const before = out.at(-1);
    if (part.kind !== "code" && before?.kind === "plain") {
      const chosen = part.kind === "button" || part.kind === "page";
      const verb = chosen ? "hoose " : "pen ";
      before.text = before.text.replace(/(^|[\s(])([Rr])un $/, (_all, gap: string, r: string) => {
        const first = chosen ? "c" : "o";
        return gap + (r === "R" ? first.toUpperCase() : first) + verb;
      });
    }
    out.push(part);
  });
  return out;
}
