/** What a selection leaves to play: merged half-open ranges of seconds. */

import type { Label, LabelledSpan } from "../api/api-types";
import { span } from "../kit/format";
import { texts } from "../texts";
import { admits, isEverything, type Selection } from "./selection";

export interface Range {
  readonly start: number;
  /** Exclusive; Infinity when the range runs to the end of the media, whatever its exact length. */
  readonly end: number;
}

/** Who was seen when. */
export interface Seen {
  readonly id: string;
  readonly intervals: readonly LabelledSpan[];
}

/** Neighbouring intervals are rounded to milliseconds on the wire, so a gap this small is none. */
const TOUCH_S = 0.002;
/** Containers and tracks differ in length by about a frame; a range ending this near the end has no end. */
const TAIL_S = 0.1;

/**
 * Ranges that the selection admits, in order: merged, the short ones dropped, margins added, merged again.
 *
 * @param spans sorted by start, not overlapping; time they do not cover counts as not admitted.
 * @param people asked instead of the spans where the selection names any of them.
 */
export function playableRanges(
  spans: readonly LabelledSpan[],
  people: readonly Seen[],
  selection: Selection,
  duration_s: number,
): readonly Range[] {
  if (isEverything(selection)) return [{ start: 0, end: Infinity }];
  const asked =
    selection.people.length === 0
      ? spans
      : people
          .filter(({ id }) => selection.people.includes(id))
          .flatMap(({ intervals }) => intervals)
          .sort((a, b) => a.start - b.start);
  const { leadIn_s, leadOut_s, shortest_s } = selection;
  const pieces = merged(asked.filter((item) => admits(selection, item)))
    .filter(({ start, end }) => end - start >= shortest_s - TOUCH_S)
    .map(({ start, end }) => ({
      start: Math.max(0, start - leadIn_s),
      end: Math.min(duration_s, end + leadOut_s),
    }));
  return merged(pieces).map(({ start, end }) => ({
    start,
    end: end >= duration_s - TAIL_S ? Infinity : end,
  }));
}

/** Union of ranges sorted by start; those that touch become one. */
export function merged(ranges: readonly Range[]): readonly Range[] {
  const made: { start: number; end: number }[] = [];
  for (const { start, end } of ranges) {
    const last = made.at(-1);
    if (last !== undefined && start - last.end <= TOUCH_S) last.end = Math.max(last.end, end);
    else made.push({ start, end });
  }
  return made;
}

/** What the ranges leave out of a stretch, in order. */
export function gaps(ranges: readonly Range[], from_s: number, to_s: number): readonly Range[] {
  const found: Range[] = [];
  let at_s = from_s;
  for (const { start, end } of ranges) {
    if (start >= to_s) break;
    if (start > at_s) found.push({ start: at_s, end: start });
    at_s = Math.max(at_s, end);
  }
  if (at_s < to_s) found.push({ start: at_s, end: to_s });
  return found;
}

/** Seconds that will play. */
export function totalSeconds(ranges: readonly Range[], duration_s: number): number {
  return ranges.reduce(
    (sum, { start, end }) => sum + Math.max(0, Math.min(end, duration_s) - start),
    0,
  );
}

/** "Skipped Fear, 12 s": what most of the gap is, and why it was left out if not for its label. */
export function describeSkip(
  spans: readonly LabelledSpan[],
  selection: Selection,
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
  const words = texts.player;
  if (first === undefined) return words.skippedLength(length);
  const label = texts.emotions[first[0]];
  if (selection.emotions.includes(first[0])) {
    if (selection.people.length > 0) return words.skippedOthers(label, length);
    if (selection.minConfidence > 0) return words.skippedUnsure(label, length);
    return words.skippedLength(length);
  }
  return others.length === 0 ? words.skipped(label, length) : words.skippedMostly(label, length);
}
