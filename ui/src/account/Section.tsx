import { Card, Subtitle1, makeStyles, tokens } from "@fluentui/react-components";
import { useId, type ReactNode } from "react";

const useStyles = makeStyles({
  card: {
    padding: tokens.spacingHorizontalXL,
    gap: tokens.spacingVerticalM,
    "@media (max-width: 480px)": { padding: tokens.spacingHorizontalL },
    ":focus": { outlineStyle: "none" },
  },
});

/** A part of the account's page, under its own heading. */
export function Section({ title, id, children }: { title: string; id?: string; children: ReactNode }) {
  const styles = useStyles();
  const heading = useId();
  return (
    <Card className={styles.card} role="region" aria-labelledby={heading} id={id} focusMode="off" tabIndex={id === undefined ? undefined : -1}>
      <Subtitle1 as="h2" id={heading}>
        {title}
      </Subtitle1>
      {children}
    </Card>
  );
}
