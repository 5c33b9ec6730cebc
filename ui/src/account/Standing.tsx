import {
  Button,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  SplitButton,
  Text,
  makeStyles,
  tokens,
  useRestoreFocusTarget,
  type MenuButtonProps,
} from "@fluentui/react-components";
import { ArrowSyncRegular } from "@fluentui/react-icons";

import type { Account } from "../api/client";
import { Remedy } from "../frame/Remedy";
import { StateBadge } from "../frame/StateBadge";
import { When } from "../frame/When";
import { stateLabel } from "../text/states";
import { actionOf } from "./action";

const useStyles = makeStyles({
  box: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    justifyContent: "space-between",
    gap: tokens.spacingHorizontalL,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalXL}`,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  words: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalXS,
    alignItems: "flex-start",
    flex: "1 1 320px",
    minWidth: 0,
  },
  subtle: { color: tokens.colorNeutralForeground2 },
});

interface Props {
  account: Account;
  busy: boolean;
  onCheck: (signIn: boolean) => void;
  onReconcile: () => void;
}

/** How the account stands: its state, what that means and what to do; and a way to look again. */
export function Standing({ account, busy, onCheck, onReconcile }: Props) {
  const styles = useStyles();
  const restoresFocus = useRestoreFocusTarget();
  const state = stateLabel(account.state);
  const check = actionOf(account, "check");
  const withSignIn = actionOf(account, "check_sign_in");
  return (
    <section className={styles.box} aria-label="State">
      <div className={styles.words}>
        <StateBadge tone={state.tone} text={state.text} />
        <Text>
          <Remedy text={account.meaning} />
        </Text>
        {account.remedy !== "" && (
          <Text weight="semibold">
            <Remedy text={account.remedy} />
          </Text>
        )}
        <Text size={200} className={styles.subtle}>
          {account.check ? (
            <>
              Last check <When at={account.check.at} now={account.as_of} />
            </>
          ) : (
            "Never checked"
          )}
        </Text>
      </div>
      {withSignIn.offered ? (
        <Menu positioning="below-end">
          <MenuTrigger disableButtonEnhancement>
            {(trigger: MenuButtonProps) => (
              <SplitButton
                menuButton={{ ...trigger, "aria-label": "More ways to check" }}
                primaryActionButton={{ ...restoresFocus, onClick: () => onCheck(false), disabledFocusable: busy || !check.offered }}
                icon={<ArrowSyncRegular />}
              >
                Check now
              </SplitButton>
            )}
          </MenuTrigger>
          <MenuPopover>
            <MenuList>
              <MenuItem onClick={() => onCheck(true)} disabled={busy}>
                Check with a sign-in
              </MenuItem>
              {actionOf(account, "reconcile").offered && (
                <MenuItem onClick={onReconcile} disabled={busy}>
                  Reconcile with a sign-in
                </MenuItem>
              )}
            </MenuList>
          </MenuPopover>
        </Menu>
      ) : (
        <Button {...restoresFocus} icon={<ArrowSyncRegular />} disabledFocusable={busy || !check.offered} onClick={() => onCheck(false)}>
          Check now
        </Button>
      )}
    </section>
  );
}
