import type { Failure } from "../api/client";
import type { components } from "../api/schema";
import type { SignInMethod, SignInSession } from "../api/signins";

/** What the server says of sign-ins. */
export type SignInSettings = components["schemas"]["SignInSettings"];

/** The client id of the Azure CLI, which Microsoft publishes: the default. */
export const azureCLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/** Codes of Microsoft Entra that mean: the tenant wants no device codes, or wants a device it knows. Both let a browser through. */
const blocked = /AADSTS(53003|530032|53000|53001|50097|50005|700054)\b/;

/** Whether a sign-in failed because device codes are blocked, for which the browser is the way out. */
export function codesBlocked(session: Pick<SignInSession, "method" | "problem">): boolean {
  return session.method === "device" && session.problem !== null && blocked.test(text(session.problem));
}

function text(problem: Failure): string {
  return `${problem.source} ${problem.message} ${problem.meaning}`;
}

export function otherMethod(method: string): SignInMethod {
  return method === "device" ? "browser" : "device";
}

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Whether Microsoft sends the browser to an address that only works on the server's own machine, while the browser is on
 * another: the address then has to be pasted.
 * @param here the host name that this page was opened under.
 */
export function mustPaste(redirectURI: string, here: string): boolean {
  let host: string;
  try {
    host = new URL(redirectURI).hostname;
  } catch {
    return true; // none, or one that no browser can open
  }
  return loopback.test(host) && !loopback.test(here);
}

/** Why a pasted text cannot be the address that the browser was sent to; empty if it can. The server looks closer. */
export function pasteProblem(pasted: string): string {
  const value = pasted.trim();
  if (value === "") return "Paste the whole address from the browser's address bar.";
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    return "This is not an address. Copy all of the address bar, beginning with http.";
  }
  if (/(^|\.)(microsoftonline|microsoft|live)\.[a-z]+$/.test(url.hostname))
    return "This is the address of the sign-in page itself. Sign in there first, then copy the address that the browser ends on.";
  if (!url.searchParams.has("code") && !url.searchParams.has("error"))
    return "This address has no answer of Microsoft in it. Copy all of it, with what follows the question mark.";
  return "";
}

/** "The Azure CLI", or the name that was configured. */
export function clientName(settings: SignInSettings | undefined): string {
  return settings === undefined || settings.client_name === "" ? "Microsoft Azure CLI" : settings.client_name;
}
