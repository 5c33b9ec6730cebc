import {
  Button,
  Card,
  Dialog,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  Spinner,
  Text,
  Title2,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { useState, type SubmitEvent } from "react";

import { explanationOf, type Explanation } from "../api/problem";
import { ProblemNotice } from "../frame/Notice";
import { useTokenSignIn } from "./session";

const useStyles = makeStyles({
  page: {
    minHeight: "100vh",
    display: "grid",
    placeItems: "center",
    padding: tokens.spacingHorizontalM,
    boxSizing: "border-box",
    backgroundColor: tokens.colorNeutralBackground2,
  },
  card: { width: "100%", maxWidth: "460px", boxSizing: "border-box", gap: tokens.spacingVerticalL, padding: tokens.spacingHorizontalXXL },
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  surface: { maxWidth: "480px" },
  logo: { width: "40px", height: "40px" },
  code: { fontFamily: tokens.fontFamilyMonospace },
});

/** Asks for a way in: a one-time address, or an API token. */
export function SignInPage({ refused }: { refused: Explanation | null }) {
  const styles = useStyles();
  return (
    <main className={styles.page}>
      <Card className={styles.card}>
        <img src="/icon.svg" alt="" className={styles.logo} />
        <Title2 as="h1">Sign in to Evercred</Title2>
        <SignInForm refused={refused} />
      </Card>
    </main>
  );
}

/** The same over a page whose session ended: what was typed there stays. */
export function SignInAgain() {
  const styles = useStyles();
  return (
    <Dialog open modalType="alert">
      <DialogSurface className={styles.surface}>
        <DialogBody>
          <DialogTitle>Your session has ended</DialogTitle>
          <DialogContent className={styles.form}>
            <Text>Sign in again to go on. What is on the page stays as it is, and operations go on at the server.</Text>
            <SignInForm refused={null} />
          </DialogContent>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

function SignInForm({ refused }: { refused: Explanation | null }) {
  const styles = useStyles();
  const [token, setToken] = useState("");
  const signIn = useTokenSignIn();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    signIn.mutate(token.trim());
  };
  const problem = signIn.error ? explanationOf(signIn.error) : refused;
  return (
    <form className={styles.form} onSubmit={submit}>
      {problem && <ProblemNotice problem={problem} ofSignIn />}
      <Text>
        On the machine where the server runs, <code className={styles.code}>evercred web</code> prints an address that signs you in once. Or
        enter an API token of this server.
      </Text>
      <Field label="API token" hint="It starts with evc_ and stands in the settings file that the server names when it starts.">
        <Input type="password" value={token} autoComplete="off" onChange={(_event, data) => setToken(data.value)} />
      </Field>
      <Button
        type="submit"
        appearance="primary"
        disabled={token.trim() === "" || signIn.isPending}
        icon={signIn.isPending ? <Spinner size="tiny" /> : undefined}
      >
        Sign in
      </Button>
    </form>
  );
}
