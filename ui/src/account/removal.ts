import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { ask } from "../api/ask";
import type { Operation } from "../api/client";
import { keys } from "../api/queries";
import type { components } from "../api/schema";

/** What a removal would do, and what depends on the account. */
export type Removal = components["schemas"]["RemovalPreview"];

export function useRemoval(account: string) {
  return useQuery({
    queryKey: ["removal", account],
    queryFn: ({ signal }) => ask<Removal>("GET", `/accounts/${encodeURIComponent(account)}/removal`, { signal }),
    gcTime: 0, // what depends on an account is asked for anew each time
  });
}

export interface RemovalRequest {
  deleteApplication: boolean;
  deleteRoles: boolean;
}

/** Removes an account; answers with the operation that does it. */
export function useRemove(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ deleteApplication, deleteRoles }: RemovalRequest) =>
      ask<Operation>("DELETE", `/accounts/${encodeURIComponent(id)}`, {
        query: {
          delete_application: deleteApplication ? "true" : undefined,
          delete_roles: deleteRoles ? "true" : undefined,
        },
      }),
    onSuccess: (operation) => {
      client.setQueryData(keys.operation(operation.id), operation);
      return client.invalidateQueries({ queryKey: keys.accounts });
    },
  });
}
