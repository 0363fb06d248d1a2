/** What each key does; `texts.help` says it in words, and a test compares the two. */

import type { Label } from "../api/api-types";
import { LABELS } from "../model/emotions";

export type Command =
  | { readonly kind: "toggle-play" | "mute" | "fullscreen" | "help" | "all" | "boxes" | "rewatch" }
  | { readonly kind: "seek"; readonly by_s: number }
  | { readonly kind: "zoom"; readonly factor: number }
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
  b: { kind: "boxes" },
  r: { kind: "rewatch" },
  "+": { kind: "zoom", factor: 0.5 },
  // The same key without Shift on many keyboards.
  "=": { kind: "zoom", factor: 0.5 },
  "-": { kind: "zoom", factor: 2 },
  "0": { kind: "all" },
  "?": { kind: "help" },
};

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
