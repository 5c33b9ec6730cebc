import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Spinner,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";

import { explanationOf } from "../api/problem";
import { useAccount, useSessionEnded } from "../api/queries";
import { ProblemNotice } from "../frame/Notice";
import { PageLink } from "../frame/PageLink";
import { Info } from "./Info";

const useStyles = makeStyles({
  surface: { maxWidth: "720px" },
  title: { overflowWrap: "anywhere" },
  links: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalL, flexGrow: 1, alignItems: "center" },
});

/** "View info": everything that is known of an account, to be read and copied, over the page it was asked for on. */
export function InfoWindow({ account: ref, onClose }: { account: string; onClose: () => void }) {
  const styles = useStyles();
  const account = useAccount(ref);
  const ended = useSessionEnded(); // it then makes room for the window that asks to sign in again
  const address = `/accounts/${encodeURIComponent(account.data?.name ?? ref)}`;
  return (
    <Dialog open={!ended} modalType="modal" onOpenChange={(_event, data) => !data.open && onClose()}>
      <DialogSurface className={styles.surface}>
        <DialogBody>
          <DialogTitle
            className={styles.title}
            action={<Button appearance="subtle" aria-label="Close the window" icon={<DismissRegular />} onClick={onClose} />}
          >
            {account.data?.name ?? ref}
          </DialogTitle>
          <DialogContent>
            {!account.data && !account.error && <Spinner label="Reading the account…" />}
            {account.error && <ProblemNotice problem={explanationOf(account.error)} />}
            {account.data && <Info account={account.data} />}
          </DialogContent>
          <DialogActions fluid>
            <span className={styles.links}>
              <PageLink to={address}>Open the account</PageLink>
              <PageLink to={`${address}/permissions`}>Permissions</PageLink>
              <PageLink to={`${address}/history`}>History</PageLink>
            </span>
            <Button appearance="primary" onClick={onClose}>
              Close
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
