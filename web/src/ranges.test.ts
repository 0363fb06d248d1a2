import { expect, test } from "vitest";
import type { Label, LabelledSpan } from "./api-types";
import { EVERYTHING, only, toggled, withMinConfidence, describe as inWords } from "./filter";
import { describeSkip, playableRanges, totalSeconds } from "./ranges";

const seconds = (text: string): LabelledSpan[] =>
  [...text].map((letter, i) => ({
    start: i,
    end: i + 1,
    emotion: ({ h: "Happy", f: "Fear", s: "Sadness", u: "Unsure" } as Record<string, Label>)[
      letter
    ]!,
    confidence: letter === "u" ? 0 : 0.5 + i / 20,
  }));
const HAPPY = only(EVERYTHING, "Happy");

test.each([
  ["hhff", [{ start: 0, end: 2 }]],
  ["fhhf", [{ start: 1, end: 3 }]],
  [
    "hfhf",
    [
      { start: 0, end: 1 },
      { start: 2, end: 3 },
    ],
  ],
  ["ffhh", [{ start: 2, end: Infinity }]],
  ["ffff", []],
  ["", []],
])("Happy in %s", (text, ranges) => {
  expect(playableRanges(seconds(text), HAPPY, text.length)).toEqual(ranges);
});

test("with nothing filtered, everything plays, analysed or not", () => {
  expect(playableRanges([], EVERYTHING, 9)).toEqual([{ start: 0, end: Infinity }]);
});

test("two chosen neighbours merge", () => {
  expect(playableRanges(seconds("fhsf"), toggled(HAPPY, "Sadness"), 4)).toEqual([
    { start: 1, end: 3 },
  ]);
});

test("time not analysed yet is not chosen", () => {
  const [first, , third] = seconds("hhh");
  expect(playableRanges([first!, third!], HAPPY, 9)).toEqual([
    { start: 0, end: 1 },
    { start: 2, end: 3 },
  ]);
});

test("confidence below the floor is left out", () => {
  expect(playableRanges(seconds("hhhf"), withMinConfidence(HAPPY, 0.55), 4)).toEqual([
    { start: 1, end: 3 },
  ]);
});

test("a range ends with the media, not after it", () => {
  expect(totalSeconds(playableRanges(seconds("hfh"), HAPPY, 2.96), 2.96)).toBeCloseTo(1.96);
});

test.each([
  ["hfffh", 1, 4, "Skipped 3 s of Fear"],
  ["hfsfh", 1, 4, "Skipped 3 s, mostly Fear"],
  ["hhfff", 0.5, 2, "Skipped 1.5 s of less certain Happy"],
  ["", 0, 12, "Skipped 12 s"],
])("skip in %s from %d to %d", (text, from_s, to_s, words) => {
  expect(describeSkip(seconds(text), HAPPY, from_s, to_s)).toBe(words);
});

test("the first toggle of all chooses one, the last returns to all", () => {
  expect(toggled(EVERYTHING, "Fear").chosen).toEqual(["Fear"]);
  expect(toggled(toggled(EVERYTHING, "Fear"), "Fear").chosen).toEqual(EVERYTHING.chosen);
});

test("a filter in words, in the order of the legend", () => {
  expect(inWords(EVERYTHING)).toBe("all emotions");
  expect(inWords(HAPPY)).toBe("Happy");
  expect(inWords(withMinConfidence(HAPPY, 0.6))).toBe("Happy at 60 % or more");
  expect(inWords(toggled(toggled(HAPPY, "Fear"), "Unsure"))).toBe("Fear, Happy and Unsure");
});
