import { useSyncExternalStore } from "react";

/** Below this width, in pixels, the list is cards; the styles use the same. */
export const narrow = "(max-width: 900px)";

/** Whether the page is narrow. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const query = matchMedia(narrow);
      query.addEventListener("change", changed);
      return () => query.removeEventListener("change", changed);
    },
    () => matchMedia(narrow).matches,
  );
}
