import { numbered } from "./count";

/**
 * A duration of the API ("180d", "24h", "36h0m0s", "0s") as a person says it: "180 days", "24 hours", "36 hours", "no time".
 * What it does not know it gives back as it is.
 */
export function duration(text: string): string {
  const parts = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  if (!parts || text === "") return text;
  const names = ["day", "hour", "minute", "second"];
  const said = parts
    .slice(1)
    .map((part, index) => [Number(part || "0"), names[index] ?? ""] as const)
    .filter(([count]) => count > 0)
    .map(([count, noun]) => numbered(count, noun));
  return said.length === 0 ? "no time" : said.join(" ");
}
