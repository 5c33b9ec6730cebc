import { Button, type ButtonProps } from "@fluentui/react-components";
import { CheckmarkRegular, CopyRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";

interface Props {
  text: string;
  label: string;
  appearance?: ButtonProps["appearance"];
  /** Shows the icon alone; the label is its name. */
  iconOnly?: boolean;
}

/** Copies a text to the clipboard and says whether that worked. */
export function CopyButton({ text, label, appearance = "secondary", iconOnly = false }: Props) {
  const [result, setResult] = useState<"" | "copied" | "refused">("");
  useEffect(() => {
    if (result === "") return;
    const timer = setTimeout(() => setResult(""), 4_000);
    return () => clearTimeout(timer);
  }, [result]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setResult("copied");
    } catch {
      setResult("refused"); // no permission, or a page that is not served from https or this machine
    }
  };
  const said = result === "copied" ? "Copied" : result === "refused" ? "The browser refused: select and copy by hand" : "";
  return (
    <>
      <Button
        appearance={appearance}
        icon={result === "copied" ? <CheckmarkRegular /> : <CopyRegular />}
        onClick={copy}
        {...(iconOnly ? { "aria-label": said === "" ? label : said, title: said === "" ? label : said } : {})}
      >
        {iconOnly ? undefined : said === "" ? label : said}
      </Button>
      <span role="status" style={{ position: "absolute", width: 1, height: 1, overflow: "hidden", clipPath: "inset(50%)" }}>
        {said}
      </span>
    </>
  );
}
