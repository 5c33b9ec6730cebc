import { Text, makeStyles, tokens } from "@fluentui/react-components";

import { moment, relative } from "../text/time";

const useStyles = makeStyles({
  exact: { color: tokens.colorNeutralForeground2, whiteSpace: "nowrap" },
  lines: { display: "flex", flexDirection: "column" },
});

interface Props {
  /** RFC 3339. */
  at: string;
  /** On the same clock. */
  now: string;
  /** Puts the exact time on a line of its own. */
  lines?: boolean;
}

/** A moment by its distance and by its exact time. Both are text: what only a pointer can bring up is not there for all. */
export function When({ at, now, lines = false }: Props) {
  const styles = useStyles();
  return (
    <time dateTime={at} className={lines ? styles.lines : undefined}>
      <span>{relative(at, now)}</span>{" "}
      <Text size={200} className={styles.exact}>
        {lines ? moment(at) : `(${moment(at)})`}
      </Text>
    </time>
  );
}
