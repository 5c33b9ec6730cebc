import {
  Button,
  Menu,
  MenuItem,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  MenuDivider,
  Text,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { PersonRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { useServer } from "../api/queries";
import { useSignOut } from "../session/session";
import { NewVersion } from "./NewVersion";
import { appearances, type Appearance } from "./theme";

const useStyles = makeStyles({
  page: { minHeight: "100vh", display: "flex", flexDirection: "column", backgroundColor: tokens.colorNeutralBackground2 },
  skip: {
    position: "absolute",
    left: "-9999px",
    ":focus": {
      left: tokens.spacingHorizontalM,
      top: tokens.spacingVerticalM,
      zIndex: 10,
      backgroundColor: tokens.colorNeutralBackground1,
      padding: tokens.spacingVerticalS,
    },
  },
  header: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalXL}`,
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  brand: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: "none",
  },
  logo: { width: "24px", height: "24px" },
  demo: {
    padding: `0 ${tokens.spacingHorizontalS}`,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase200,
  },
  wide: { "@media (max-width: 600px)": { display: "none" } },
  push: { marginLeft: "auto", position: "relative", zIndex: 10 },
  notice: { ":not(:empty)": { marginBottom: tokens.spacingVerticalL } },
  main: {
    flexGrow: 1,
    width: "100%",
    maxWidth: "1280px",
    boxSizing: "border-box",
    margin: "0 auto",
    padding: `${tokens.spacingVerticalXL} ${tokens.spacingHorizontalXL} ${tokens.spacingVerticalXXXL}`,
    "@media (max-width: 480px)": { padding: `${tokens.spacingVerticalL} ${tokens.spacingHorizontalM}` },
    ":focus": { outlineStyle: "none" },
  },
});

const appearanceLabels: Record<Appearance, string> = {
  system: "As the system",
  light: "Light",
  dark: "Dark",
  contrast: "High contrast",
};

interface Props {
  caller: string;
  appearance: Appearance;
  onAppearance: (appearance: Appearance) => void;
  children: ReactNode;
}

/** What stands around every page: the name, where one is, and how to leave. */
export function Frame({ caller, appearance, onAppearance, children }: Props) {
  const styles = useStyles();
  const server = useServer();
  const signOut = useSignOut();
  return (
    <div className={styles.page}>
      <a className={styles.skip} href="#main">
        Skip to the content
      </a>
      <header className={styles.header}>
        <Link to="/" className={styles.brand}>
          <img src="/icon.svg" alt="" className={styles.logo} />
          <Text weight="semibold" size={400}>
            Evercred
          </Text>
        </Link>
        {server.data?.demo && (
          <span className={styles.demo}>
            Demo<span className={styles.wide}>: nothing here reaches Microsoft</span>
          </span>
        )}
        <div className={styles.push}>
          <Menu
            inline
            checkedValues={{ appearance: [appearance] }}
            onCheckedValueChange={(_event, data) => onAppearance((data.checkedItems[0] ?? "system") as Appearance)}
          >
            <MenuTrigger disableButtonEnhancement>
              <Button appearance="subtle" icon={<PersonRegular />} aria-label={`${caller}: appearance and sign-out`}>
                {caller}
              </Button>
            </MenuTrigger>
            <MenuPopover>
              <MenuList>
                {appearances.map((value) => (
                  <MenuItemRadio key={value} name="appearance" value={value}>
                    {appearanceLabels[value]}
                  </MenuItemRadio>
                ))}
                <MenuDivider />
                <MenuItem onClick={() => signOut.mutate()}>Sign out</MenuItem>
              </MenuList>
            </MenuPopover>
          </Menu>
        </div>
      </header>
      <main id="main" className={styles.main} tabIndex={-1}>
        <div className={styles.notice}>
          <NewVersion version={server.data?.version} />
        </div>
        {children}
      </main>
    </div>
  );
}
