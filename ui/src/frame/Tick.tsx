import { makeStyles, tokens } from "@fluentui/react-components";
import { useEffect, useRef, type ChangeEvent, type InputHTMLAttributes } from "react";

const useStyles = makeStyles({
  // The whole cell can be pressed.
  label: { display: "grid", placeItems: "center", width: "44px", height: "44px", cursor: "pointer" },
  input: {
    width: "18px",
    height: "18px",
    margin: 0,
    cursor: "pointer",
    accentColor: tokens.colorCompoundBrandBackground,
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "2px", borderRadius: tokens.borderRadiusSmall },
  },
});

interface Props extends Pick<InputHTMLAttributes<HTMLInputElement>, "tabIndex"> {
  name: string;
  checked: boolean | "mixed";
  /** With range where the Shift key was held. */
  onChange: (checked: boolean, range: boolean) => void;
}

/** A box to tick, as light as the browser's own: a long list has one in each row. */
export function Tick({ name, checked, onChange, tabIndex }: Props) {
  const styles = useStyles();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (input.current) input.current.indeterminate = checked === "mixed";
  }, [checked]);
  return (
    <label className={styles.label}>
      <input
        ref={input}
        type="checkbox"
        data-control="select"
        className={styles.input}
        aria-label={name}
        tabIndex={tabIndex}
        checked={checked === true}
        onChange={(event: ChangeEvent<HTMLInputElement>) => onChange(event.target.checked, (event.nativeEvent as MouseEvent).shiftKey)}
      />
    </label>
  );
}
