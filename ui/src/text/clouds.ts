const names: Record<string, string> = {
  global: "Global",
  usgov: "US Government",
  china: "China (21Vianet)",
  custom: "Custom (the addresses set at this server)",
};

/** A cloud as people call it. */
export function cloudName(cloud: string): string {
  return names[cloud] ?? cloud;
}
