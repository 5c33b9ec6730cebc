import { Button, Menu, MenuDivider, MenuItem, MenuList, MenuPopover, MenuTrigger, useRestoreFocusTarget } from "@fluentui/react-components";
import { MoreHorizontalRegular } from "@fluentui/react-icons";
import { useNavigate } from "react-router";

import { actionOf } from "../account/action";
import type { AccountSummary } from "./list";
import { useRowActions } from "./rowActions";

/** What can be done with an account of the list. */
export function RowMenu({ account, inOrder }: { account: AccountSummary; inOrder: boolean }) {
  const restoresFocus = useRestoreFocusTarget();
  return (
    <Menu positioning="below-end">
      <MenuTrigger disableButtonEnhancement>
        <Button
          {...restoresFocus}
          data-control="menu"
          tabIndex={inOrder ? undefined : -1}
          appearance="subtle"
          icon={<MoreHorizontalRegular />}
          aria-label={`More about ${account.name}`}
        />
      </MenuTrigger>
      <MenuPopover>
        <Items account={account} />
      </MenuPopover>
    </Menu>
  );
}

function Items({ account }: { account: AccountSummary }) {
  const navigate = useNavigate();
  const actions = useRowActions();
  const address = `/accounts/${encodeURIComponent(account.name)}`;
  const renewal = actionOf(account, "renew");
  return (
    <MenuList>
      <MenuItem onClick={() => actions.info(account)}>View info</MenuItem>
      <MenuItem onClick={() => navigate(`${address}/permissions`)}>Permissions</MenuItem>
      <MenuItem onClick={() => navigate(`${address}/history`)}>History</MenuItem>
      <MenuDivider />
      <MenuItem disabled={!actionOf(account, "check").offered} onClick={() => actions.start(account, "check")}>
        Check now
      </MenuItem>
      <MenuItem disabled={!renewal.offered} onClick={() => actions.start(account, "renew")}>
        Renew
      </MenuItem>
      <MenuItem onClick={() => navigate(`${address}/edit`)}>Edit</MenuItem>
      <MenuDivider />
      <MenuItem disabled={!actionOf(account, "remove").offered} onClick={() => actions.remove(account)}>
        Remove
      </MenuItem>
    </MenuList>
  );
}
