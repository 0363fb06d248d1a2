/** Zooming and moving the timeline by wheel and by two fingers. */

import type { Scope } from "../kit/scope";

export interface Moves {
  /** Shows `factor` times as much around a position. */
  zoom(factor: number, x_px: number): void;
  /** Moves what is visible by pixels; positive shows what is later. */
  pan(by_px: number): void;
}

/** Of one notch of a wheel (100 px), about a quarter. */
const ZOOM_PER_PX = 0.0028;
/** Browsers tell in lines or pages where the wheel does not tell in pixels. */
const UNIT_PX = [1, 16, 400] as const;

/**
 * Ctrl (or a pinch on a touchpad) with the wheel zooms, and so does the wheel alone once the track has the focus;
 * Shift or a sideways wheel moves. Otherwise the wheel stays the page's.
 */
export function wheel(scope: Scope, track: HTMLElement, moves: Moves): void {
  const handle = (event: WheelEvent): void => {
    const unit = UNIT_PX[event.deltaMode] ?? 1;
    const [across, down] = [event.deltaX * unit, event.deltaY * unit];
    const isSideways = Math.abs(across) > Math.abs(down);
    if (isSideways || event.shiftKey) moves.pan(isSideways ? across : down);
    else if (event.ctrlKey || event.metaKey || track.matches(":focus-within")) {
      moves.zoom(Math.exp(down * ZOOM_PER_PX), event.clientX - track.getBoundingClientRect().left);
    } else return;
    event.preventDefault();
  };
  scope.listen(track, "wheel", handle, { passive: false });
}

/** Two fingers zoom around their middle and move with it. @returns whether two are down. */
export function pinch(scope: Scope, track: HTMLElement, moves: Moves): () => boolean {
  const fingers = new Map<number, number>();
  const spread = (): { readonly middle: number; readonly apart: number } => {
    const [a = 0, b = 0] = fingers.values();
    return { middle: (a + b) / 2, apart: Math.max(24, Math.abs(a - b)) };
  };
  const at = (event: PointerEvent): number => event.clientX - track.getBoundingClientRect().left;
  scope.listen<PointerEvent>(track, "pointerdown", (event) => {
    if (event.pointerType === "touch") fingers.set(event.pointerId, at(event));
  });
  scope.listen<PointerEvent>(track, "pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = spread();
    fingers.set(event.pointerId, at(event));
    if (fingers.size !== 2) return;
    const { middle, apart } = spread();
    moves.pan(before.middle - middle);
    moves.zoom(before.apart / apart, middle);
  });
  for (const type of ["pointerup", "pointercancel"])
    scope.listen<PointerEvent>(track, type, ({ pointerId }) => void fingers.delete(pointerId));
  return () => fingers.size > 1;
}
