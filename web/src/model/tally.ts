/** Seconds and share per label, counted from the intervals that have arrived. */

import type { Label, LabelledSpan } from "../api/api-types";
import { LABELS } from "./emotions";

export interface Tally {
  readonly label: Label;
  readonly seconds: number;
  /** Of the time analysed so far, 0 to 1. */
  readonly share: number;
}

/** One entry per label, in the order of LABELS. */
export function tally(spans: readonly LabelledSpan[]): readonly Tally[] {
  const seconds = new Map<Label, number>(LABELS.map((label) => [label, 0]));
  let total = 0;
  for (const { start, end, emotion } of spans) {
    seconds.set(emotion, (seconds.get(emotion) ?? 0) + end - start);
    total += end - start;
  }
  return [...seconds].map(([label, each]) => ({
    label,
    seconds: each,
    share: total > 0 ? each / total : 0,
  }));
}
