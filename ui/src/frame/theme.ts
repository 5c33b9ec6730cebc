import { createDarkTheme, createLightTheme, teamsHighContrastTheme, type BrandVariants, type Theme } from "@fluentui/react-components";
import { useEffect, useState, useSyncExternalStore } from "react";

const brand: BrandVariants = {
  10: "#020407",
  20: "#0f1a2a",
  30: "#122b4b",
  40: "#143764",
  50: "#15447d",
  60: "#165198",
  70: "#175eb3",
  80: "#1a6bc8",
  90: "#3b7ed3",
  100: "#5a91dc",
  110: "#77a4e4",
  120: "#93b7ea",
  130: "#adc9f0",
  140: "#c6daf5",
  150: "#deeafa",
  160: "#f2f7fd",
};

/** What a person may choose; system follows the browser. */
export const appearances = ["system", "light", "dark", "contrast"] as const;
export type Appearance = (typeof appearances)[number];

const light = createLightTheme(brand);
const dark: Theme = {
  ...createDarkTheme(brand),
  colorBrandForeground1: brand[110],
  colorBrandForeground2: brand[120],
  colorBrandForegroundLink: brand[110],
  // The stock red has too little contrast for small text on the dark cards.
  colorStatusDangerForeground1: "#f1808a",
};

const storageKey = "evercred-appearance";

function stored(): Appearance {
  try {
    const value = localStorage.getItem(storageKey);
    return appearances.find((a) => a === value) ?? "system";
  } catch {
    return "system"; // a browser may refuse storage; the choice then lasts as long as the page
  }
}

function useDark(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const query = matchMedia("(prefers-color-scheme: dark)");
      query.addEventListener("change", changed);
      return () => query.removeEventListener("change", changed);
    },
    () => matchMedia("(prefers-color-scheme: dark)").matches,
  );
}

/** The theme in force, what was chosen, and how to choose. */
export function useAppearance(): { theme: Theme; appearance: Appearance; choose: (appearance: Appearance) => void } {
  const [appearance, setAppearance] = useState(stored);
  const systemDark = useDark();
  const isDark = appearance === "dark" || appearance === "contrast" || (appearance === "system" && systemDark);
  useEffect(() => {
    document.documentElement.style.colorScheme = isDark ? "dark" : "light";
  }, [isDark]);
  const choose = (next: Appearance) => {
    setAppearance(next);
    try {
      localStorage.setItem(storageKey, next);
    } catch {
      // see stored
    }
  };
  const theme = appearance === "contrast" ? teamsHighContrastTheme : isDark ? dark : light;
  return { theme, appearance, choose };
}
