import { Button, Text, makeStyles, tokens } from "@fluentui/react-components";
import { ArrowClockwiseRegular, ArrowSyncRegular, DismissRegular } from "@fluentui/react-icons";

import { accountsText } from "../text/count";
import { ExportMenu } from "./ExportMenu";
import type { ListQuery } from "./query";
import { countOf, type Selection } from "./selection";

const useStyles = makeStyles({
  bar: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorBrandStroke1}`,
    borderRadius: tokens.borderRadiusLarge,
    boxShadow: tokens.shadow8,
    position: "sticky",
    bottom: tokens.spacingVerticalM,
    zIndex: 3,
  },
  words: { flex: "1 1 200px", order: -2 },
  close: { "@media (max-width: 900px)": { order: -1 } },
});

interface Props {
  selection: Selection;
  matched: number;
  query: ListQuery;
  onSelectAll: () => void;
  onClear: () => void;
  onCheck: () => void;
  onRenew: () => void;
}

/** What can be done with the selected accounts. It stays in sight at the bottom, and follows the list in the order of the Tab key. */
export function SelectionBar({ selection, matched, query, onSelectAll, onClear, onCheck, onRenew }: Props) {
  const styles = useStyles();
  const count = countOf(selection, matched);
  const isAll = selection.kind === "all" && count >= matched;
  return (
    <section className={styles.bar} aria-label="Selected accounts">
      <Text className={styles.words} role="status">
        <b>{accountsText(count)} selected</b>
        {selection.kind === "all" && (isAll ? ": all that are listed" : ": all that are listed but some")}
      </Text>
      {!isAll && (
        <Button appearance="transparent" onClick={onSelectAll}>
          Select all {matched.toLocaleString("en")}
        </Button>
      )}
      <Button icon={<ArrowSyncRegular />} onClick={onCheck}>
        Check
      </Button>
      <Button appearance="primary" icon={<ArrowClockwiseRegular />} onClick={onRenew}>
        Renew
      </Button>
      <ExportMenu query={query} matched={matched} selection={selection} />
      <Button appearance="subtle" className={styles.close} icon={<DismissRegular />} aria-label="Select nothing" onClick={onClear} />
    </section>
  );
}
