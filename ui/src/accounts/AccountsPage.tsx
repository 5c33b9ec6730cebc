import { Button, Text, Title2, makeStyles, tokens } from "@fluentui/react-components";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, type CSSProperties } from "react";
import { useSearchParams } from "react-router";

import { Problem, explanationOf } from "../api/problem";
import { useSessionEnded } from "../api/queries";
import { ProblemNotice } from "../frame/Notice";
import { useHeight } from "../frame/useHeight";
import { OperationWindow } from "../operation/OperationWindow";
import { accountsText } from "../text/count";
import { AccountsTable } from "./AccountsTable";
import { Blank, NoAccounts, NothingFound } from "./Empty";
import { RowMenu, type OpenMenu } from "./RowMenu";
import { SelectionBar } from "./SelectionBar";
import { StateFilter } from "./StateFilter";
import { AddLink, Toolbar } from "./Toolbar";
import { bulkOf, storeAsked, storedAsked, type Asked, type BulkAction } from "./bulk";
import { useColumns } from "./columns";
import { pageOf, rowsBetween, useAccountList, useRowRequest, type AccountSummary } from "./list";
import { everything, narrowed, parametersOf, queryOf, sortedBy, withQuery, type ListQuery } from "./query";
import type { RowActions } from "./rowActions";
import { allMatching, countOf, mark, nothing, type Selection } from "./selection";

const useStyles = makeStyles({
  head: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalL}`,
    marginBottom: tokens.spacingVerticalL,
  },
  tally: { color: tokens.colorNeutralForeground2, flexGrow: 1 },
  // In a long list the search stays at hand.
  tools: {
    position: "sticky",
    top: 0,
    zIndex: 3,
    padding: `${tokens.spacingVerticalS} 0`,
    margin: `-${tokens.spacingVerticalS} 0`,
    backgroundColor: tokens.colorNeutralBackground2,
    "@media (max-width: 900px)": { position: "static" },
  },
  stack: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
});

// What is seldom opened is loaded when it is: the list itself stays quick to open.
const InfoWindow = lazy(async () => ({ default: (await import("../account/InfoWindow")).InfoWindow }));
const RemoveWindow = lazy(async () => ({ default: (await import("../account/RemoveWindow")).RemoveWindow }));
const BulkQuestion = lazy(async () => ({ default: (await import("./BulkWindow")).BulkQuestion }));
const BulkWindow = lazy(async () => ({ default: (await import("./BulkWindow")).BulkWindow }));

// Stands in the address in place of an id while everything waits for a sign-in.
const unbegun = "asked";

/** The list of all service accounts: what authenticates each, until when, what to do about it, and doing it for many at once. */
export function AccountsPage() {
  const styles = useStyles();
  const ended = useSessionEnded();
  const client = useQueryClient();
  const [params, setParams] = useSearchParams();
  const query = useMemo(() => queryOf(params), [params]);
  // As a text, which stays the same while the rows in sight are on the same pages.
  const [pages, setPages] = useState("0 0");
  const accounts = useAccountList(query, ...(pages.split(" ").map(Number) as [number, number]));
  const { list } = accounts;
  const [columns, setColumns] = useColumns();
  const [selection, setSelection] = useState<Selection>(nothing);
  const [question, setQuestion] = useState<BulkAction | null>(null);
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  const [removing, setRemoving] = useState<AccountSummary | null>(null);
  const request = useRowRequest();
  const [asked, setAsked] = useState(storedAsked);
  const [signIns, setSignIns] = useState<Readonly<Record<string, string>>>({});
  const lastMarked = useRef(0);
  useEffect(() => {
    document.title = "Service accounts – Evercred";
  }, []);

  const setQuery = useCallback(
    (part: Partial<ListQuery>) => {
      setParams((before) => withQuery(before, { ...queryOf(before), ...part }), { replace: true });
      scrollTo({ top: 0 });
      // "All that match" is said of what is listed: of another list it would be another thing.
      if (!("sort" in part)) setSelection((before) => (before.kind === "all" ? nothing : before));
    },
    [setParams],
  );
  const setParam = useCallback(
    (name: "operation" | "info" | "bulk", value: string, replace = false) =>
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          if (value === "") after.delete(name);
          else after.set(name, value);
          return after;
        },
        { replace },
      ),
    [setParams],
  );
  const { mutate: start, isPending: starting } = request;
  const actions = useMemo<RowActions>(
    () => ({
      start: (account, what) => {
        if (!starting) start({ account, what }, { onSuccess: (operation) => setParam("operation", operation.id) });
      },
      info: (account) => setParam("info", account.name),
      remove: setRemoving,
    }),
    [setParam, start, starting],
  );
  const [tools, toolsHeight] = useHeight();
  const onRange = useCallback((first: number, last: number) => setPages(`${pageOf(first)} ${pageOf(last)}`), []);
  const matched = list?.matched ?? 0;
  const { row } = accounts;
  const latest = useRef({ row, query });
  useEffect(() => {
    latest.current = { row, query };
  });
  const onSelect = useCallback(
    (index: number, selected: boolean, wholeRange: boolean) => {
      const from = Math.min(index, lastMarked.current);
      const to = Math.max(index, lastMarked.current);
      lastMarked.current = index;
      const account = latest.current.row(index);
      if (account) setSelection((before) => mark(before, [account], selected));
      if (!wholeRange || from === to) return;
      void rowsBetween(client, parametersOf(latest.current.query).toString(), from, to).then((rows) =>
        setSelection((before) => mark(before, rows, selected)),
      );
    },
    [client],
  );
  const onMenu = useCallback((account: AccountSummary, button: HTMLElement) => setMenu({ account, button }), []);
  const addAsked = (before: readonly Asked[], next: Asked) => {
    const after = [...before, next];
    setAsked(after);
    storeAsked(after);
    const ids = after.map(({ answer }) => answer.id).filter((id) => id !== "");
    setParam("bulk", ids.length === 0 ? unbegun : ids.join(","), before.length > 0);
  };
  const count = countOf(selection, matched);
  const operation = params.get("operation");
  const info = params.get("info");
  const bulk = (params.get("bulk") ?? "").split(",").filter((id) => id !== "");
  // What was asked in another window of another time is of no interest to this address.
  const known = bulk.includes(unbegun) || asked.some(({ answer }) => bulk.includes(answer.id)) ? asked : [];
  const isEmpty = list?.total === 0;

  return (
    <>
      <div className={styles.head}>
        <Title2 as="h1">Service accounts</Title2>
        <Text className={styles.tally} role="status">
          {list &&
            !isEmpty &&
            (matched === list.total ? accountsText(matched) : `${matched.toLocaleString("en")} of ${accountsText(list.total)}`)}
        </Text>
        {list && !isEmpty && <AddLink />}
      </div>
      <div className={styles.stack} style={{ "--list-top": `${toolsHeight}px` } as CSSProperties}>
        {!isEmpty && (
          <div className={styles.tools} ref={tools}>
            <Toolbar query={query} onQuery={setQuery} list={list} shown={columns} onShown={setColumns} />
          </div>
        )}
        {list && !isEmpty && <StateFilter states={list.states} chosen={query.states} onChange={(states) => setQuery({ states })} />}
        {accounts.failure && (
          <ProblemNotice
            intent={list ? "warning" : "error"}
            problem={explanationOf(accounts.failure)}
            actions={
              // An address can ask for what the server does not know.
              accounts.failure instanceof Problem && accounts.failure.status === 422 ? (
                <Button onClick={() => setQuery(everything)}>Show all accounts</Button>
              ) : (
                <Button onClick={accounts.refetch}>Try again</Button>
              )
            }
          />
        )}
        {request.error && <ProblemNotice problem={explanationOf(request.error)} actions={<Button onClick={request.reset}>Close</Button>} />}
        {!list && !accounts.failure && <Blank />}
        {isEmpty && <NoAccounts />}
        {list && !isEmpty && matched === 0 && (
          <NothingFound query={query} onClear={narrowed(query) ? () => setQuery({ ...everything, sort: query.sort }) : null} />
        )}
        {list && matched > 0 && (
          <AccountsTable
            shown={columns}
            sort={query.sort}
            onSort={(column) => setQuery({ sort: sortedBy(query.sort, column) })}
            matched={matched}
            row={row}
            now={list.as_of}
            behind={accounts.behind}
            onRange={onRange}
            selection={selection}
            onSelectAll={(selected) => setSelection(selected ? allMatching : nothing)}
            onSelect={onSelect}
            onMenu={onMenu}
          />
        )}
        {count > 0 && (
          <SelectionBar
            selection={selection}
            matched={matched}
            query={query}
            onSelectAll={() => setSelection(allMatching)}
            onClear={() => setSelection(nothing)}
            onCheck={() => setQuestion("check")}
            onRenew={() => setQuestion("renew")}
          />
        )}
      </div>
      {menu && <RowMenu key={menu.account.id} of={menu} actions={actions} onClose={() => setMenu(null)} />}
      <Suspense fallback={null}>
        {question && (
          <BulkQuestion
            action={question}
            count={count}
            body={bulkOf(question, query, selection)}
            onClose={() => setQuestion(null)}
            onBegun={(answer) => {
              setQuestion(null);
              setSelection(nothing);
              addAsked([], { answer, tenant: "" });
            }}
          />
        )}
        {bulk.length > 0 && (
          <BulkWindow
            asked={known}
            onAsked={(next) => addAsked(known, next)}
            signIns={signIns}
            onSignIn={(tenant, id) => setSignIns((before) => ({ ...before, [tenant]: id }))}
            ids={bulk.filter((id) => id !== unbegun)}
            onClose={() => {
              setAsked([]);
              setSignIns({});
              storeAsked([]);
              setParam("bulk", "", true);
            }}
          />
        )}
        {removing && (
          <RemoveWindow
            account={removing}
            onClose={() => setRemoving(null)}
            onBegun={({ id }) => {
              setRemoving(null);
              setParam("operation", id);
            }}
          />
        )}
        {info && <InfoWindow account={info} onClose={() => setParam("info", "", true)} />}
      </Suspense>
      {operation && !ended && <OperationWindow id={operation} onClose={() => setParam("operation", "", true)} />}
    </>
  );
}
