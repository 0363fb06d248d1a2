import { expect, test } from "vitest";
import type { Correction, Label } from "../api/api-types";
import { stretchAround, withCorrections } from "./corrected";
import { interval } from "./intervals.fixture";

const FILM = (["Happy", "Happy", "Fear"] as const).map((label, i) => interval(i, label));

function correction(start: number, end: number, emotion: Label): Correction {
  return { id: `${start}`, start, end, emotion, created_at: "2026-01-01T00:00:00Z" };
}

test("without corrections the moments are the same value", () => {
  expect(withCorrections(FILM, [])).toBe(FILM);
});

test.each([
  [1, 2, ["0-1 Happy", "1-2 Surprise!", "2-3 Fear"]],
  [0.5, 1.5, ["0-0.5 Happy", "0.5-1 Surprise!", "1-1.5 Surprise!", "1.5-2 Happy", "2-3 Fear"]],
  [0, 9, ["0-1 Surprise!", "1-2 Surprise!", "2-3 Surprise!"]],
  [4, 5, ["0-1 Happy", "1-2 Happy", "2-3 Fear"]],
])("Surprise from %d to %d", (start, end, expected) => {
  const found = withCorrections(FILM, [correction(start, end, "Surprise")]);
  const words = found.map(
    (each) => `${each.start}-${each.end} ${each.emotion}${each.corrected === true ? "!" : ""}`,
  );
  expect(words).toEqual(expected);
});

test("scores stay what the models found, the viewer is certain", () => {
  const [first] = withCorrections(FILM, [correction(0, 1, "Anger")]);
  expect(first).toMatchObject({ confidence: 1, scores: FILM[0]?.scores });
});

test("two corrections of one moment both hold, in any order", () => {
  const both = [correction(0.5, 1, "Anger"), correction(0, 0.5, "Fear")];
  const labels = withCorrections(FILM.slice(0, 1), both).map(({ emotion }) => emotion);
  expect(labels).toEqual(["Fear", "Anger"]);
});

test("a stretch reaches as far as its label", () => {
  expect(stretchAround(FILM, 1)).toEqual({ start: 0, end: 2 });
  expect(stretchAround(FILM, 2)).toEqual({ start: 2, end: 3 });
  expect(stretchAround(FILM, 9)).toBeUndefined();
});
