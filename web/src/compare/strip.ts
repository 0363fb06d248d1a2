/** A whole film as one band of its strongest emotions. */

import type { Timeline } from "../api/api-types";
import { h, svg } from "../kit/dom";
import { clock, percent } from "../kit/format";
import { merged } from "../model/ranges";
import { LABELS } from "../model/emotions";
import { texts } from "../texts";

const WIDTH = 1000;

export function strip({ intervals, duration, analytics }: Timeline): HTMLElement {
  const shares = LABELS.filter((label) => analytics.share[label] > 0).map(
    (label) => `${texts.emotions[label]} ${percent(analytics.share[label])}`,
  );
  const band = svg("svg", {
    class: "strip",
    viewBox: `0 0 ${WIDTH} 10`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": texts.insights.spoken(shares.join(", ")),
  });
  const scale = WIDTH / duration;
  for (const label of LABELS) {
    const pieces = merged(intervals.filter(({ emotion }) => emotion === label));
    const d = pieces
      .map(({ start, end }) => `M${start * scale} 0H${end * scale}V10H${start * scale}Z`)
      .join("");
    if (d !== "") band.append(svg("path", { d, "data-emotion": label }));
  }
  const ends = h("div", { class: "arc-ends", "aria-hidden": "true" });
  ends.append(h("span", {}, clock(0)), h("span", {}, clock(duration)));
  return h("div", {}, band, ends);
}
