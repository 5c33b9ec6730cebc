/** What the list shows: which accounts, in which order. It stands in the page's address, so that it can be kept and sent. */
export interface ListQuery {
  search: string;
  states: readonly string[];
  cloud: string;
  tenant: string;
  origin: string;
  method: string;
  /** A column, with "-" before it for the other direction. */
  sort: string;
}

export const everything: ListQuery = { search: "", states: [], cloud: "", tenant: "", origin: "", method: "", sort: "name" };

const texts = ["search", "cloud", "tenant", "origin", "method"] as const;

/** Reads the query out of an address. What it does not know it leaves alone. */
export function queryOf(params: URLSearchParams): ListQuery {
  const states = (params.get("state") ?? "").split(",").filter((state) => state !== "");
  const query = { ...everything, states, sort: params.get("sort") ?? everything.sort };
  for (const name of texts) query[name] = params.get(name) ?? "";
  return query;
}

/** Writes the query into an address; what is as ever is left out, and what else stands there stays. */
export function withQuery(params: URLSearchParams, query: ListQuery): URLSearchParams {
  const out = new URLSearchParams(params);
  const set = (name: string, value: string, usual: string) => (value === usual ? out.delete(name) : out.set(name, value));
  for (const name of texts) set(name, query[name], "");
  set("state", query.states.join(","), "");
  set("sort", query.sort, everything.sort);
  return out;
}

/** The filters and the order as the server's parameters. */
export function parametersOf(query: ListQuery): URLSearchParams {
  const out = withQuery(new URLSearchParams(), { ...query, search: query.search.trim() });
  out.set("sort", query.sort);
  return out;
}

/** The filters alone, as a bulk request names what it is about. */
export function filterOf(query: ListQuery): Record<string, string | string[]> {
  const out: Record<string, string | string[]> = {};
  for (const name of texts) {
    const value = query[name].trim();
    if (value !== "") out[name] = value;
  }
  if (query.states.length > 0) out["state"] = [...query.states];
  return out;
}

/** Whether anything is left out of the list. */
export function narrowed(query: ListQuery): boolean {
  return query.search.trim() !== "" || narrowings(query) > 0 || query.states.length > 0;
}

/** How many of the filters beside search and state are set. */
export function narrowings(query: ListQuery): number {
  return [query.cloud, query.tenant, query.origin, query.method].filter((value) => value !== "").length;
}

/** The order after a click on a column's heading: by it, then the other way round. */
export function sortedBy(sort: string, column: string): string {
  return sort === column ? "-" + column : column;
}

/** How a column is sorted, as aria-sort says it. */
export function orderOf(sort: string, column: string): "ascending" | "descending" | "none" {
  if (sort === column) return "ascending";
  return sort === "-" + column ? "descending" : "none";
}
