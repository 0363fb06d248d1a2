/** Draws arcs as SVG. */

import { h, svg } from "../kit/dom";
import { clock, percent } from "../kit/format";
import { texts } from "../texts";
import { arcPath, signed, summaryOf, type Arc } from "./arc";

const BOX = { width: 600, height: 150 } as const;
/** Enough for a line without corners on any screen. */
export const ARC_POINTS = 240;

export interface Line {
  readonly arc: Arc;
  /** Empty if there is only one. */
  readonly name: string;
}

/** @param ends below the left and the right edge. */
export function arcChart(lines: readonly Line[], ends: readonly [string, string]): HTMLElement {
  const { width, height } = BOX;
  const drawing = svg("svg", {
    class: "arc",
    viewBox: `0 0 ${width} ${height}`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": spoken(lines),
  });
  const zero = svg("path", { class: "arc-zero", d: `M0 ${height / 2}H${width}` });
  drawing.append(zero, ...lines.map(({ arc }, i) => line(arc, i)));
  const side = h(
    "div",
    { class: "arc-side", "aria-hidden": "true" },
    h("span", {}, texts.insights.pleasant),
    h("span", {}, texts.insights.unpleasant),
  );
  const below = h("div", { class: "arc-ends", "aria-hidden": "true" }, ...ends);
  const [from, to] = ends;
  below.replaceChildren(h("span", {}, from), h("span", {}, to));
  return h("div", { class: "arc-box" }, side, drawing, below);
}

export const fromStart = (duration_s: number): readonly [string, string] => [
  clock(0),
  clock(duration_s),
];
export const inShares: readonly [string, string] = [percent(0), percent(1)];

function line(arc: Arc, i: number): SVGElement {
  const d = arcPath(arc, BOX.width, BOX.height);
  return svg("path", { class: `arc-line arc-${i === 0 ? "first" : "second"}`, d });
}

function spoken(lines: readonly Line[]): string {
  const words = lines.map(({ arc, name }) => {
    const found = summaryOf(arc);
    if (found === undefined) return texts.insights.noClear;
    const { low, high, end } = found;
    const said = texts.insights.arcOf(signed(low), signed(high), signed(end));
    return name === "" ? said : `${name}: ${said}`;
  });
  return words.join(" ");
}
