/** What each key does; the help dialog and the listener read the same table. */

import type { Label } from "./api-types";
import { LABELS } from "./emotions";

export type Command =
  | { readonly kind: "toggle-play" | "mute" | "fullscreen" | "help" | "all" }
  | { readonly kind: "seek"; readonly by_s: number }
  | { readonly kind: "volume"; readonly by: number }
  | { readonly kind: "change"; readonly direction: 1 | -1 }
  | { readonly kind: "toggle-emotion" | "all-but"; readonly label: Label };

/** The part of a KeyboardEvent that decides. */
export interface Stroke {
  readonly key: string;
  /** The physical key, for digits that Shift turns into signs. */
  readonly code: string;
  readonly shiftKey: boolean;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  " ": { kind: "toggle-play" },
  k: { kind: "toggle-play" },
  ArrowLeft: { kind: "seek", by_s: -5 },
  ArrowRight: { kind: "seek", by_s: 5 },
  j: { kind: "seek", by_s: -10 },
  l: { kind: "seek", by_s: 10 },
  ArrowUp: { kind: "volume", by: 0.1 },
  ArrowDown: { kind: "volume", by: -0.1 },
  m: { kind: "mute" },
  f: { kind: "fullscreen" },
  n: { kind: "change", direction: 1 },
  p: { kind: "change", direction: -1 },
  "0": { kind: "all" },
  "?": { kind: "help" },
};

export const HELP: readonly (readonly [keys: string, meaning: string])[] = [
  ["Space, K", "Play or pause"],
  ["← →", "5 seconds back or on"],
  ["J L", "10 seconds back or on"],
  ["↑ ↓", "Louder or softer"],
  ["M", "Mute"],
  ["F", "Full screen"],
  ["1 to 8", "Choose an emotion, or leave it out again"],
  ["Shift + 1 to 8", "Everything but that emotion"],
  ["0", "All emotions"],
  ["N P", "Next or previous change of emotion"],
  ["?", "This list"],
];

export function commandOf({ key, code, shiftKey }: Stroke): Command | undefined {
  const digit = /^(?:Digit|Numpad)([1-8])$/.exec(code)?.[1] ?? /^[1-8]$/.exec(key)?.[0];
  const label = digit === undefined ? undefined : LABELS[Number(digit) - 1];
  if (label !== undefined) return { kind: shiftKey ? "all-but" : "toggle-emotion", label };
  return COMMANDS[key.length === 1 ? key.toLowerCase() : key];
}

/** Elements that need the key themselves. */
export function isTaken(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("dialog, select, textarea, [contenteditable]") !== null) return true;
  if (target instanceof HTMLInputElement) return target.type !== "range" || key.startsWith("Arrow");
  return key === " " && target.closest("button, a, summary") !== null;
}
