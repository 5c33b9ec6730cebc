import {
  Button,
  Menu,
  MenuGroup,
  MenuGroupHeader,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Popover,
  PopoverSurface,
  Spinner,
} from "@fluentui/react-components";
import { ArrowDownloadRegular } from "@fluentui/react-icons";
import { useState } from "react";

import { explanationOf, type Explanation } from "../api/problem";
import { ProblemNotice } from "../frame/Notice";
import { accountsText } from "../text/count";
import { exportAccounts, type ExportFormat } from "./export";
import type { ListQuery } from "./query";
import { countOf, nothing, type Selection } from "./selection";

interface Props {
  query: ListQuery;
  matched: number;
  /** Left out: what the list shows is exported. */
  selection?: Selection;
}

/** Saves the listed or the selected accounts as a file; no secret is in it. */
export function ExportMenu({ query, matched, selection = nothing }: Props) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Explanation | null>(null);
  const [button, setButton] = useState<HTMLElement | null>(null);
  const selected = countOf(selection, matched);
  const start = async (format: ExportFormat) => {
    setBusy(true);
    setProblem(null);
    try {
      await exportAccounts(format, query, selection);
    } catch (error) {
      setProblem(explanationOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Menu inline positioning="below-end">
        <MenuTrigger disableButtonEnhancement>
          <Button
            ref={setButton}
            icon={busy ? <Spinner size="tiny" /> : <ArrowDownloadRegular />}
            disabledFocusable={busy || (matched === 0 && selected === 0)}
          >
            {busy ? "Exporting…" : "Export"}
          </Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            <MenuGroup>
              <MenuGroupHeader>{accountsText(selected > 0 ? selected : matched, selected > 0 ? "selected" : "")}</MenuGroupHeader>
              <MenuItem onClick={() => start("csv")}>As a table (CSV)</MenuItem>
              <MenuItem onClick={() => start("json")}>As JSON</MenuItem>
            </MenuGroup>
          </MenuList>
        </MenuPopover>
      </Menu>
      <Popover
        inline
        open={problem !== null}
        onOpenChange={(_event, data) => !data.open && setProblem(null)}
        positioning={{ target: button }}
      >
        <PopoverSurface style={{ maxWidth: 420 }} aria-label="The export failed">
          {problem && <ProblemNotice problem={problem} />}
        </PopoverSurface>
      </Popover>
    </>
  );
}
