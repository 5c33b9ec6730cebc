import { makeStyles, tokens } from "@fluentui/react-components";

/** What the steps of the wizards share. */
export const useStepStyles = makeStyles({
  stack: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL, minWidth: 0 },
  tight: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS, minWidth: 0 },
  row: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: tokens.spacingHorizontalS },
  ends: { display: "flex", flexWrap: "wrap", alignItems: "flex-end", gap: tokens.spacingHorizontalM },
  between: { display: "flex", flexWrap: "wrap", alignItems: "center", justifyContent: "space-between", gap: tokens.spacingHorizontalM },
  thirds: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(220px, 1fr))",
    alignItems: "start",
    gap: tokens.spacingHorizontalL,
  },
  grow: { flex: "1 1 220px", minWidth: 0 },
  field: { maxWidth: "560px" },
  option: { display: "flex", flexDirection: "column", color: tokens.colorNeutralForeground1 },
  subtle: { color: tokens.colorNeutralForeground2, overflowWrap: "anywhere" },
  mono: { fontFamily: tokens.fontFamilyMonospace, overflowWrap: "anywhere" },
  part: { fontWeight: tokens.fontWeightSemibold, fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400, margin: 0 },
  indented: { paddingLeft: tokens.spacingHorizontalXXL, "@media (max-width: 480px)": { paddingLeft: 0 } },
});
