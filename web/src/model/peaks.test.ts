import { expect, test } from "vitest";
import { interval } from "./intervals.fixture";
import { peaks, rewatchRanges } from "./peaks";

const film = [
  interval(0, "Happy", 0.5),
  interval(1, "Happy", 0.9),
  interval(2, "Neutral", 0.99),
  interval(3, "Fear", 0.8),
  ...Array.from({ length: 17 }, (_, i) => interval(4 + i, "Unsure", 0.95)),
  interval(21, "Anger", 0.6),
];

test("the strongest come first, apart from each other; Neutral and Unsure are none", () => {
  expect(
    peaks(film, 6).map(({ emotion, at_s, confidence }) => [emotion, at_s, confidence]),
  ).toEqual([
    ["Happy", 1.5, 0.9],
    ["Anger", 21.5, 0.6],
  ]);
});

test("no more than asked for", () => {
  expect(peaks(film, 1)).toHaveLength(1);
});

test("to watch them again they play in the order of the film, with room, inside the media", () => {
  expect(rewatchRanges(peaks(film, 6), 22)).toEqual([
    { start: 0, end: 3 },
    { start: 19.5, end: 22 },
  ]);
});

test("a long stretch is played around its strongest moment only", () => {
  const long = Array.from({ length: 60 }, (_, i) => interval(i, "Happy", i === 40 ? 0.9 : 0.5));
  expect(rewatchRanges(peaks(long, 6), 60)).toEqual([{ start: 36, end: 44.5 }]);
});
