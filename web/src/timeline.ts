/** Pure timeline geometry: seconds and probabilities in, pixels and words out. No DOM. */

import type { Interval, Label, LabelledSpan, ScoredEmotion, Scores } from "./api-types";
import { SCORED } from "./emotions";
import { clock, percent } from "./format";

export interface View {
  /** Length of the media, seconds, greater than zero; the view always begins at zero. */
  readonly duration_s: number;
  readonly width_px: number;
}

/** One bar to draw: pixels from the left, and how strong it is. */
export interface Band {
  readonly x_px: number;
  readonly width_px: number;
  readonly emotion: Label;
  /** 0 to 1. */
  readonly confidence: number;
  /** The time it stands for, so that a filter can be asked. */
  readonly span: LabelledSpan;
}

export function toPixels(time_s: number, view: View): number {
  return (time_s / view.duration_s) * view.width_px;
}

/** Time under a horizontal position, clamped to the media. */
export function toSeconds(x_px: number, view: View): number {
  const fraction = view.width_px > 0 ? x_px / view.width_px : 0;
  return Math.min(1, Math.max(0, fraction)) * view.duration_s;
}

/** Index of the first interval that ends after a time. */
function indexAfter(spans: readonly LabelledSpan[], time_s: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const each = spans[middle];
    if (each !== undefined && each.end <= time_s) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The span playing at a time (half-open); undefined in a gap. */
export function spanAt<S extends LabelledSpan>(spans: readonly S[], time_s: number): S | undefined {
  const found = spans[indexAfter(spans, time_s)];
  return found !== undefined && found.start <= time_s ? found : undefined;
}

/** Sorted union by start time; a later message about the same interval wins. */
export function withIntervals(
  known: readonly Interval[],
  arrived: readonly Interval[],
): readonly Interval[] {
  const byStart = new Map(known.map((each) => [each.start, each]));
  for (const each of arrived) byStart.set(each.start, each);
  return [...byStart.values()].sort((a, b) => a.start - b.start);
}

/** Start of the next (or previous) stretch of another emotion; undefined past the last. */
export function changeFrom(
  spans: readonly LabelledSpan[],
  time_s: number,
  direction: 1 | -1,
): number | undefined {
  const starts = spans
    .filter((each, i) => each.emotion !== spans[i - 1]?.emotion)
    .map((each) => each.start);
  // Going back from within a second of a change means the one before it, as players do with tracks.
  return direction === 1
    ? starts.find((start) => start > time_s + 0.05)
    : starts.findLast((start) => start < time_s - 1);
}

/** Bars for a width: one per interval, or, where intervals are narrower than `min_px`, one per that many pixels. */
export function bands(spans: readonly LabelledSpan[], view: View, min_px: number): readonly Band[] {
  const drawn: Band[] = [];
  for (const each of spans) {
    const x_px = toPixels(each.start, view);
    const band: Band = {
      x_px,
      width_px: toPixels(each.end, view) - x_px,
      emotion: each.emotion,
      confidence: each.confidence,
      span: each,
    };
    const last = drawn.at(-1);
    const column = Math.floor(x_px / min_px);
    if (
      last === undefined ||
      band.width_px >= min_px ||
      Math.floor(last.x_px / min_px) !== column
    ) {
      drawn.push(
        band.width_px >= min_px ? band : { ...band, x_px: column * min_px, width_px: min_px },
      );
    } else if (each.confidence > last.confidence) {
      // The most certain interval speaks for its column, so that short strong moments stay visible.
      drawn[drawn.length - 1] = { ...band, x_px: last.x_px, width_px: last.width_px };
    }
  }
  return drawn;
}

export interface CurvePoint {
  readonly x_px: number;
  /** Upper edge of each emotion's layer, 0 (bottom) to 1 (top), in the order of SCORED. */
  readonly tops: readonly number[];
}

/**
 * Stacked curve: mean scores of `columns` equal stretches of the media; where there is no evidence, or nothing
 * is analysed yet, the stack falls to zero.
 */
export function stack(
  intervals: readonly Interval[],
  view: View,
  columns: number,
): readonly CurvePoint[] {
  const sums = Array.from({ length: columns }, () => ({ count: 0, scores: SCORED.map(() => 0) }));
  for (const each of intervals) {
    const middle = (each.start + each.end) / 2 / view.duration_s;
    const bin = sums[Math.min(columns - 1, Math.floor(middle * columns))];
    if (bin === undefined) continue;
    bin.count += 1;
    bin.scores = bin.scores.map((sum, i) => sum + scoreOf(each.scores, SCORED[i]));
  }
  return sums.map(({ count, scores }, column) => {
    let top = 0;
    return {
      x_px: ((column + 0.5) / columns) * view.width_px,
      tops: scores.map((score) => (top += score / Math.max(1, count))),
    };
  });
}

function scoreOf(scores: Scores | null, name: ScoredEmotion | undefined): number {
  return scores === null || name === undefined ? 0 : scores[name];
}

/** Seconds between ticks: the smallest round step that leaves `room_px` for each label. */
export function tickStep(view: View, room_px: number): number {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
  return steps.find((step) => toPixels(step, view) >= room_px) ?? 14_400;
}

/** "0:42, Happy 81 %", or only the time where nothing is known. */
export function valueText(time_s: number, interval: Interval | undefined): string {
  if (interval === undefined) return `${clock(time_s)}, not analysed yet`;
  const sure = interval.emotion === "Unsure" ? "" : ` ${percent(interval.confidence)}`;
  return `${clock(time_s)}, ${interval.emotion}${sure}`;
}
