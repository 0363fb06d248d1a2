/** Pointing and dragging along a horizontal track. */

import type { Scope } from "./scope";

/**
 * Calls back with pixels from the track's left edge; `pressed` while the primary button or a finger is down, also
 * beyond the edges.
 */
export function scrub(
  scope: Scope,
  track: HTMLElement,
  at: (x_px: number, pressed: boolean) => void,
): void {
  const tell = ({ clientX, pointerId }: PointerEvent): void =>
    at(clientX - track.getBoundingClientRect().left, track.hasPointerCapture(pointerId));
  scope.listen<PointerEvent>(track, "pointerdown", (event) => {
    if (event.button !== 0) return;
    track.setPointerCapture(event.pointerId);
    tell(event);
  });
  scope.listen<PointerEvent>(track, "pointermove", tell);
}
