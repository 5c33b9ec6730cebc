import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";

import { previewPermissions, type PermissionPreview, type PreviewRequest } from "../api/permissions";
import { explanationOf, type Explanation } from "../api/problem";
import { noteSessionEnd, useSessionEnded } from "../api/queries";
import type { Secrets } from "./draft";

export interface Look {
  /** Of this very application, credential, scope and choice of purposes; null: not looked yet, or it failed. */
  found: PermissionPreview | null;
  busy: boolean;
  problem: Explanation | null;
  /** Looks again; null: it cannot be looked. */
  again: (() => void) | null;
}

/** Only this page's memory had the secret or the file, and a reload has emptied it. */
const credentialGone: Explanation = {
  code: "credential",
  message: "The secret or certificate is not here any more.",
  meaning:
    "The page was reloaded, and secrets, files and passwords are not kept then. Without them it cannot be asked what the application may do.",
  remedy: "Go back to the Logon step and give it again. Everything else that you entered is still there.",
  field: "",
  source: "",
};

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
  const client = useQueryClient();
  const ended = useSessionEnded();
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [nonce, setNonce] = useState(0);
  const [asked, setAsked] = useState(0);
  const current = answer !== null && answer.key === key && answer.secrets === secrets ? answer : null;
  // What the want of a session kept from being found is asked once there is one again.
  const kept = current?.problem?.code === "unauthorized";
  // An account has a credential of its own; what is not added yet has only the one that was entered.
  const gone = request !== null && request.account === undefined && secrets.secret === "" && secrets.file === null;
  const due = wanted && key !== "" && !gone && !ended && (current === null || kept || asked !== nonce);
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
        if (abort.signal.aborted) return;
        noteSessionEnd(client, error); // no cache of queries sees it
        setAnswer({ key, secrets, found: null, problem: explanationOf(error) });
      })
      .finally(() => {
        if (!abort.signal.aborted) setAsked(nonce);
      });
    return () => abort.abort();
  }, [client, due, key, secrets, nonce]);
  return {
    found: current?.found ?? null,
    busy: due,
    problem: gone ? credentialGone : due ? null : (current?.problem ?? null),
    again: gone ? null : () => setNonce((n) => n + 1),
  };
}
