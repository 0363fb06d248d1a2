/** Two analyses in figures, and by how much they differ. */

import { signed, summaryOf } from "../insights/arc";
import { h } from "../kit/dom";
import { percent, span } from "../kit/format";
import { face } from "../kit/icons";
import { LABELS } from "../model/emotions";
import { texts } from "../texts";
import { points } from "./points";
import type { Side } from "./side";

export function shareTable(a: Side, b: Side): HTMLElement {
  const [one, two] = [a.timeline.analytics, b.timeline.analytics];
  const seen = LABELS.filter((label) => one.share[label] + two.share[label] > 0);
  const rows = seen.map((label) => {
    const [left, right] = [one.share[label], two.share[label]];
    const name = h("th", { scope: "row" }, face(label), texts.emotions[label]);
    const row = h("tr", { "data-emotion": label }, name, bar(left, one.seconds[label]));
    row.append(bar(right, two.seconds[label]));
    row.append(h("td", { class: "difference" }, texts.compare.difference(points(left, right))));
    return row;
  });
  return table(a, b, rows, texts.compare.shares);
}

export function figureTable(a: Side, b: Side): HTMLElement {
  const words = texts.insights;
  const figures = ({ timeline, line }: Side): readonly (readonly [string, string])[] => {
    const { switches, average_length, volatility } = timeline.analytics;
    const mean = summaryOf(line.arc)?.mean;
    return [
      [texts.compare.length, span(timeline.duration)],
      [words.switches, String(switches)],
      [words.length, span(average_length)],
      [words.volatility, percent(volatility)],
      [texts.compare.mean, mean === undefined ? words.nothing : signed(mean)],
    ];
  };
  const right = figures(b);
  const rows = figures(a).map(([name, value], i) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, name),
      h("td", {}, value),
      h("td", {}, right[i]?.[1] ?? ""),
      h("td", {}),
    ),
  );
  return table(a, b, rows, texts.compare.figures);
}

function table(a: Side, b: Side, rows: readonly HTMLElement[], caption: string): HTMLElement {
  const head = h(
    "tr",
    {},
    h("td", {}),
    h("th", { scope: "col", class: "side-first" }, a.analysis.title),
    h("th", { scope: "col", class: "side-second" }, b.analysis.title),
    h("td", {}),
  );
  return h(
    "table",
    { class: "breakdown compare-table" },
    h("caption", { class: "sr-only" }, caption),
    h("thead", {}, head),
    h("tbody", {}, ...rows),
  );
}

function bar(share: number, seconds: number): HTMLElement {
  const line = h("span", { class: "breakdown-bar" });
  line.style.setProperty("--share", String(share));
  const words = h("span", { class: "breakdown-share" }, `${percent(share)} · ${span(seconds)}`);
  return h("td", {}, words, share > 0 ? line : undefined);
}
