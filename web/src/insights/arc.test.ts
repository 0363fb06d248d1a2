import { expect, test } from "vitest";
import { interval } from "../model/intervals.fixture";
import { arcOf, arcPath, arcWidth, signed, summaryOf, valence } from "./arc";

const at = (start: number, emotion: Parameters<typeof interval>[1]) => interval(start, emotion);

test.each([
  ["Happy", 1],
  ["Fear", -1],
  ["Surprise", 0],
  ["Neutral", 0],
] as const)("%s alone counts %d", (emotion, value) => {
  const { scores } = at(0, emotion);
  expect(scores === null ? undefined : valence(scores)).toBe(value);
});

test("the arc goes from pleasant to unpleasant with the film", () => {
  const spans = Array.from({ length: 100 }, (_, i) => at(i, i < 50 ? "Happy" : "Sadness"));
  const arc = arcOf(spans, 100, 10);
  expect(arc[0]).toBeCloseTo(1);
  expect(arc[9]).toBeCloseTo(-1);
  expect(Math.abs((arc[4] ?? 0) + (arc[5] ?? 0))).toBeLessThan(0.01);
});

test("where nothing is seen or heard, there is no line", () => {
  const spans = Array.from({ length: 60 }, (_, i) => at(i, i < 30 ? "Happy" : "Unsure"));
  const arc = arcOf(spans, 60, 6);
  expect(arc[0]).toBe(1);
  expect(arc[5]).toBeUndefined();
});

test.each([
  [10, 2],
  [5400, 216],
])("over %d s it is smoothed over %d s", (duration_s, width_s) => {
  expect(arcWidth(duration_s)).toBe(width_s);
});

test("a gap begins a new line", () => {
  expect(arcPath([1, 0, undefined, -1], 8, 4)).toBe("M1.0 0.0L3.0 2.0M7.0 4.0");
});

test("lowest, highest, last and mean are those of the line", () => {
  expect(summaryOf([0, 1, undefined, -0.5, undefined])).toEqual({
    low: -0.5,
    high: 1,
    end: -0.5,
    mean: 0.5 / 3,
  });
  expect(summaryOf([undefined])).toBeUndefined();
});

test.each([
  [0.44, "+0.4"],
  [-0.26, "−0.3"],
  [0.04, "0"],
])("%d is %s", (value, text) => expect(signed(value)).toBe(text));
