import type { Profile } from "../api/permissions";
import { cloudName } from "../text/clouds";
import { usedByOf, type Draft, type Named, type ScopeDraft, type Secrets } from "./draft";
import { purposesInWords } from "./purposes";

/** A line of a summary; a long value has several lines. */
export interface Line {
  term: string;
  value: string;
}

interface Known {
  cloud: string;
  person: string;
  profile: Profile | undefined;
}

/** What will be made, line by line. It holds no secret. */
export function summaryOf(draft: Draft, secrets: Secrets, known: Known): Line[] {
  const usedBy = usedByOf(draft.usedBy);
  const lines: (Line | null)[] = [
    { term: "Name", value: draft.name },
    draft.description.trim() === "" ? null : { term: "Description", value: draft.description.trim() },
    usedBy.length === 0 ? null : { term: "Used by", value: usedBy.join("\n") },
    { term: "Environment", value: cloudName(known.cloud) },
    { term: "Type", value: draft.kind === "auto" ? "Created automatically" : "Existing application" },
  ];
  if (draft.kind === "auto") {
    lines.push(
      { term: "Signed in as", value: known.person },
      { term: "Tenant", value: named(draft.tenant) },
      {
        term: "Authentication",
        value: `${draft.newCredential === "secret" ? "Client (application) secret" : "Certificate"}, valid for ${draft.lifetime} days`,
      },
    );
  } else {
    lines.push(
      { term: "Application ID", value: draft.applicationID.trim() },
      { term: "Tenant ID", value: draft.tenantID.trim() },
      {
        term: "Authentication",
        value:
          draft.credential === "certificate"
            ? `Certificate (${secrets.file?.name ?? ""})`
            : `Client (application) secret${draft.secretEnds === "" ? ", its end is not known" : `, ends on ${draft.secretEnds}`}`,
      },
    );
  }
  lines.push(scopeLine(draft), { term: "Permission profile", value: profileTitle(known.profile, draft.profile) });
  if (known.profile && known.profile.purposes.length > 0) lines.push({ term: "Purposes", value: purposesInWords(known.profile, draft) });
  if (draft.kind === "existing" && draft.allowMissing) lines.push({ term: "Permissions", value: "Added although some are missing" });
  return lines.filter((line) => line !== null);
}

export function scopeLine(scope: ScopeDraft): Line {
  switch (scope.scope) {
    case "all":
      return { term: "Scope", value: "All subscriptions that the application sees" };
    case "group":
      return { term: "Management group", value: named(scope.group) };
    case "subscriptions":
      return { term: "Subscriptions", value: scope.subscriptions.map(named).join("\n") };
  }
}

export function profileTitle(profile: Profile | undefined, name: string): string {
  if (!profile) return name;
  return profile.version === "" || profile.purposes.length === 0 || profile.title.includes(profile.version)
    ? profile.title
    : `${profile.title} ${profile.version}`;
}

function named({ id, name }: Named): string {
  return name === "" || name === id ? id : `${name} (${id})`;
}

/** The summary as a text, to paste into a ticket. */
export function asText(title: string, lines: readonly Line[]): string {
  const width = Math.max(...lines.map((line) => line.term.length)) + 2;
  const rows = lines.map(({ term, value }) =>
    value
      .split("\n")
      .map((part, index) => (index === 0 ? `${term}:`.padEnd(width) : " ".repeat(width)) + part)
      .join("\n"),
  );
  return [title, ...rows].join("\n") + "\n";
}
