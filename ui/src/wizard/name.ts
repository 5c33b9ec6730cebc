/** The longest account name and description, in characters, as the server has it. */
export const maxName = 255;
export const maxDescription = 512;

/** The characters of a text as the server counts them. */
export function characters(text: string): string[] {
  return Array.from(text);
}

// Something else in addresses of this page and of the API.
const addresses = ["new", "export"];

/**
 * What is wrong with an account name, in a sentence; empty if it is allowed. The server's rule, told while typing.
 * @param own the name that the account has, which it may keep; empty for a new one.
 */
export function nameProblem(name: string, own = ""): string {
  if (name === "") return "The account needs a name.";
  const wrong = characters(name).find((character) => !/[A-Za-z0-9_-]/.test(character));
  if (wrong !== undefined) return `${called(wrong)} is not allowed. Use Latin letters, digits, underscores and dashes.`;
  if (name.length > maxName) return `The name has ${name.length} characters; ${maxName} are allowed.`;
  if (addresses.includes(name.toLowerCase()) && name.toLowerCase() !== own.toLowerCase())
    return `An account cannot be named ${name}: in addresses that is something else.`;
  return "";
}

function called(character: string): string {
  if (character === " ") return "A space";
  return /\s/.test(character) ? "White space" : `The character ${character}`;
}

export function descriptionProblem(text: string): string {
  const length = characters(text).length;
  return length > maxDescription ? `The description has ${length} characters; ${maxDescription} are allowed.` : "";
}
