import { FluentProvider, RendererProvider, Spinner, createDOMRenderer, makeStyles } from "@fluentui/react-components";
import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { StrictMode, Suspense, createContext, lazy, use, useMemo, useState } from "react";
import { Navigate, Route, RouterProvider, Routes, createBrowserRouter, useParams, useRouteError } from "react-router";

import { AccountsPage } from "./accounts/AccountsPage";
import { Problem, explanationOf, type Explanation } from "./api/problem";
import { newQueryClient, useOperation, useSession, useSessionEnded } from "./api/queries";
import { Broken } from "./frame/Broken";
import { DropGuard } from "./frame/DropGuard";
import { Frame } from "./frame/Frame";
import { ProblemNotice } from "./frame/Notice";
import { useAppearance, type Appearance } from "./frame/theme";
import { SignInAgain, SignInPage } from "./session/SignInPage";
import { useAddress } from "./session/session";

// What only some visits need is loaded when it is gone to: the first page stays small.
const AccountPage = lazy(async () => ({ default: (await import("./account/AccountPage")).AccountPage }));
const AddPage = lazy(async () => ({ default: (await import("./wizard/AddPage")).AddPage }));
const EditPage = lazy(async () => ({ default: (await import("./wizard/EditPage")).EditPage }));
const HistoryPage = lazy(async () => ({ default: (await import("./history/HistoryPage")).HistoryPage }));
const PermissionPage = lazy(async () => ({ default: (await import("./permission/PermissionPage")).PermissionPage }));

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
  // One route for all: a wizard can then ask before its page is left. What is shown where stands in Gate.
  const [router] = useState(() => createBrowserRouter([{ path: "*", element: <Gate />, errorElement: <Rethrow /> }]));
  const gate = useMemo(() => ({ client, refused, appearance, onAppearance: choose }), [client, refused, appearance, choose]);
  return (
    <StrictMode>
      <RendererProvider renderer={renderer}>
        <FluentProvider theme={theme}>
          <Broken>
            <QueryClientProvider client={client}>
              <GateContext value={gate}>
                <RouterProvider router={router} />
              </GateContext>
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

const GateContext = createContext<GateProps | null>(null);

/** Hands what failed within the routes on to what stands in for a page that threw. */
function Rethrow(): never {
  throw useRouteError();
}

function Gate() {
  const props = use(GateContext);
  return props && <Guarded {...props} />;
}

/** Lets in who has a session, and asks the others to sign in. */
function Guarded({ client, refused: atStart, appearance, onAppearance }: GateProps) {
  const styles = useStyles();
  const refused = useAddress(client, atStart);
  const session = useSession();
  const ended = useSessionEnded();
  if (session.data) {
    return (
      <Frame caller={session.data.caller} appearance={appearance} onAppearance={onAppearance}>
        <Suspense fallback={<Spinner label="Opening the page…" />}>
          <Routes>
            <Route path="/" element={<AccountsPage />} />
            <Route path="/accounts/new" element={<AddPage />} />
            <Route path="/accounts/:account" element={<AccountPage />} />
            <Route path="/accounts/:account/edit" element={<EditPage />} />
            <Route path="/accounts/:account/history" element={<HistoryPage />} />
            <Route path="/accounts/:account/permissions" element={<PermissionPage />} />
            <Route path="/operations/:operation" element={<OperationRedirect />} />
            <Route path="*" element={<Nothing />} />
          </Routes>
        </Suspense>
        <DropGuard />
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
