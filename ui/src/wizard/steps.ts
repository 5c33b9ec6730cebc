import type { Profile } from "../api/permissions";
import { granted } from "./granted";
import type { Draft, StepName } from "./draft";

export const titles: Record<StepName, string> = {
  info: "Info",
  type: "Type",
  logon: "Logon",
  scope: "Scope",
  purposes: "Purposes",
  check: "Permission check",
  credential: "Credential",
  summary: "Summary",
};

/** What a step is for, in a sentence. */
export function leads(step: StepName, kind: Draft["kind"]): string {
  const auto = kind !== "existing";
  switch (step) {
    case "info":
      return "What the account is called, and what it is for.";
    case "type":
      return "Where its application in Microsoft Entra comes from.";
    case "logon":
      return auto
        ? "Sign in to Microsoft Azure. Nothing is made there before you choose Create."
        : "What the application authenticates with. Nothing is stored before it is proven to work.";
    case "scope":
      return "Where the account may work.";
    case "purposes":
      return auto
        ? "What the account is allowed to do: it gets no more than that."
        : "What the account is to be allowed to do: that is what is checked.";
    case "check":
      return auto ? "What would be granted, and whether you may grant it." : "What the application holds, and what it lacks.";
    case "credential":
      return "What the application authenticates with, and for how long.";
    case "summary":
      return "Look it over. Back keeps what you entered.";
  }
}

/** What Create does, in order. */
export function doing(draft: Draft, profile: Profile | undefined): string[] {
  if (draft.kind === "existing") {
    return [
      "The credential is proven at Microsoft Entra once more.",
      "The permissions on the scope are checked.",
      "The account is stored here, its secret encrypted. Nothing is changed in Azure.",
    ];
  }
  return [
    `An application and a service principal named ${draft.name} are made in ${draft.tenant.name === "" ? draft.tenant.id : draft.tenant.name}.`,
    draft.newCredential === "secret"
      ? "A secret is added to it."
      : "A certificate is made here and added to it; its key stays here, encrypted.",
    profile ? granted(profile, draft) : "What the profile needs is granted.",
    "The credential is proven, until Microsoft Entra accepts it reliably.",
    "The account is stored here. You then hand its credential over to the software.",
  ];
}
