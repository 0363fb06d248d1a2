/** Publishes the emotion colours to the style sheet and to canvases, following the reader's colour scheme. */

import type { Label } from "./api-types";
import { COLOURS, LABELS, type Theme } from "./emotions";

const LIGHT = "(prefers-color-scheme: light)";

/** Fires "change" when the scheme changes: canvases then draw again. */
export const themeQuery: MediaQueryList = window.matchMedia(LIGHT);

export function theme(): Theme {
  return themeQuery.matches ? "light" : "dark";
}

export function colour(label: Label, of: Theme = theme()): string {
  return COLOURS[of][label];
}

/** Sets `--anger` and the like on an element and what is in it. */
export function tint(element: HTMLElement, of: Theme): void {
  for (const label of LABELS) {
    element.style.setProperty(`--${label.toLowerCase()}`, colour(label, of));
  }
}

/** Tints the page, now and at each change of scheme. */
export function publishColours(): void {
  const publish = (): void => tint(document.documentElement, theme());
  themeQuery.addEventListener("change", publish);
  publish();
}
