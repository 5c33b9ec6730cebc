import type { Profile } from "../api/permissions";
import type { PurposesDraft } from "./draft";
import { amount, needsOf, purposesInWords } from "./purposes";

/** What is granted for a profile, in a sentence. */
export function granted(profile: Profile, draft: PurposesDraft): string {
  if (profile.purposes.length === 0)
    return `The built-in ${profile.roles.length === 1 ? "role" : "roles"} ${profile.roles.join(" and ")} ${profile.roles.length === 1 ? "is" : "are"} assigned.`;
  const needs = amount(needsOf(profile, draft));
  return `A custom role with exactly ${needs}, and the right to read its own permissions, is made and assigned. ${draft.granular ? `It is for: ${purposesInWords(profile, draft)}.` : "It is for everything that the profile has."}`;
}
