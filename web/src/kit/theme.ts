/** Publishes the emotion colours to the style sheet and to canvases, in the reader's scheme or a chosen one. */

import type { Label } from "../api/api-types";
import { COLOURS, LABELS, type Theme } from "../model/emotions";

export type { Theme };
export type Choice = Theme | "auto";

const LIGHT = window.matchMedia("(prefers-color-scheme: light)");
const KEY = "emotionmap-theme";
/** --raised of base.css, half over --surface: behind the timeline. */
const SURFACES: Readonly<Record<Theme, string>> = { dark: "#181d27", light: "#f6f7fa" };

/** Fires "change" when the scheme changes: canvases then draw again. */
export const themeNews = new EventTarget();

let choice: Choice = "auto";

export function theme(): Theme {
  if (choice !== "auto") return choice;
  return LIGHT.matches ? "light" : "dark";
}

export function themeChoice(): Choice {
  return choice;
}

export function chooseTheme(next: Choice): void {
  choice = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Storage may be forbidden; the choice then holds until the page is left.
  }
  publish();
}

/** For a while, without being kept; returns what gives the viewer's own back. */
export function withTheme(passing: Theme): () => void {
  const before = choice;
  choice = passing;
  publish();
  return () => {
    if (choice !== passing) return;
    choice = before;
    publish();
  };
}

/** On paper all is light, whoever asks the browser to print. */
function lightenPaper(): void {
  window.addEventListener("beforeprint", () => {
    if (theme() === "light") return;
    window.addEventListener("afterprint", withTheme("light"), { once: true });
  });
}

/** Tints an element of a foreign page, now and at each change of the reader's scheme. */
export function followScheme(element: HTMLElement): () => void {
  const follow = (): void => {
    tint(element, theme());
    themeNews.dispatchEvent(new Event("change"));
  };
  LIGHT.addEventListener("change", follow);
  follow();
  return () => LIGHT.removeEventListener("change", follow);
}

export function colour(label: Label, of: Theme = theme()): string {
  return COLOURS[of][label];
}

export function surface(of: Theme = theme()): string {
  return SURFACES[of];
}

/** Sets `--anger` and the like on an element and what is in it. */
export function tint(element: HTMLElement, of: Theme): void {
  for (const label of LABELS) {
    element.style.setProperty(`--${label.toLowerCase()}`, colour(label, of));
  }
}

/** Tints the page, now and at each change of scheme. */
export function publishColours(): void {
  try {
    const kept = localStorage.getItem(KEY);
    if (kept === "dark" || kept === "light") choice = kept;
  } catch {
    // As above.
  }
  LIGHT.addEventListener("change", publish);
  lightenPaper();
  publish();
}

function publish(): void {
  const root = document.documentElement;
  if (choice === "auto") delete root.dataset["theme"];
  else root.dataset["theme"] = choice;
  tint(root, theme());
  themeNews.dispatchEvent(new Event("change"));
}
