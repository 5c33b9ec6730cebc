import { SearchBox } from "@fluentui/react-components";
import { useEffect, useState } from "react";

// The list is asked for once the typing pauses for this long, in milliseconds.
const typingPause = 180;

/** The search, as one types. What was typed and not yet asked for is here alone. */
export function Search({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  useEffect(() => {
    if (typed === null) return;
    const timer = setTimeout(() => {
      onChange(typed);
      setTyped(null);
    }, typingPause);
    return () => clearTimeout(timer);
  }, [typed, onChange]);
  return (
    <SearchBox
      aria-label="Search accounts"
      placeholder="Name, description, application, tenant"
      value={typed ?? value}
      onChange={(_event, data) => setTyped(data.value)}
      maxLength={255}
      style={{ flex: "1 1 260px", maxWidth: 420 }}
    />
  );
}
