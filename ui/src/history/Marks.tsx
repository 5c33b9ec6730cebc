import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { useId, useRef, useState, type KeyboardEvent } from "react";

import { moment } from "../text/time";
import type { Entry } from "./events";
import type { Mark } from "./timeline";

const markSize = 8;
/** Marks closer than this, in pixels, would lie over each other. */
export const markGap = markSize * 2 + 6;

const useStyles = makeStyles({
  strong: { fill: tokens.colorNeutralForeground1, fontSize: "12px", fontWeight: tokens.fontWeightSemibold },
  rim: { stroke: tokens.colorNeutralBackground1, strokeWidth: "5px", strokeLinejoin: "round", paintOrder: "stroke" },
  lane: { stroke: tokens.colorNeutralStroke2 },
  mark: {
    cursor: "pointer",
    ":focus": { outlineStyle: "none" },
    ":focus-visible > .ring": { stroke: tokens.colorStrokeFocus2, strokeWidth: 2 },
  },
  chosen: { "& > .ring": { stroke: tokens.colorBrandStroke1, strokeWidth: 2 } },
  good: { fill: tokens.colorStatusSuccessBackground3 },
  neutral: { fill: tokens.colorNeutralForeground3 },
  warning: { fill: tokens.colorStatusWarningBackground3 },
  bad: { fill: tokens.colorStatusDangerBackground3 },
  count: { fill: tokens.colorNeutralForegroundOnBrand, fontSize: "10px", fontWeight: tokens.fontWeightSemibold, pointerEvents: "none" },
});

interface MarksProps {
  title: string;
  y: number;
  width: number;
  marks: readonly Mark[];
  x: (at: number) => number;
  chosen: readonly string[];
  onChoose: (entries: readonly Entry[]) => void;
}

/** A lane of marks. The Tab key leads to one of them, the arrow keys to the others. */
export function Marks({ title, y, width, marks, x, chosen, onChoose }: MarksProps) {
  const styles = useStyles();
  const id = useId();
  const [active, setActive] = useState<number | null>(null);
  const group = useRef<SVGGElement>(null);
  const current = Math.min(active ?? marks.length - 1, marks.length - 1);
  const go = (event: KeyboardEvent) => {
    const to = { ArrowRight: current + 1, ArrowLeft: current - 1, Home: 0, End: marks.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(marks.length - 1, to));
    setActive(next);
    group.current?.querySelectorAll<SVGGElement>("[role=button]")[next]?.focus();
  };
  const middle = y + 30;
  return (
    <g>
      <text id={id} x={0} y={y + 12} className={mergeClasses(styles.strong, styles.rim)}>
        {title}
      </text>
      <line x1={0} x2={width} y1={middle} y2={middle} className={styles.lane} aria-hidden />
      <g role="toolbar" aria-labelledby={id} ref={group} onKeyDown={go}>
        {marks.map((mark, index) => {
          const first = mark.entries[0];
          const isChosen = mark.entries.some((entry) => chosen.includes(entry.id));
          return (
            <g
              key={first?.id ?? mark.at}
              role="button"
              tabIndex={index === current ? 0 : -1}
              aria-pressed={isChosen}
              aria-label={labelOf(mark)}
              className={mergeClasses(styles.mark, isChosen && styles.chosen)}
              transform={`translate(${x(mark.at)} ${middle})`}
              onClick={() => {
                setActive(index);
                onChoose(mark.entries);
              }}
              onKeyDown={(event) => {
                if (event.key !== "Enter" && event.key !== " ") return;
                event.preventDefault();
                onChoose(mark.entries);
              }}
            >
              <title>{labelOf(mark)}</title>
              <circle r={markSize + 6} fill="transparent" className="ring" />
              <Shape mark={mark} />
            </g>
          );
        })}
      </g>
    </g>
  );
}

/** Good is round, to look at is a triangle, bad is a square on its corner; several are a disc with their number. */
function Shape({ mark }: { mark: Mark }) {
  const styles = useStyles();
  const look = styles[mark.tone];
  if (mark.entries.length > 1)
    return (
      <>
        <Outline tone={mark.tone} className={look} size={markSize + 3} />
        <text textAnchor="middle" y={mark.tone === "warning" ? 6 : 3.5} className={styles.count}>
          {mark.entries.length > 99 ? "99+" : mark.entries.length}
        </text>
      </>
    );
  return <Outline tone={mark.tone} className={look} size={markSize} />;
}

function Outline({ tone, className, size }: { tone: Mark["tone"]; className: string; size: number }) {
  switch (tone) {
    case "bad":
      return <rect x={-size * 0.8} y={-size * 0.8} width={size * 1.6} height={size * 1.6} transform="rotate(45)" className={className} />;
    case "warning":
      return <path d={`M0 ${-size} L${size * 1.1} ${size * 0.85} L${-size * 1.1} ${size * 0.85} Z`} className={className} />;
    default:
      return <circle r={size * 0.9} className={className} />;
  }
}

function labelOf(mark: Mark): string {
  const [first] = mark.entries;
  if (!first) return "";
  if (mark.entries.length === 1) return `${first.head.title}, ${moment(first.head.at)}`;
  return `${mark.entries.length} events until ${moment(new Date(mark.at).toISOString())}, the first: ${first.head.title}`;
}
