import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { useEffect, useRef, useState } from "react";

import { kindLabel, slotLabel } from "../text/states";
import { date } from "../text/time";
import type { Entry } from "./events";
import { Marks, markGap } from "./Marks";
import { describe } from "./sentences";
import { marksOf, ticksOf, type Bar, type Phase, type Span } from "./timeline";

const barHeight = 22;
const barGap = 26;
const laneHeight = 44;
const top = 26;

const useStyles = makeStyles({
  box: { width: "100%", minWidth: 0 },
  svg: { display: "block", overflow: "visible" },
  grid: { stroke: tokens.colorNeutralStroke2 },
  now: { stroke: tokens.colorBrandStroke1, strokeWidth: 2 },
  nowText: { fill: tokens.colorBrandForeground1, fontWeight: tokens.fontWeightSemibold, fontSize: "12px" },
  text: { fill: tokens.colorNeutralForeground2, fontSize: "12px" },
  // A rim in the colour of the ground keeps the lines of the scale out of the letters.
  rim: { stroke: tokens.colorNeutralBackground1, strokeWidth: "5px", strokeLinejoin: "round", paintOrder: "stroke" },
  strong: { fill: tokens.colorNeutralForeground1, fontSize: "12px", fontWeight: tokens.fontWeightSemibold },
  onBar: { fontSize: "12px", fontWeight: tokens.fontWeightSemibold, pointerEvents: "none" },
  current: { fill: tokens.colorStatusSuccessBackground3 },
  retiring: { fill: tokens.colorStatusWarningBackground2, stroke: tokens.colorStatusWarningBorder2 },
  next: { fill: tokens.colorNeutralBackground5, stroke: tokens.colorNeutralStroke1 },
  ahead: { fill: tokens.colorStatusSuccessBackground1, stroke: tokens.colorStatusSuccessBorder1, strokeDasharray: "3 3" },
  over: { fill: tokens.colorStatusDangerBackground1, stroke: tokens.colorStatusDangerBorder1 },
  currentText: { fill: tokens.colorNeutralForegroundOnBrand },
  plainText: { fill: tokens.colorNeutralForeground1 },
  end: { stroke: tokens.colorNeutralForeground1, strokeWidth: 2 },
});

/** Marks of one sort, on a line of their own. */
export interface Lane {
  title: string;
  entries: readonly Entry[];
}

interface Props {
  bars: readonly Bar[];
  lanes: readonly Lane[];
  span: Span;
  /** RFC 3339. */
  now: string;
  chosen: readonly string[];
  /** The ids of the entries of a mark. */
  onChoose: (entries: readonly Entry[]) => void;
}

/** The history as a picture: a bar for the life of each credential, marks for what was done, and a line where we are. */
export function Picture({ bars, lanes, span, now, chosen, onChoose }: Props) {
  const styles = useStyles();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const height = top + bars.length * (barHeight + barGap) + lanes.length * laneHeight + 8;
  const scale = (at: number) => ((at - span.from) / (span.to - span.from)) * width;
  const clamped = (at: number) => Math.min(width, Math.max(0, scale(at)));
  const here = scale(Date.parse(now));
  const lanesTop = top + bars.length * (barHeight + barGap);
  const gap = (markGap / Math.max(1, width)) * (span.to - span.from);
  return (
    <div ref={box} className={styles.box}>
      {width > 0 && (
        <svg width={width} height={height} className={styles.svg} role="group" aria-label="Timeline">
          <Patterns />
          {ticksOf(span, width / 110).map((tick) => {
            const x = scale(tick.at);
            return (
              <g key={tick.at} aria-hidden>
                <line x1={x} x2={x} y1={top - 6} y2={height} className={styles.grid} />
                {x > 18 && x < width - 18 && Math.abs(x - here) > 44 && (
                  <text x={x} y={12} textAnchor="middle" className={styles.text}>
                    {tick.text}
                  </text>
                )}
              </g>
            );
          })}
          {here >= 0 && here <= width && (
            <text x={Math.min(width - 14, Math.max(14, here))} y={12} textAnchor="middle" className={styles.nowText} aria-hidden>
              Now
            </text>
          )}
          {bars.map((bar, index) => (
            <Life key={bar.credential.id} bar={bar} y={top + index * (barHeight + barGap)} x={clamped} span={span} now={now} />
          ))}
          {here >= 0 && here <= width && <NowLine x={here} bars={bars.length} bottom={height} />}
          {lanes.map((lane, index) => (
            <Marks
              key={lane.title}
              title={lane.title}
              y={lanesTop + index * laneHeight}
              width={width}
              marks={marksOf(
                lane.entries.filter((entry) => inside(entry, span)),
                gap,
              )}
              x={scale}
              chosen={chosen}
              onChoose={onChoose}
            />
          ))}
        </svg>
      )}
    </div>
  );
}

function inside(entry: Entry, span: Span): boolean {
  const at = Date.parse(entry.head.at);
  return at >= span.from && at <= span.to;
}

/** Where we are: a line through bars and marks, which leaves the words between them alone. */
function NowLine({ x, bars, bottom }: { x: number; bars: number; bottom: number }) {
  const styles = useStyles();
  const lanes = top + bars * (barHeight + barGap);
  return (
    <g aria-hidden>
      {Array.from({ length: bars }, (_, index) => {
        const y = top + index * (barHeight + barGap) + 16;
        return <line key={index} x1={x} x2={x} y1={y} y2={y + barHeight + 4} className={styles.now} />;
      })}
      {bottom > lanes && <line x1={x} x2={x} y1={lanes + 18} y2={bottom} className={styles.now} opacity={0.35} />}
    </g>
  );
}

/** Stripes, so that the phases differ without their colours. */
function Patterns() {
  return (
    <defs>
      <pattern id="stripes" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="3" height="8" fill={tokens.colorStatusWarningBorder1} />
      </pattern>
      <pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">
        <circle cx="2" cy="2" r="1" fill={tokens.colorNeutralForeground3} />
      </pattern>
      <pattern id="crosses" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
        <rect width="2" height="8" fill={tokens.colorStatusDangerBorder1} />
      </pattern>
    </defs>
  );
}

const fillings: Partial<Record<Phase, string>> = { retiring: "url(#stripes)", next: "url(#dots)", over: "url(#crosses)" };
const words: Record<Phase, string> = { next: "Added", current: "In use", retiring: "Retiring", ahead: "", over: "Ended" };

interface LifeProps {
  bar: Bar;
  y: number;
  x: (at: number) => number;
  span: Span;
  now: string;
}

function Life({ bar, y, x, span, now }: LifeProps) {
  const styles = useStyles();
  const { credential, end } = bar;
  const name = `${kindLabel(credential.kind)} of ${date(credential.added_at)}`;
  const endShown = end !== null && end >= span.from && end <= span.to;
  const endX = end === null ? 0 : x(end);
  const note = noteOf(bar, now);
  return (
    <g role="img" aria-label={describe(bar, now)}>
      <text x={0} y={y + 12} className={mergeClasses(styles.strong, styles.rim)} aria-hidden>
        {name}
        <tspan className={styles.text} style={{ fontWeight: 400 }}>
          {note}
        </tspan>
      </text>
      {bar.stretches.map((stretch) => {
        const from = x(stretch.from);
        const length = Math.max(stretch.to >= span.from && stretch.from <= span.to ? 2 : 0, x(stretch.to) - from);
        const filling = fillings[stretch.phase];
        const word = words[stretch.phase];
        return (
          <g key={`${stretch.phase} ${stretch.from}`} aria-hidden>
            <rect x={from} y={y + 18} width={length} height={barHeight} rx={3} className={styles[stretch.phase]} />
            {filling !== undefined && <rect x={from} y={y + 18} width={length} height={barHeight} rx={3} fill={filling} opacity={0.35} />}
            {word !== "" && length > word.length * 7.5 + 10 && (
              <text
                x={from + 7}
                y={y + 18 + 15}
                className={mergeClasses(styles.onBar, stretch.phase === "current" ? styles.currentText : styles.plainText)}
              >
                {word}
              </text>
            )}
          </g>
        );
      })}
      {endShown && (
        <g aria-hidden>
          <line x1={endX} x2={endX} y1={y + 14} y2={y + 18 + barHeight + 4} className={styles.end} />
        </g>
      )}
    </g>
  );
}

/** What became of it, or when it ends: beside the bar there is not always room for it. */
function noteOf({ credential, end }: Bar, now: string): string {
  if (credential.slot === "lost") return " – lost: Microsoft Entra no longer knows it";
  if (credential.slot === "removed") return credential.removed_at === null ? " – removed" : ` – removed ${date(credential.removed_at)}`;
  const slot = slotLabel(credential.slot).text.toLowerCase();
  if (end === null) return ` – ${slot}, its end is not known`;
  return ` – ${slot}, ${end < Date.parse(now) ? "ended" : "ends"} ${date(new Date(end).toISOString())}`;
}

/** The width of an element in pixels, kept; 0 before it is known. */
function useWidth(ref: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return width;
}
