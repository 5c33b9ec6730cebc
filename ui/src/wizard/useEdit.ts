import { useState } from "react";

import { editSteps, type EditDraft } from "./edit";

const place = (account: string) => `evercred-edit-account:${account}`;

function read(account: string): EditDraft | null {
  try {
    const found = JSON.parse(sessionStorage.getItem(place(account)) ?? "null") as Partial<EditDraft> | null;
    if (!found || typeof found.version !== "number" || typeof found.signIn !== "string") return null;
    if (!found.base || !found.mine || !found.step || !editSteps.includes(found.step)) return null;
    return found as EditDraft;
  } catch {
    return null; // storage that the browser refuses, or what another version of this page wrote
  }
}

function write(account: string, draft: EditDraft | null): void {
  try {
    if (draft === null) sessionStorage.removeItem(place(account));
    else sessionStorage.setItem(place(account), JSON.stringify(draft));
  } catch {
    // see read
  }
}

/** The edit of an account, kept in the tab until it is saved or dropped. */
export function useEdit(account: string, fresh: () => EditDraft) {
  const [draft, setDraft] = useState<EditDraft>(() => read(account) ?? fresh());
  const put = (part: Partial<EditDraft> | ((before: EditDraft) => Partial<EditDraft>)) =>
    setDraft((before) => {
      const next = { ...before, ...(typeof part === "function" ? part(before) : part) };
      write(account, next);
      return next;
    });
  return { draft, put, clear: () => write(account, null) };
}
