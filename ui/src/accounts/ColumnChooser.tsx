import { Button, Menu, MenuDivider, MenuItem, MenuItemCheckbox, MenuList, MenuPopover, MenuTrigger } from "@fluentui/react-components";
import { ColumnTripleRegular } from "@fluentui/react-icons";

import { columns, columnsOf, usualColumns, type ColumnID } from "./columns";

/** Which columns the list has; the name is always there. */
export function ColumnChooser({ shown, onShown }: { shown: readonly ColumnID[]; onShown: (shown: readonly ColumnID[]) => void }) {
  return (
    <Menu
      inline
      positioning="below-end"
      checkedValues={{ columns: [...shown] }}
      onCheckedValueChange={(_event, data) => onShown(columnsOf(data.checkedItems.join(",")))}
    >
      <MenuTrigger disableButtonEnhancement>
        <Button icon={<ColumnTripleRegular />}>Columns</Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {columns.map((column) => (
            <MenuItemCheckbox key={column.id} name="columns" value={column.id}>
              {column.title}
            </MenuItemCheckbox>
          ))}
          <MenuDivider />
          <MenuItem onClick={() => onShown(usualColumns)}>The usual columns</MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
