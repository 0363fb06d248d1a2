/** The emotional arc: how pleasant a film is over time. Pure; `texts.insights.arcMeaning` says it to viewers. */

import type { ScoredEmotion, Scores } from "../api/api-types";
import { SCORED } from "../model/emotions";

/** Only the sign is taken from the literature on valence; finer weights would claim more than is known. */
export const VALENCE: Readonly<Record<ScoredEmotion, -1 | 0 | 1>> = {
  Anger: -1,
  Disgust: -1,
  Fear: -1,
  Happy: 1,
  Sadness: -1,
  Surprise: 0,
  Neutral: 0,
};

interface Scored {
  readonly start: number;
  readonly end: number;
  readonly scores: Scores | null;
}

/** In [-1, 1]; undefined where nothing was seen or heard for long. */
export type Arc = readonly (number | undefined)[];

/** Evidence for less than this share of the window says too little. */
const LEAST_EVIDENCE = 0.2;
const WIDTH = { share: 0.04, least_s: 2 } as const;

/** In [-1, 1]. */
export function valence(scores: Scores): number {
  return SCORED.reduce((sum, label) => sum + VALENCE[label] * scores[label], 0);
}

/** Standard deviation of the smoothing, seconds. */
export function arcWidth(duration_s: number): number {
  return Math.max(WIDTH.least_s, duration_s * WIDTH.share);
}

/**
 * Valence at `count` moments spread evenly over the film, smoothed by a Gaussian.
 *
 * @param spans sorted by start, not overlapping.
 */
export function arcOf(spans: readonly Scored[], duration_s: number, count: number): Arc {
  const width_s = arcWidth(duration_s);
  const made: (number | undefined)[] = [];
  let first = 0;
  for (let i = 0; i < count; i++) {
    const at_s = ((i + 0.5) / count) * duration_s;
    while ((spans[first]?.end ?? Infinity) < at_s - 3 * width_s) first++;
    let [sum, weight, all] = [0, 0, 0];
    for (let k = first; k < spans.length; k++) {
      const each = spans[k];
      if (each === undefined || each.start > at_s + 3 * width_s) break;
      const middle_s = (each.start + each.end) / 2;
      const part = (each.end - each.start) * Math.exp(-0.5 * ((middle_s - at_s) / width_s) ** 2);
      all += part;
      if (each.scores === null) continue;
      weight += part;
      sum += part * valence(each.scores);
    }
    made.push(all > 0 && weight / all >= LEAST_EVIDENCE ? sum / weight : undefined);
  }
  return made;
}

export interface ArcSummary {
  readonly low: number;
  readonly high: number;
  readonly end: number;
  readonly mean: number;
}

/** Undefined if there is no line at all. */
export function summaryOf(arc: Arc): ArcSummary | undefined {
  const known = arc.filter((each) => each !== undefined);
  const end = known.at(-1);
  if (end === undefined) return undefined;
  const mean = known.reduce((sum, each) => sum + each, 0) / known.length;
  return { low: Math.min(...known), high: Math.max(...known), end, mean };
}

/** The line as SVG path data in a box; a gap begins a new line. */
export function arcPath(arc: Arc, width: number, height: number): string {
  const parts: string[] = [];
  arc.forEach((value, i) => {
    if (value === undefined) return;
    const x = ((i + 0.5) / arc.length) * width;
    const y = ((1 - value) / 2) * height;
    parts.push(`${arc[i - 1] === undefined ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`);
  });
  return parts.join("");
}

/** "+0.4", "−0.1", "0". */
export function signed(value: number): string {
  const rounded = Math.round(value * 10) / 10;
  if (rounded === 0) return "0";
  return `${rounded > 0 ? "+" : "−"}${Math.abs(rounded)}`;
}
