/** Decimates a track to the columns of a screen: what is strongest in each, and the mean of its scores. No DOM. */

import { LABELS, SCORED } from "../model/emotions";
import { firstAfter, type Track } from "./track";
import { spanOf, type Viewport } from "./viewport";

/** In `Columns.labels`: nothing is known there. */
export const NOTHING = 255;

export interface Columns {
  readonly count: number;
  /** Index into LABELS of the label with the most certainty in the column, or NOTHING. */
  readonly labels: Uint8Array;
  /** Mean confidence of that label within the column. */
  readonly confidences: Float32Array;
  /** Mean scores, seven for each column; zeros where there is no evidence. */
  readonly scores: Float32Array;
  /** 1 where anything in the column is a draft. */
  readonly drafts: Uint8Array;
}

/** Evidence of nothing still takes its time: it wins a column that holds nothing else. */
const LEAST_WEIGHT = 0.05;

/** Columns of equal width over the visible part; reads only what is visible. */
export function decimate(track: Track, view: Viewport, count: number): Columns {
  const [labels, scored] = [LABELS.length, SCORED.length];
  const perSecond = count / spanOf(view);
  const time = new Float32Array(count * labels);
  const weight = new Float32Array(count * labels);
  const covered = new Float32Array(count);
  const scores = new Float32Array(count * scored);
  const drafts = new Uint8Array(count);
  for (let i = firstAfter(track, view.from_s); i < track.length; i++) {
    const start = ((track.starts[i] as number) - view.from_s) * perSecond;
    if (start >= count) break;
    const end = ((track.ends[i] as number) - view.from_s) * perSecond;
    const confidence = track.confidences[i] as number;
    const label = track.labels[i] as number;
    const last = Math.min(count, Math.ceil(end - 1e-6));
    for (let column = Math.max(0, Math.floor(start)); column < last; column++) {
      const part = Math.min(end, column + 1) - Math.max(start, column);
      if (part <= 0) continue;
      const at = column * labels + label;
      time[at] = (time[at] as number) + part;
      weight[at] = (weight[at] as number) + part * (LEAST_WEIGHT + confidence);
      covered[column] = (covered[column] as number) + part;
      if (track.drafts[i] === 1) drafts[column] = 1;
      for (let k = 0; k < scored; k++) {
        const to = column * scored + k;
        scores[to] = (scores[to] as number) + part * (track.scores[i * scored + k] as number);
      }
    }
  }
  for (let i = 0; i < scores.length; i++) {
    const part = covered[(i / scored) | 0] as number;
    if (part > 0) scores[i] = (scores[i] as number) / part;
  }
  return { count, scores, drafts, ...strongest(time, weight, count) };
}

function strongest(
  time: Float32Array,
  weight: Float32Array,
  count: number,
): Pick<Columns, "labels" | "confidences"> {
  const labels = new Uint8Array(count).fill(NOTHING);
  const confidences = new Float32Array(count);
  for (let column = 0; column < count; column++) {
    let most = 0;
    for (let k = 0; k < LABELS.length; k++) {
      const at = column * LABELS.length + k;
      const each = weight[at] as number;
      if (each <= most) continue;
      most = each;
      labels[column] = k;
      confidences[column] = Math.max(0, each / (time[at] as number) - LEAST_WEIGHT);
    }
  }
  return { labels, confidences };
}
