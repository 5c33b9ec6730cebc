import { makeStyles, tokens } from "@fluentui/react-components";

import { kindLabel, slotLabel } from "../text/states";
import { moment } from "../text/time";
import type { Bar } from "./timeline";

const useStyles = makeStyles({
  scroll: { overflowX: "auto", ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` } },
  table: { borderCollapse: "collapse", width: "100%", fontSize: tokens.fontSizeBase200 },
  cell: {
    textAlign: "left",
    verticalAlign: "top",
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalM} ${tokens.spacingVerticalXS} 0`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    whiteSpace: "nowrap",
  },
  id: { fontFamily: tokens.fontFamilyMonospace },
});

/** The same as the picture of the credentials, in words and exact times. */
export function CredentialTable({ bars }: { bars: readonly Bar[] }) {
  const styles = useStyles();
  return (
    // What scrolls must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.scroll} role="region" aria-label="Table of the credentials" tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            {["Credential", "Now", "Key ID", "Added", "In use since", "Replaced", "Removed", "Ends"].map((title) => (
              <th key={title} scope="col" className={styles.cell}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {bars.map((bar) => (
            <Row key={bar.credential.id} bar={bar} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ bar: { credential, stretches } }: { bar: Bar }) {
  const styles = useStyles();
  const used = stretches.find((stretch) => stretch.phase === "current" || stretch.phase === "over");
  const at = (time: string | null) => (time === null ? "–" : moment(time));
  return (
    <tr>
      <th scope="row" className={styles.cell}>
        {kindLabel(credential.kind)}
      </th>
      <td className={styles.cell}>{slotLabel(credential.slot).text}</td>
      <td className={styles.cell}>
        <span className={styles.id}>{credential.key_id === "" ? "–" : credential.key_id}</span>
      </td>
      <td className={styles.cell}>{moment(credential.added_at)}</td>
      <td className={styles.cell}>{used ? moment(new Date(used.from).toISOString()) : "–"}</td>
      <td className={styles.cell}>{at(credential.retired_at)}</td>
      <td className={styles.cell}>{at(credential.removed_at)}</td>
      <td className={styles.cell}>{credential.expires_at === null ? "Not known" : moment(credential.expires_at)}</td>
    </tr>
  );
}
