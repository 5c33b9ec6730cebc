import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, Text } from "@fluentui/react-components";
import { PersonRegular } from "@fluentui/react-icons";
import { useState } from "react";

import type { Account } from "../api/client";
import { useSignIn } from "../api/signins";
import { SignIn } from "../signin/SignIn";
import type { Editable } from "./edit";
import { ReachedScope, SeenScope } from "./ScopeStep";
import { useStepStyles } from "./styles";
import type { Look } from "./useLook";

interface Props {
  account: Account;
  mine: Editable;
  onChange: (part: Partial<Editable>) => void;
  signIn: string;
  onSignIn: (id: string) => void;
  look: Look;
  message: (field: string) => string | undefined;
  onLogon: () => void;
}

/** Where the account may work: of what the application sees, or, through a sign-in, of what the person reaches. */
export function EditScope({ account, mine, onChange, signIn, onSignIn, look, message, onLogon }: Props) {
  const styles = useStepStyles();
  const session = useSignIn(signIn);
  const [asking, setAsking] = useState(false);
  const signedIn = session.data?.state === "signed_in" && !session.isError;
  return (
    <div className={styles.stack}>
      {signedIn ? (
        <>
          <Text className={styles.subtle}>
            You see what {session.data?.person} reaches in the account’s tenant. What the application has no role on yet has to be granted
            after saving.
          </Text>
          <ReachedScope signIn={signIn} tenant={account.tenant_id} scope={mine} onChange={onChange} message={message} />
        </>
      ) : (
        <>
          <div className={styles.row}>
            <Button icon={<PersonRegular />} onClick={() => setAsking(true)}>
              Sign in to see more
            </Button>
            <Text size={200} className={styles.subtle}>
              Without a sign-in, you see only what the application sees already.
            </Text>
          </div>
          <SeenScope scope={mine} all={false} onChange={onChange} message={message} look={look} onLogon={onLogon} />
        </>
      )}
      {asking && !signedIn && (
        <Dialog open modalType="modal" onOpenChange={(_event, data) => !data.open && data.type !== "backdropClick" && setAsking(false)}>
          <DialogSurface style={{ maxWidth: 640 }}>
            <DialogBody>
              <DialogTitle>Logon to Microsoft Azure</DialogTitle>
              <DialogContent>
                <SignIn
                  cloud={account.cloud}
                  tenantID={account.tenant_id}
                  id={signIn}
                  onID={onSignIn}
                  onSignedIn={() => setAsking(false)}
                />
              </DialogContent>
              <DialogActions>
                <Button onClick={() => setAsking(false)}>Close</Button>
              </DialogActions>
            </DialogBody>
          </DialogSurface>
        </Dialog>
      )}
    </div>
  );
}
