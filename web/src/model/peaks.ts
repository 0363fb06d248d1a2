/** The strongest moments of a timeline, to be watched again. */

import type { Label, LabelledSpan } from "../api/api-types";
import type { Range } from "./ranges";
import { merged } from "./ranges";

export interface Peak {
  readonly emotion: Label;
  readonly confidence: number;
  /** The stretch of that emotion in which it is strongest. */
  readonly start: number;
  readonly end: number;
  /** Middle of its strongest interval. */
  readonly at_s: number;
}

/** Moments nearer than this are one to a viewer. */
const APART_S = 5;
/** Around each one, so that one sees what led there. */
const LEAD_IN_S = 1.5;
const LEAD_OUT_S = 1;
/** A long stretch is shown around its strongest interval only. */
const LONGEST_S = 6;

/**
 * The most certain moments, strongest first, apart from each other; Neutral and Unsure are none.
 *
 * @param spans sorted by start, not overlapping.
 */
export function peaks(spans: readonly LabelledSpan[], most: number): readonly Peak[] {
  const chosen: Peak[] = [];
  for (const peak of stretches(spans).sort((a, b) => b.confidence - a.confidence)) {
    if (chosen.length === most) break;
    if (chosen.every(({ at_s }) => Math.abs(at_s - peak.at_s) >= APART_S)) chosen.push(peak);
  }
  return chosen;
}

function stretches(spans: readonly LabelledSpan[]): Peak[] {
  const found: Peak[] = [];
  let before: LabelledSpan | undefined;
  for (const span of spans) {
    const { start, end, emotion, confidence } = span;
    const isOne = emotion !== "Neutral" && emotion !== "Unsure";
    const last = found.at(-1);
    if (isOne && last !== undefined && before?.emotion === emotion && last.end >= start - 0.002) {
      const isStronger = confidence > last.confidence;
      const at_s = isStronger ? (start + end) / 2 : last.at_s;
      const top = Math.max(confidence, last.confidence);
      found[found.length - 1] = { ...last, end, at_s, confidence: top };
    } else if (isOne) found.push({ emotion, confidence, start, end, at_s: (start + end) / 2 });
    before = span;
  }
  return found;
}

/** What to play to see them again, in the order of the film. */
export function rewatchRanges(found: readonly Peak[], duration_s: number): readonly Range[] {
  const pieces = found
    .map(({ start, end, at_s }) => ({
      start: Math.max(0, Math.max(start, at_s - LONGEST_S / 2) - LEAD_IN_S),
      end: Math.min(duration_s, Math.min(end, at_s + LONGEST_S / 2) + LEAD_OUT_S),
    }))
    .sort((a, b) => a.start - b.start);
  return merged(pieces);
}
