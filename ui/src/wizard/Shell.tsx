import {
  Breadcrumb,
  BreadcrumbDivider,
  BreadcrumbItem,
  Button,
  Text,
  Title2,
  makeStyles,
  mergeClasses,
  tokens,
} from "@fluentui/react-components";
import { CheckmarkFilled } from "@fluentui/react-icons";
import { useEffect, useId, useRef, type ReactNode, type SubmitEvent } from "react";

import { PageLink } from "../frame/PageLink";

const narrow = "@media (max-width: 760px)";

const useStyles = makeStyles({
  page: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
  head: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXS, minWidth: 0, overflowWrap: "anywhere" },
  columns: {
    display: "grid",
    gridTemplateColumns: "220px minmax(0, 1fr)",
    gap: tokens.spacingHorizontalXL,
    alignItems: "start",
    [narrow]: { gridTemplateColumns: "minmax(0, 1fr)", gap: tokens.spacingVerticalM },
  },
  rail: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    display: "flex",
    flexDirection: "column",
    [narrow]: { flexDirection: "row", gap: "4px" },
  },
  place: { position: "relative", [narrow]: { flex: "1 1 0" } },
  // The line from one step to the next.
  line: {
    "::before": {
      content: "''",
      position: "absolute",
      left: "19px",
      top: "34px",
      height: "12px",
      width: "2px",
      backgroundColor: tokens.colorNeutralStroke2,
      [narrow]: { display: "none" },
    },
  },
  step: {
    width: "100%",
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
    minHeight: "40px",
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalS}`,
    border: "none",
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: "transparent",
    color: tokens.colorNeutralForeground2,
    fontFamily: "inherit",
    fontSize: tokens.fontSizeBase300,
    textAlign: "left",
    cursor: "pointer",
    ":enabled:hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
    ":disabled": { cursor: "default", backgroundColor: "transparent", color: tokens.colorNeutralForeground3 },
    [narrow]: { justifyContent: "center", padding: "4px 0", minHeight: "32px" },
  },
  current: { fontWeight: tokens.fontWeightSemibold, color: tokens.colorNeutralForeground1 },
  dot: {
    flexShrink: 0,
    display: "grid",
    placeItems: "center",
    width: "24px",
    height: "24px",
    boxSizing: "border-box",
    borderRadius: "50%",
    border: `2px solid ${tokens.colorNeutralStroke1}`,
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
  },
  dotCurrent: {
    border: `2px solid ${tokens.colorBrandBackground}`,
    backgroundColor: tokens.colorBrandBackground,
    color: tokens.colorNeutralForegroundOnBrand,
  },
  dotDone: { border: `2px solid ${tokens.colorBrandForeground1}`, color: tokens.colorBrandForeground1 },
  label: {
    [narrow]: { position: "absolute", width: "1px", height: "1px", overflow: "hidden", clipPath: "inset(50%)" },
  },
  count: { display: "none", color: tokens.colorNeutralForeground2, [narrow]: { display: "block" } },
  card: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalL,
    minWidth: 0,
    overflowWrap: "anywhere",
    padding: tokens.spacingHorizontalXXL,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    [narrow]: { padding: tokens.spacingHorizontalL },
  },
  stack: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL, minWidth: 0 },
  title: {
    fontSize: tokens.fontSizeBase500,
    lineHeight: tokens.lineHeightBase500,
    fontWeight: tokens.fontWeightSemibold,
    ":focus": { outlineStyle: "none" },
  },
  lead: { color: tokens.colorNeutralForeground2, maxWidth: "72ch" },
  buttons: {
    display: "flex",
    flexWrap: "wrap",
    gap: tokens.spacingHorizontalS,
    paddingTop: tokens.spacingVerticalL,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  last: { marginLeft: "auto" },
});

export interface RailStep<Name extends string> {
  name: Name;
  title: string;
  /** It can be gone to. */
  open: boolean;
  done: boolean;
}

interface Props<Name extends string> {
  heading: string;
  /** The last part of "where you are"; the account's own place stands before it where it has one. */
  crumbs: readonly { title: string; to?: string }[];
  steps: readonly RailStep<Name>[];
  step: Name;
  /** In place of the step's own title. */
  title?: string;
  lead: ReactNode;
  onStep: (step: Name) => void;
  /** What is in the step has forms of its own, which must not stand in another. */
  plain?: boolean;
  /** Back, Next and the like; null: none, since the wizard has ended, and with it all its steps. */
  buttons: { back: (() => void) | null; next: string; busy?: boolean; onNext: () => void; onCancel: () => void } | null;
  children: ReactNode;
}

/** What stands around each step of a wizard: where one is, what is done, back, next and out. */
export function Shell<Name extends string>({
  heading,
  crumbs,
  steps,
  step,
  title: name,
  lead,
  onStep,
  plain = false,
  buttons,
  children,
}: Props<Name>) {
  const styles = useStyles();
  const ended = buttons === null;
  const formID = useId();
  const title = useRef<HTMLHeadingElement>(null);
  const at = steps.findIndex((s) => s.name === step);
  const shown = name ?? steps[at]?.title ?? heading;
  useEffect(() => {
    document.title = `${shown} – ${heading} – Evercred`;
  }, [shown, heading]);
  const first = useRef(true);
  useEffect(() => {
    // A new step is read from its title; on the way in, the field that a step begins with may have the focus.
    if (!first.current) {
      title.current?.focus({ preventScroll: true });
      window.scrollTo({ top: 0 });
    }
    first.current = false;
  }, [step, name]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (buttons && !buttons.busy) buttons.onNext();
  };
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <Breadcrumb aria-label="Where you are">
          <BreadcrumbItem>
            <PageLink to="/">Service accounts</PageLink>
          </BreadcrumbItem>
          {crumbs.map((crumb) => (
            <Crumb key={crumb.title} {...crumb} />
          ))}
        </Breadcrumb>
        <Title2 as="h1">{heading}</Title2>
      </div>
      <div className={styles.columns}>
        <nav aria-label="Steps of the wizard">
          <ol className={styles.rail}>
            {steps.map((s, index) => {
              const current = s.name === step && !ended;
              const done = s.done || ended;
              return (
                <li key={s.name} className={mergeClasses(styles.place, index < steps.length - 1 && styles.line)}>
                  <button
                    type="button"
                    className={mergeClasses(styles.step, current && styles.current)}
                    aria-current={current ? "step" : undefined}
                    disabled={!s.open || ended}
                    onClick={() => onStep(s.name)}
                  >
                    <span className={mergeClasses(styles.dot, done && styles.dotDone, current && styles.dotCurrent)} aria-hidden>
                      {done && !current ? <CheckmarkFilled fontSize={14} /> : index + 1}
                    </span>
                    <span className={styles.label}>{s.title}</span>
                  </button>
                </li>
              );
            })}
          </ol>
        </nav>
        <section className={styles.card} aria-label={shown}>
          <div>
            {!ended && (
              <Text size={200} className={styles.count}>
                Step {at + 1} of {steps.length}
              </Text>
            )}
            <h2 ref={title} tabIndex={-1} className={styles.title}>
              {shown}
            </h2>
            <Text className={styles.lead}>{lead}</Text>
          </div>
          {plain ? (
            <div className={styles.stack}>{children}</div>
          ) : (
            <form id={formID} className={styles.stack} onSubmit={submit} noValidate>
              {children}
            </form>
          )}
          {buttons && (
            <div className={styles.buttons}>
              {buttons.back && <Button onClick={buttons.back}>Back</Button>}
              {/* Another element where it is another kind of button: a click that changed the kind would else count for both. */}
              <Button
                key={plain ? "plain" : "submit"}
                appearance="primary"
                disabledFocusable={buttons.busy === true}
                {...(plain ? { onClick: buttons.onNext } : { type: "submit", form: formID })}
              >
                {buttons.next}
              </Button>
              <Button appearance="subtle" className={styles.last} onClick={buttons.onCancel}>
                Cancel
              </Button>
            </div>
          )}
        </section>
      </div>
    </div>
  );
}

function Crumb({ title, to }: { title: string; to?: string }) {
  return (
    <>
      <BreadcrumbDivider />
      <BreadcrumbItem>{to === undefined ? title : <PageLink to={to}>{title}</PageLink>}</BreadcrumbItem>
    </>
  );
}
