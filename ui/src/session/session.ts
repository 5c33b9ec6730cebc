import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api, take } from "../api/client";
import { explanationOf, type Explanation } from "../api/problem";
import { keys } from "../api/queries";

const loginMark = "#login=";

/**
 * Redeems the one-time code of the address, if it has one. The code stands in the fragment, which no browser sends; it is
 * taken out of the address bar and the history before anything else happens.
 * @returns why the code was not accepted, or null.
 */
export async function redeemAddress(): Promise<Explanation | null> {
  if (!location.hash.startsWith(loginMark)) return null;
  const code = decodeURIComponent(location.hash.slice(loginMark.length));
  history.replaceState(history.state, "", location.pathname + location.search);
  try {
    await take(api.POST("/api/v1/session", { body: { login: code } }));
    return null;
  } catch (error) {
    return explanationOf(error);
  }
}

/** Signs in with an API token of the server. */
export function useTokenSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => take(api.POST("/api/v1/session", { body: { token } })),
    onSuccess: (session) => {
      client.setQueryData(keys.session, session);
      client.setQueryData(keys.ended, false);
      // What failed for want of a session is asked again.
      return client.refetchQueries({ predicate: (query) => query.state.status === "error" });
    },
  });
}

/** Ends the session here and at the server, and drops all that this page was told. */
export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => take(api.DELETE("/api/v1/session")),
    onSettled: () => {
      client.clear();
      location.assign("/");
    },
  });
}
