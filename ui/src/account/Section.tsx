import { Card, Subtitle1, Text, makeStyles, tokens } from "@fluentui/react-components";
import { useId, type ReactNode } from "react";

const useStyles = makeStyles({
  detail: { color: tokens.colorNeutralForeground2 },
  card: {
    padding: tokens.spacingHorizontalXL,
    gap: tokens.spacingVerticalM,
    "@media (max-width: 480px)": { padding: tokens.spacingHorizontalL },
    ":focus": { outlineStyle: "none" },
  },
});

/** A part of the account's page, under its own heading. */
export function Section({ title, detail, id, children }: { title: string; detail?: string; id?: string; children: ReactNode }) {
  const styles = useStyles();
  const heading = useId();
  return (
    <Card
      className={styles.card}
      role="region"
      aria-labelledby={heading}
      id={id}
      focusMode="off"
      tabIndex={id === undefined ? undefined : -1}
    >
      <div>
        <Subtitle1 as="h2" id={heading} block>
          {title}
        </Subtitle1>
        {detail !== undefined && <Text className={styles.detail}>{detail}</Text>}
      </div>
      {children}
    </Card>
  );
}
