/** The visible part of the timeline. Pure: seconds and pixels in, seconds and pixels out. */

export interface Viewport {
  readonly from_s: number;
  /** Greater than `from_s`. */
  readonly to_s: number;
}

/** Nearer is no use: intervals are not shorter than a fifth of a second. */
const LEAST_SPAN_S = 2;

export function whole(duration_s: number): Viewport {
  return { from_s: 0, to_s: duration_s };
}

export function spanOf({ from_s, to_s }: Viewport): number {
  return to_s - from_s;
}

export function isWhole(view: Viewport, duration_s: number): boolean {
  return spanOf(view) >= duration_s - 1e-6;
}

/** The same part moved inside the media, and no longer than it. */
export function within({ from_s, to_s }: Viewport, duration_s: number): Viewport {
  const least_s = Math.min(LEAST_SPAN_S, duration_s);
  const span_s = Math.min(duration_s, Math.max(least_s, to_s - from_s));
  const start_s = Math.min(Math.max(0, from_s), duration_s - span_s);
  return { from_s: start_s, to_s: start_s + span_s };
}

/** Shows `factor` times as much (below 1: nearer), `anchor_s` staying where it is on the screen. */
export function zoomed(
  view: Viewport,
  factor: number,
  anchor_s: number,
  duration_s: number,
): Viewport {
  const least_s = Math.min(LEAST_SPAN_S, duration_s);
  const span_s = Math.min(duration_s, Math.max(least_s, spanOf(view) * factor));
  const share = (anchor_s - view.from_s) / spanOf(view);
  const from_s = anchor_s - share * span_s;
  return within({ from_s, to_s: from_s + span_s }, duration_s);
}

export function panned({ from_s, to_s }: Viewport, by_s: number, duration_s: number): Viewport {
  return within({ from_s: from_s + by_s, to_s: to_s + by_s }, duration_s);
}

/** Turns the page, so to say, when a time has left it; the same value while it has not. */
export function following(view: Viewport, time_s: number, duration_s: number): Viewport {
  if (time_s >= view.from_s && time_s <= view.to_s) return view;
  const span_s = spanOf(view);
  const from_s = time_s - span_s * (time_s < view.from_s ? 0.9 : 0.1);
  return within({ from_s, to_s: from_s + span_s }, duration_s);
}

/** From the left edge; may lie outside the width. */
export function toPixels(time_s: number, view: Viewport, width_px: number): number {
  return ((time_s - view.from_s) / spanOf(view)) * width_px;
}

/** Time under a horizontal position, clamped to what is visible. */
export function toSeconds(x_px: number, view: Viewport, width_px: number): number {
  const share = width_px > 0 ? Math.min(1, Math.max(0, x_px / width_px)) : 0;
  return view.from_s + share * spanOf(view);
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400];

/** Times to write below the track: at a round step that leaves `room_px` for each. */
export function ticks(view: Viewport, width_px: number, room_px: number): readonly number[] {
  const fits = (step_s: number): boolean => (step_s / spanOf(view)) * width_px >= room_px;
  const step_s = STEPS_S.find(fits) ?? STEPS_S.at(-1) ?? 1;
  const first = Math.max(0, Math.ceil(view.from_s / step_s - 1e-9));
  const made: number[] = [];
  for (let i = first; i * step_s < view.to_s - step_s * 0.3; i++) made.push(i * step_s);
  return made;
}
