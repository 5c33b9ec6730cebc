import { Button, makeStyles, tokens, useRestoreFocusTarget } from "@fluentui/react-components";
import { DeleteRegular, EditRegular, HistoryRegular, InfoRegular, ShieldCheckmarkRegular } from "@fluentui/react-icons";
import type { ReactElement, ReactNode } from "react";
import { useHref, useLinkClickHandler } from "react-router";

import type { Account } from "../api/client";
import { actionOf } from "./action";

const useStyles = makeStyles({ row: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalXS } });

interface Props {
  account: Account;
  onInfo: () => void;
  onRemove: () => void;
}

/** Where one can go from an account. */
export function AccountLinks({ account, onInfo, onRemove }: Props) {
  const styles = useStyles();
  const restoresFocus = useRestoreFocusTarget();
  const address = `/accounts/${encodeURIComponent(account.name)}`;
  const remove = actionOf(account, "remove");
  return (
    <nav className={styles.row} aria-label={`About ${account.name}`}>
      <LinkButton to={`${address}/edit`} icon={<EditRegular />}>
        Edit
      </LinkButton>
      <LinkButton to={`${address}/permissions`} icon={<ShieldCheckmarkRegular />}>
        Permissions
      </LinkButton>
      <LinkButton to={`${address}/history`} icon={<HistoryRegular />}>
        History
      </LinkButton>
      <Button appearance="subtle" icon={<InfoRegular />} {...restoresFocus} onClick={onInfo}>
        View info
      </Button>
      <Button
        appearance="subtle"
        icon={<DeleteRegular />}
        {...restoresFocus}
        disabledFocusable={!remove.offered}
        title={remove.reason === "" ? undefined : remove.reason}
        onClick={onRemove}
      >
        Remove
      </Button>
    </nav>
  );
}

function LinkButton({ to, icon, children }: { to: string; icon: ReactElement; children: ReactNode }) {
  const href = useHref(to);
  const follow = useLinkClickHandler(to);
  return (
    <Button as="a" appearance="subtle" href={href} onClick={follow} icon={icon}>
      {children}
    </Button>
  );
}
