import { FluentProvider, RendererProvider, Spinner, createDOMRenderer, makeStyles } from "@fluentui/react-components";
import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { StrictMode, useMemo, useState } from "react";
import { BrowserRouter, Navigate, Route, Routes, useParams } from "react-router";

import { AccountPage } from "./account/AccountPage";
import { AccountsPage } from "./accounts/AccountsPage";
import { Problem, explanationOf, type Explanation } from "./api/problem";
import { newQueryClient, useOperation, useSession, useSessionEnded } from "./api/queries";
import { Broken } from "./frame/Broken";
import { Frame } from "./frame/Frame";
import { ProblemNotice } from "./frame/Notice";
import { useAppearance, type Appearance } from "./frame/theme";
import { SignInAgain, SignInPage } from "./session/SignInPage";
import { useAddress } from "./session/session";

interface Props {
  /** Of the page's Content-Security-Policy: styles are written by script and carry it. */
  nonce: string;
  /** Why the code in the address was not accepted; null if there was none or it was. */
  refused: Explanation | null;
}

/** The whole page: theme, session, routes. */
export function App({ nonce, refused }: Props) {
  const renderer = useMemo(() => createDOMRenderer(document, { styleElementAttributes: { nonce } }), [nonce]);
  const [client] = useState(newQueryClient);
  const { theme, appearance, choose } = useAppearance();
  return (
    <StrictMode>
      <RendererProvider renderer={renderer}>
        <FluentProvider theme={theme}>
          <Broken>
            <QueryClientProvider client={client}>
              <BrowserRouter>
                <Gate client={client} refused={refused} appearance={appearance} onAppearance={choose} />
              </BrowserRouter>
            </QueryClientProvider>
          </Broken>
        </FluentProvider>
      </RendererProvider>
    </StrictMode>
  );
}

const useStyles = makeStyles({ wait: { minHeight: "100vh", display: "grid", placeItems: "center" } });

interface GateProps {
  client: QueryClient;
  refused: Explanation | null;
  appearance: Appearance;
  onAppearance: (appearance: Appearance) => void;
}

/** Lets in who has a session, and asks the others to sign in. */
function Gate({ client, refused: atStart, appearance, onAppearance }: GateProps) {
  const styles = useStyles();
  const refused = useAddress(client, atStart);
  const session = useSession();
  const ended = useSessionEnded();
  if (session.data) {
    return (
      <Frame caller={session.data.caller} appearance={appearance} onAppearance={onAppearance}>
        <Routes>
          <Route path="/" element={<AccountsPage />} />
          <Route path="/accounts/:account" element={<AccountPage />} />
          <Route path="/operations/:operation" element={<OperationRedirect />} />
          <Route path="*" element={<Nothing />} />
        </Routes>
        {ended && <SignInAgain />}
      </Frame>
    );
  }
  if (session.error instanceof Problem && session.error.status === 401) return <SignInPage refused={refused} />;
  return (
    <main className={styles.wait}>
      {session.error ? (
        <ProblemNotice problem={explanationOf(session.error)} />
      ) : (
        <Spinner label={session.failureCount > 0 ? "The server does not answer. Trying again…" : "Opening Evercred…"} />
      )}
    </main>
  );
}

/** An operation's own address leads to its account, with its window open. */
function OperationRedirect() {
  const { operation: id = "" } = useParams();
  const operation = useOperation(id);
  if (operation.error) return <ProblemNotice problem={explanationOf(operation.error)} />;
  if (!operation.data) return <Spinner label="Reading the operation…" />;
  const ref = operation.data.account.id === "" ? "" : `accounts/${encodeURIComponent(operation.data.account.name)}`;
  return <Navigate replace to={`/${ref}?operation=${encodeURIComponent(id)}`} />;
}

function Nothing() {
  return (
    <ProblemNotice
      intent="warning"
      problem={{
        code: "not_found",
        message: "There is no page at this address.",
        meaning: "",
        remedy: "Go to the accounts by the name at the top left.",
        field: "",
        source: "",
      }}
    />
  );
}
