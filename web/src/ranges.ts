/** What a filter leaves to play: merged half-open ranges of seconds. */

import type { Label, LabelledSpan } from "./api-types";
import { admits, isEverything, type Filter } from "./filter";
import { span } from "./format";

export interface Range {
  readonly start: number;
  /** Exclusive; Infinity when the range runs to the end of the media, whatever its exact length. */
  readonly end: number;
}

/** Neighbouring intervals are rounded to milliseconds on the wire, so a gap this small is none. */
const TOUCH_S = 0.002;
/** Containers and tracks differ in length by about a frame; a range ending this near the end has no end. */
const TAIL_S = 0.1;

/**
 * Ranges that the filter admits, in order, touching ones merged.
 *
 * @param spans sorted by start, not overlapping; time they do not cover counts as not admitted.
 */
export function playableRanges(
  spans: readonly LabelledSpan[],
  filter: Filter,
  duration_s: number,
): readonly Range[] {
  if (isEverything(filter)) return [{ start: 0, end: Infinity }];
  const merged: { start: number; end: number }[] = [];
  for (const item of spans) {
    if (!admits(filter, item)) continue;
    const last = merged.at(-1);
    if (last !== undefined && item.start - last.end <= TOUCH_S) last.end = item.end;
    else merged.push({ start: item.start, end: item.end });
  }
  const last = merged.at(-1);
  if (last !== undefined && last.end >= duration_s - TAIL_S) last.end = Infinity;
  return merged;
}

/** Seconds that will play. */
export function totalSeconds(ranges: readonly Range[], duration_s: number): number {
  return ranges.reduce(
    (sum, { start, end }) => sum + Math.max(0, Math.min(end, duration_s) - start),
    0,
  );
}

/** "Skipped 12 s of Fear"; what most of the gap is, or "low confidence" if the label itself was chosen. */
export function describeSkip(
  spans: readonly LabelledSpan[],
  filter: Filter,
  from_s: number,
  to_s: number,
): string {
  const seconds = new Map<Label, number>();
  for (const { start, end, emotion } of spans) {
    const overlap = Math.min(end, to_s) - Math.max(start, from_s);
    if (overlap > TOUCH_S) seconds.set(emotion, (seconds.get(emotion) ?? 0) + overlap);
  }
  const [first, ...others] = [...seconds].sort((a, b) => b[1] - a[1]);
  const length = span(to_s - from_s);
  if (first === undefined) return `Skipped ${length}`;
  if (filter.chosen.includes(first[0])) return `Skipped ${length} of less certain ${first[0]}`;
  return others.length === 0
    ? `Skipped ${length} of ${first[0]}`
    : `Skipped ${length}, mostly ${first[0]}`;
}
