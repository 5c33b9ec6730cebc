/** Saves bytes or a text as a file of the browser's download folder. */
export function save(name: string, content: string | Uint8Array<ArrayBuffer>): void {
  const address = URL.createObjectURL(new Blob([content], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has begun to read it when the click returns; the memory is given back once it surely has.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
