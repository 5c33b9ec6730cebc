import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import type { ReactNode, Ref } from "react";

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
  title: { ":focus": { outlineStyle: "none" } },
});

interface Props {
  title: string;
  actions: ReactNode;
  onClose: () => void;
  children: ReactNode;
  /** In pixels, where there is room for it. */
  width: number;
  /** Left out: it is open as long as it stands here. */
  open?: boolean;
  surfaceRef?: Ref<HTMLDivElement>;
  titleRef?: Ref<HTMLHeadingElement>;
}

/** A window over the page, with a title, a way to close it, and buttons below. */
export function Window({ title, actions, onClose, children, width, open = true, surfaceRef, titleRef }: Props) {
  const styles = useStyles();
  return (
    // A click beside the window does not close it: the second of a double click on what opened it would.
    <Dialog open={open} modalType="modal" onOpenChange={(_event, data) => !data.open && data.type !== "backdropClick" && onClose()}>
      <DialogSurface style={{ maxWidth: width, width: "100%" }} ref={surfaceRef}>
        <DialogBody>
          <DialogTitle
            ref={titleRef}
            tabIndex={titleRef === undefined ? undefined : -1}
            className={styles.title}
            action={<Button appearance="subtle" aria-label="Close the window" icon={<DismissRegular />} onClick={onClose} />}
          >
            {title}
          </DialogTitle>
          <DialogContent className={styles.content}>{children}</DialogContent>
          <DialogActions fluid>{actions}</DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
