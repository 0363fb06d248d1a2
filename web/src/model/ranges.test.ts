import { expect, test } from "vitest";
import type { Label, LabelledSpan } from "../api/api-types";
import {
  EVERYTHING,
  only,
  toggled,
  withMargins,
  withMinConfidence,
  withPerson,
  describe as inWords,
} from "./selection";
import { describeSkip, gaps, playableRanges as ranges, totalSeconds, type Range } from "./ranges";
import { LABELS } from "./emotions";
import type { Selection } from "./selection";

const seconds = (text: string): LabelledSpan[] =>
  [...text].map((letter, i) => ({
    start: i,
    end: i + 1,
    emotion: ({ h: "Happy", f: "Fear", s: "Sadness", u: "Unsure" } as Record<string, Label>)[
      letter
    ]!,
    confidence: letter === "u" ? 0 : 0.5 + i / 20,
  }));
const playableRanges = (
  spans: LabelledSpan[],
  selection: Selection,
  duration_s: number,
): readonly Range[] => ranges(spans, [], selection, duration_s);
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
  ["hfffh", 1, 4, "Skipped Fear, 3 s"],
  ["hfsfh", 1, 4, "Skipped mostly Fear, 3 s"],
  ["hhfff", 0.5, 2, "Skipped 1.5 s"],
  ["", 0, 12, "Skipped 12 s"],
])("skip in %s from %d to %d", (text, from_s, to_s, words) => {
  expect(describeSkip(seconds(text), HAPPY, from_s, to_s)).toBe(words);
});

test("the first toggle of all chooses one, the last returns to all", () => {
  expect(toggled(EVERYTHING, "Fear").emotions).toEqual(["Fear"]);
  expect(toggled(toggled(EVERYTHING, "Fear"), "Fear").emotions).toEqual(EVERYTHING.emotions);
});

test("a filter in words, in the order of the legend", () => {
  expect(inWords(EVERYTHING)).toBe("all emotions");
  expect(inWords(HAPPY)).toBe("Happy");
  expect(inWords(withMinConfidence(HAPPY, 0.6))).toBe("Happy at 60 % or more");
  expect(inWords(toggled(toggled(HAPPY, "Fear"), "Unsure"))).toBe("Fear, Happy and Unsure");
});

test("what was left out for its confidence is said so", () => {
  const sure = withMinConfidence(HAPPY, 0.9);
  expect(describeSkip(seconds("hh"), sure, 0, 2)).toBe("Skipped less certain Happy, 2 s");
});

test("margins are added to each piece, inside the media, and pieces that then touch are one", () => {
  const wide = withMargins(HAPPY, { leadIn_s: 1, leadOut_s: 0.5 });
  expect(playableRanges(seconds("hffhffffhf"), wide, 10)).toEqual([
    { start: 0, end: 1.5 },
    { start: 2, end: 4.5 },
    { start: 7, end: 9.5 },
  ]);
  expect(playableRanges(seconds("fhfhf"), wide, 5)).toEqual([{ start: 0, end: 4.5 }]);
});

test("short pieces are dropped before margins are added", () => {
  const long = withMargins(HAPPY, { leadIn_s: 1, shortest_s: 2 });
  expect(playableRanges(seconds("fhffhhf"), long, 7)).toEqual([{ start: 3, end: 6 }]);
});

test("of people, what one of them shows counts, not the whole", () => {
  const anna = { id: "p1", intervals: seconds("fhh") };
  const ben = { id: "p2", intervals: seconds("hff") };
  const of = (...ids: string[]): readonly Range[] =>
    ranges(
      seconds("ffff"),
      [anna, ben],
      ids.reduce((all, id) => withPerson(all, id, true), HAPPY),
      4,
    );
  expect(of("p1")).toEqual([{ start: 1, end: 3 }]);
  expect(of("p1", "p2")).toEqual([{ start: 0, end: 3 }]);
  expect(of("p3")).toEqual([]);
});

test("gaps are what the ranges leave out", () => {
  const kept = [
    { start: 1, end: 2 },
    { start: 4, end: Infinity },
  ];
  expect(gaps(kept, 0, 9)).toEqual([
    { start: 0, end: 1 },
    { start: 2, end: 4 },
  ]);
  expect(gaps(kept, 1.5, 3)).toEqual([{ start: 2, end: 3 }]);
});

test("of many emotions, those left out are named", () => {
  expect(inWords({ ...EVERYTHING, emotions: LABELS.slice(0, 6) })).toBe(
    "all but Neutral and Unsure",
  );
  expect(inWords({ ...EVERYTHING, emotions: LABELS.slice(0, 3) })).toBe("Anger, Disgust and Fear");
});
