/** Decides, frame by frame, whether to play on, jump or stop. No DOM: times in, decisions out. */

import type { Range } from "../model/ranges";

export type Step =
  | { readonly kind: "play"; readonly roaming: boolean }
  | { readonly kind: "jump"; readonly to_s: number }
  | { readonly kind: "stop" };

/** Decoders report a frame a hair before its nominal time. */
const EDGE_S = 0.004;

/** The range that plays at a time, by binary search. */
export function rangeAt(ranges: readonly Range[], time_s: number): Range | undefined {
  const next = ranges[indexAfter(ranges, time_s)];
  return next !== undefined && next.start <= time_s + EDGE_S ? next : undefined;
}

/** The first range that begins after a time. */
export function rangeAfter(ranges: readonly Range[], time_s: number): Range | undefined {
  return ranges.find(({ start }) => start > time_s + EDGE_S);
}

/** Index of the first range that ends after a time. */
function indexAfter(ranges: readonly Range[], time_s: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const range = ranges[middle];
    if (range !== undefined && range.end <= time_s + EDGE_S) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * What to do with the frame at `time_s`.
 *
 * @param lookahead_s how long until the next frame: a jump is made before the first unwanted frame shows, not after.
 * @param roaming the viewer went into an unchosen part by hand: play it until a chosen range begins.
 */
export function nextStep(
  ranges: readonly Range[],
  time_s: number,
  lookahead_s: number,
  roaming: boolean,
): Step {
  const here = rangeAt(ranges, time_s);
  if (here !== undefined && time_s + lookahead_s < here.end - EDGE_S) {
    return { kind: "play", roaming: false };
  }
  if (here === undefined && roaming) return { kind: "play", roaming: true };
  const from_s = here === undefined ? time_s : here.end;
  const next = ranges[indexAfter(ranges, from_s)];
  return next === undefined ? { kind: "stop" } : { kind: "jump", to_s: next.start };
}

/** Where play begins when pressed at a time: here, at the next chosen range, or again at the first one. */
export function playFrom(
  ranges: readonly Range[],
  time_s: number,
  lookahead_s: number,
  roaming: boolean,
): number | undefined {
  const step = nextStep(ranges, time_s, lookahead_s, roaming);
  if (step.kind === "play") return time_s;
  return step.kind === "jump" ? step.to_s : ranges[0]?.start;
}

/** Loudness factor, 0 to 1, near the end of a range, so that a jump does not click. */
export function fadeOut(ranges: readonly Range[], time_s: number, fade_s: number): number {
  const here = rangeAt(ranges, time_s);
  if (here === undefined) return 1;
  return Math.min(1, Math.max(0, (here.end - time_s) / fade_s));
}
