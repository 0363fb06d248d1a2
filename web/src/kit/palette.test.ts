import { expect, test } from "vitest";
import { COLOURS, LABELS, type Theme } from "../model/emotions";
import { contrast, distance, ink, type Vision } from "./palette";

/** The surface on which bands are drawn: --surface of base.css. */
const SURFACE: Record<Theme, string> = { dark: "#141821", light: "#ffffff" };
/** Four to five times just noticeable; every colour has its label beside it as well. */
const MIN_DISTANCE = 0.085;
/** WCAG 1.4.11 for graphical objects. */
const MIN_CONTRAST = 2.95;
const THEMES: readonly Theme[] = ["dark", "light"];
const VISIONS: readonly Vision[] = ["normal", "protanopia", "deuteranopia"];

test("contrast of black and white is 21", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
});

test.each(THEMES)("every emotion stands out from the %s surface", (theme) => {
  for (const label of LABELS) {
    expect(contrast(COLOURS[theme][label], SURFACE[theme]), label).toBeGreaterThan(MIN_CONTRAST);
  }
});

test.each(THEMES.flatMap((theme) => VISIONS.map((vision) => [theme, vision] as const)))(
  "emotions differ from each other: %s, %s",
  (theme, vision) => {
    const near = LABELS.flatMap((a, i) =>
      LABELS.slice(i + 1)
        .map((b) => ({ a, b, d: distance(COLOURS[theme][a], COLOURS[theme][b], vision) }))
        .filter(({ d }) => d < MIN_DISTANCE),
    );
    expect(near).toEqual([]);
  },
);

test.each(THEMES)("names on bands can be read: %s", (theme) => {
  for (const label of LABELS) {
    const colour = COLOURS[theme][label];
    expect(contrast(ink(colour), colour), label).toBeGreaterThanOrEqual(4.5);
  }
});
