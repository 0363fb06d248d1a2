/** The vocabulary of the page: labels in their fixed order, with one colour each per theme. */

import type { Interval, Label, ScoredEmotion } from "../api/api-types";
import { texts } from "../texts";

export const SCORED: readonly ScoredEmotion[] = [
  "Anger",
  "Disgust",
  "Fear",
  "Happy",
  "Sadness",
  "Surprise",
  "Neutral",
];

/** Keys 1 to 8 toggle these, in this order. */
export const LABELS: readonly Label[] = [...SCORED, "Unsure"];

export type Theme = "dark" | "light";

/**
 * After Okabe and Ito's palette for colour-blind readers, moved in lightness so that each stands out from
 * the page (3:1) and from every other under simulated protanopia and deuteranopia; palette.test.ts checks it.
 */
export const COLOURS: Readonly<Record<Theme, Readonly<Record<Label, string>>>> = {
  dark: {
    Anger: "#e8561f",
    Disgust: "#09a375",
    Fear: "#bd95ff",
    Happy: "#ffd23f",
    Sadness: "#4378e8",
    Surprise: "#89f2ff",
    Neutral: "#aab2c0",
    Unsure: "#606877",
  },
  light: {
    Anger: "#c01600",
    Disgust: "#007a58",
    Fear: "#e045d0",
    Happy: "#c37d0e",
    Sadness: "#1f46b8",
    Surprise: "#0c90f3",
    Neutral: "#495262",
    Unsure: "#7c8492",
  },
};

/** What a label rests on, in words. */
export function evidenceText({
  emotion,
  evidence,
  corrected,
}: Interval & { readonly corrected?: true }): string {
  if (corrected === true) return texts.corrections.corrected;
  return texts.evidence[emotion === "Unsure" ? "unclear" : "decided"][evidence];
}
