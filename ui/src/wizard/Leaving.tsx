import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, Text } from "@fluentui/react-components";
import { useBlocker } from "react-router";

interface Props {
  /** Something would be lost: one is asked. */
  asks: boolean;
  what: string;
  /** Clears up, before the page is left. */
  onLeave: () => void;
}

/** Asks before a wizard is left half-way: by a link, by Cancel, or by the browser's Back. */
export function Leaving({ asks, what, onLeave }: Props) {
  const blocker = useBlocker(({ currentLocation, nextLocation }) => asks && currentLocation.pathname !== nextLocation.pathname);
  if (blocker.state !== "blocked") return null;
  return (
    <Dialog open modalType="alert" onOpenChange={(_event, data) => !data.open && blocker.reset()}>
      <DialogSurface style={{ maxWidth: 480 }}>
        <DialogBody>
          <DialogTitle>Leave without finishing?</DialogTitle>
          <DialogContent>
            <Text>{what}</Text>
          </DialogContent>
          <DialogActions>
            <Button appearance="primary" onClick={() => blocker.reset()}>
              Stay
            </Button>
            <Button
              onClick={() => {
                onLeave();
                blocker.proceed();
              }}
            >
              Leave
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
