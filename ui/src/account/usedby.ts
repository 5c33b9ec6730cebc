/** The entries of a text with one a line: without blanks around them, empty ones and repetitions. */
export function linesOf(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trim());
  return [...new Set(lines.filter((line) => line !== ""))];
}
