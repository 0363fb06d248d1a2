/** The longest time that each emotion stays. Pure. */

import type { Label, LabelledSpan } from "../api/api-types";
import type { Range } from "../model/ranges";

/** Neighbouring intervals are rounded to milliseconds on the wire. */
const TOUCH_S = 0.002;

/** The first of equally long ones. @param spans sorted by start. */
export function longestStreaks(spans: readonly LabelledSpan[]): ReadonlyMap<Label, Range> {
  const found = new Map<Label, Range>();
  let run: { label: Label; start: number; end: number } | undefined;
  for (const { start, end, emotion } of spans) {
    const goesOn = run?.label === emotion && start - run.end <= TOUCH_S;
    run = { label: emotion, start: goesOn && run !== undefined ? run.start : start, end };
    const best = found.get(emotion);
    if (best === undefined || run.end - run.start > best.end - best.start + TOUCH_S)
      found.set(emotion, { start: run.start, end: run.end });
  }
  return found;
}
