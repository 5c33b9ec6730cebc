import { Menu, MenuDivider, MenuItem, MenuList, MenuPopover } from "@fluentui/react-components";
import { useNavigate } from "react-router";

import { actionOf } from "../account/action";
import type { AccountSummary } from "./list";
import type { RowActions } from "./rowActions";

/** The row whose menu is open, and the button that opened it. */
export interface OpenMenu {
  account: AccountSummary;
  button: HTMLElement;
}

/** What can be done with an account of the list. One menu serves all rows: a menu in each would make scrolling slow. */
export function RowMenu({ of, actions, onClose }: { of: OpenMenu; actions: RowActions; onClose: () => void }) {
  const navigate = useNavigate();
  const { account, button } = of;
  const address = `/accounts/${encodeURIComponent(account.name)}`;
  return (
    <Menu
      open
      inline // within the page's landmarks
      positioning={{ target: button, position: "below", align: "end" }}
      onOpenChange={(_event, data) => {
        if (data.open) return;
        button.focus();
        onClose();
      }}
    >
      <MenuPopover>
        <MenuList aria-label={`More about ${account.name}`}>
          <MenuItem onClick={() => actions.info(account)}>View info</MenuItem>
          <MenuItem onClick={() => navigate(`${address}/permissions`)}>Permissions</MenuItem>
          <MenuItem onClick={() => navigate(`${address}/history`)}>History</MenuItem>
          <MenuDivider />
          <MenuItem disabled={!actionOf(account, "check").offered} onClick={() => actions.start(account, "check")}>
            Check now
          </MenuItem>
          <MenuItem disabled={!actionOf(account, "renew").offered} onClick={() => actions.start(account, "renew")}>
            Renew
          </MenuItem>
          <MenuItem onClick={() => navigate(`${address}/edit`)}>Edit</MenuItem>
          <MenuDivider />
          <MenuItem disabled={!actionOf(account, "remove").offered} onClick={() => actions.remove(account)}>
            Remove
          </MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
