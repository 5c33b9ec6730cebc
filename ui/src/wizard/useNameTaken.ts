import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { api, take } from "../api/client";
import { Problem } from "../api/problem";
import { nameProblem } from "./name";

// The server is asked once the typing pauses for this long, in milliseconds.
const pause = 300;

interface Answer {
  taken: boolean;
  busy: boolean;
  /** The server could not be asked; it looks again when the account is made. */
  unknown: boolean;
}

/**
 * Whether another account has the name, as the server compares names: without regard to case.
 * @param own the account's own id, which may keep its name; empty for a new one.
 */
export function useNameTaken(name: string, own: string): Answer {
  const [asked, setAsked] = useState(name);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(name), pause);
    return () => clearTimeout(timer);
  }, [name]);
  const allowed = nameProblem(asked) === "";
  const found = useQuery({
    queryKey: ["name", asked.toLowerCase()],
    enabled: allowed,
    queryFn: async ({ signal }) => {
      try {
        const account = await take(api.GET("/api/v1/accounts/{account}", { params: { path: { account: asked } }, signal }));
        return account.name.toLowerCase() === asked.toLowerCase() ? account.id : ""; // else an id was typed
      } catch (error) {
        if (error instanceof Problem && error.status === 404) return "";
        throw error;
      }
    },
  });
  const current = asked === name && allowed;
  return {
    taken: current && found.data !== undefined && found.data !== "" && found.data !== own,
    busy: nameProblem(name) === "" && (!current || found.isFetching) && !found.isError,
    unknown: current && found.isError,
  };
}
