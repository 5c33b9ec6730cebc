import { useState } from "react";

/** A column of the list that a person can show or hide. The name is always there. */
export type ColumnID =
  | "method"
  | "expires"
  | "state"
  | "permissions"
  | "subscriptions"
  | "last_check"
  | "tenant"
  | "cloud"
  | "origin"
  | "application"
  | "created"
  | "updated";

export interface Column {
  id: ColumnID | "name";
  title: string;
  /** As a track of the table's grid. */
  width: string;
  /** Its name in the order that is asked of the server; empty: not sorted by. */
  sort: string;
}

export const nameColumn: Column = { id: "name", title: "Name", width: "minmax(150px, 2.2fr)", sort: "name" };

/** All columns, in their order on the page. */
export const columns: readonly (Column & { id: ColumnID })[] = [
  { id: "method", title: "Authentication", width: "minmax(96px, 0.9fr)", sort: "method" },
  { id: "expires", title: "Expiration", width: "minmax(124px, 1.2fr)", sort: "expires" },
  { id: "state", title: "State", width: "minmax(180px, 2fr)", sort: "state" },
  { id: "permissions", title: "Permissions", width: "minmax(104px, 1fr)", sort: "permissions" },
  { id: "subscriptions", title: "Scope", width: "minmax(104px, 1fr)", sort: "subscriptions" },
  { id: "last_check", title: "Last check", width: "minmax(96px, 0.9fr)", sort: "last_check" },
  { id: "tenant", title: "Tenant", width: "minmax(150px, 1.4fr)", sort: "tenant" },
  { id: "cloud", title: "Cloud", width: "minmax(72px, 0.6fr)", sort: "cloud" },
  { id: "origin", title: "Application from", width: "minmax(100px, 0.8fr)", sort: "origin" },
  { id: "application", title: "Application ID", width: "minmax(150px, 1.4fr)", sort: "" },
  { id: "created", title: "Added", width: "minmax(100px, 0.8fr)", sort: "created" },
  { id: "updated", title: "Changed", width: "minmax(100px, 0.8fr)", sort: "updated" },
];

export const usualColumns: readonly ColumnID[] = ["method", "expires", "state", "permissions", "last_check"];

const storageKey = "evercred-columns";

/** Reads a stored choice; what this page does not know, from an older or newer one, is left out. */
export function columnsOf(stored: string | null): readonly ColumnID[] {
  if (stored === null) return usualColumns;
  const names = stored.split(",");
  return columns.filter((column) => names.includes(column.id)).map((column) => column.id);
}

/** The columns that are shown, kept in this browser. */
export function useColumns(): [readonly ColumnID[], (shown: readonly ColumnID[]) => void] {
  const [shown, setShown] = useState(() => {
    try {
      return columnsOf(localStorage.getItem(storageKey));
    } catch {
      return usualColumns; // a browser may refuse storage; the choice then lasts as long as the page
    }
  });
  const choose = (next: readonly ColumnID[]) => {
    setShown(next);
    try {
      localStorage.setItem(storageKey, next.join(","));
    } catch {
      // as above
    }
  };
  return [shown, choose];
}
