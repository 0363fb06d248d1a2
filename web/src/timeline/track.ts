/** Intervals by column of numbers, made once per piece of news, so that a frame reads no objects. */

import type { LabelledSpan, Scores } from "../api/api-types";
import { LABELS, SCORED } from "../model/emotions";

export interface Track {
  readonly length: number;
  /** Seconds, ascending. */
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Index into LABELS. */
  readonly labels: Uint8Array;
  readonly confidences: Float32Array;
  /** Seven for each interval, in the order of SCORED; zeros where there is no evidence. */
  readonly scores: Float32Array;
  /** 1 where it is a draft. */
  readonly drafts: Uint8Array;
}

interface Scored extends LabelledSpan {
  readonly scores?: Scores | null;
  readonly draft?: true;
}

/** @param spans sorted by start, not overlapping. */
export function trackOf(spans: readonly Scored[]): Track {
  const { length } = spans;
  const made = {
    length,
    starts: new Float64Array(length),
    ends: new Float64Array(length),
    labels: new Uint8Array(length),
    confidences: new Float32Array(length),
    scores: new Float32Array(length * SCORED.length),
    drafts: new Uint8Array(length),
  };
  spans.forEach(({ start, end, emotion, confidence, scores, draft }, i) => {
    made.starts[i] = start;
    made.ends[i] = end;
    made.labels[i] = LABELS.indexOf(emotion);
    made.confidences[i] = confidence;
    made.drafts[i] = draft === true ? 1 : 0;
    if (scores) SCORED.forEach((label, k) => (made.scores[i * SCORED.length + k] = scores[label]));
  });
  return made;
}

/** Index of the first interval that ends after a time; `length` if none does. */
export function firstAfter({ ends, length }: Track, time_s: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ends[middle] ?? Infinity) <= time_s) low = middle + 1;
    else high = middle;
  }
  return low;
}
