import { useMutation, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { api, send } from "../api/client";
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
  const code = location.hash.slice(loginMark.length);
  history.replaceState(history.state, "", location.pathname + location.search);
  try {
    await send(api.POST("/api/v1/session", { body: { login: code } }));
    return null;
  } catch (error) {
    return explanationOf(error);
  }
}

/**
 * Redeems a one-time address that is opened in a tab where this page already is: only the fragment changes then, and no
 * page is loaded.
 * @returns why the latest code was not accepted, or null.
 */
export function useAddress(client: QueryClient, atStart: Explanation | null): Explanation | null {
  const [refused, setRefused] = useState(atStart);
  useEffect(() => {
    const redeem = async () => {
      if (!location.hash.startsWith(loginMark)) return;
      const why = await redeemAddress();
      setRefused(why);
      if (why === null) await begun(client);
    };
    const listen = () => void redeem();
    addEventListener("hashchange", listen);
    return () => removeEventListener("hashchange", listen);
  }, [client]);
  return refused;
}

/** Reads again what the want of a session kept from being read. */
async function begun(client: QueryClient): Promise<void> {
  client.setQueryData(keys.ended, false);
  await client.invalidateQueries();
}

/** Signs in with an API token of the server. */
export function useTokenSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => send(api.POST("/api/v1/session", { body: { token } })),
    onSuccess: (session) => {
      client.setQueryData(keys.session, session);
      return begun(client);
    },
  });
}

/** Ends the session here and at the server, and drops all that this page was told. */
export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => send(api.DELETE("/api/v1/session")),
    onSettled: () => {
      client.clear();
      location.assign("/");
    },
  });
}
