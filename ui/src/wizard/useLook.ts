import { useEffect, useMemo, useState } from "react";

import { previewPermissions, type PermissionPreview, type PreviewRequest } from "../api/permissions";
import { explanationOf, type Explanation } from "../api/problem";
import type { Secrets } from "./draft";

export interface Look {
  /** Of this very application, credential, scope and choice of purposes; null: not looked yet, or it failed. */
  found: PermissionPreview | null;
  busy: boolean;
  problem: Explanation | null;
  again: () => void;
}

interface Answer {
  key: string;
  secrets: Secrets;
  found: PermissionPreview | null;
  problem: Explanation | null;
}

/**
 * Looks at an application as it is entered. The secrets go into the request and into nothing else.
 * @param request without secrets; null: not enough is entered.
 * @param wanted only then it is asked; what was found before stays known.
 */
export function useLook(request: PreviewRequest | null, secrets: Secrets, wanted: boolean): Look {
  const key = useMemo(() => (request === null ? "" : JSON.stringify(request)), [request]);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [nonce, setNonce] = useState(0);
  const [asked, setAsked] = useState(0);
  const current = answer !== null && answer.key === key && answer.secrets === secrets ? answer : null;
  const due = wanted && key !== "" && (current === null || asked !== nonce);
  useEffect(() => {
    if (!due) return;
    const abort = new AbortController();
    const look = async () => {
      const body = JSON.parse(key) as PreviewRequest;
      if (secrets.secret !== "") body.secret = secrets.secret;
      else if (secrets.file) Object.assign(body, { certificate: secrets.file.content, password: secrets.password });
      const found = await previewPermissions(body, abort.signal);
      setAnswer({ key, secrets, found, problem: null });
    };
    look()
      .catch((error: unknown) => {
        if (!abort.signal.aborted) setAnswer({ key, secrets, found: null, problem: explanationOf(error) });
      })
      .finally(() => {
        if (!abort.signal.aborted) setAsked(nonce);
      });
    return () => abort.abort();
  }, [due, key, secrets, nonce]);
  return {
    found: current?.found ?? null,
    busy: due,
    problem: due ? null : (current?.problem ?? null),
    again: () => setNonce((n) => n + 1),
  };
}
