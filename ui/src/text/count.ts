/** "1 account", "10,000 accounts", "3 selected accounts". */
export function accountsText(count: number, kind = ""): string {
  return numbered(count, (kind === "" ? "" : kind + " ") + "account");
}

/** A number of things, in the plural where it is not one: "1 role", "2 roles". */
export function numbered(count: number, noun: string, plural = noun + "s"): string {
  return `${count.toLocaleString("en")} ${count === 1 ? noun : plural}`;
}
