import { useQuery } from "@tanstack/react-query";

import { api, take } from "../api/client";
import { keys } from "../api/queries";

/** Where an account is, for a sign-in in this browser; of one that is only being added, where its person is. */
export function usePlace(account: string): { cloud: string; tenantID: string } {
  const found = useQuery({
    queryKey: keys.account(account),
    enabled: account !== "",
    queryFn: ({ signal }) => take(api.GET("/api/v1/accounts/{account}", { params: { path: { account } }, signal })),
  });
  return { cloud: found.data?.cloud ?? "", tenantID: found.data?.tenant_id ?? "" };
}
