import { useState } from "react";

import { changed, emptyDraft, noSecrets, readDraft, type Draft, type Secrets } from "./draft";

const place = "evercred-add-account";

function stored(): Draft {
  try {
    return readDraft(sessionStorage.getItem(place)) ?? emptyDraft;
  } catch {
    return emptyDraft; // a browser may refuse storage; the draft then lasts as long as the page
  }
}

function store(draft: Draft | null): void {
  try {
    if (draft === null) sessionStorage.removeItem(place);
    else sessionStorage.setItem(place, JSON.stringify(draft));
  } catch {
    // see stored
  }
}

/** Forgets the draft that the tab keeps: the next Add begins afresh. */
export function forgetDraft(): void {
  store(null);
}

interface Kept {
  draft: Draft;
  secrets: Secrets;
}

/** The draft of the Add wizard, kept in the tab; and its secrets, kept in memory alone. */
export function useDraft() {
  const [kept, setKept] = useState<Kept>(() => ({ draft: stored(), secrets: noSecrets }));
  const put = (next: (before: Kept) => Kept) =>
    setKept((before) => {
      const now = next(before);
      store(now.draft);
      return now;
    });
  return {
    ...kept,
    change: (part: Partial<Draft>) => put(({ draft, secrets }) => ({ draft: changed(draft, part), secrets })),
    changeSecrets: (part: Partial<Secrets>) =>
      put(({ draft, secrets }) => {
        const next = { ...secrets, ...part };
        return { draft: changed(draft, { hadSecret: next.secret !== "" || next.file !== null }), secrets: next };
      }),
    /** Forgets everything. */
    clear: () =>
      setKept(() => {
        store(null);
        return { draft: emptyDraft, secrets: noSecrets };
      }),
  };
}
