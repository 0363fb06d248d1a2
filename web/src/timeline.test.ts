import { expect, test } from "vitest";
import type { Interval, Label } from "./api-types";
import {
  bands,
  changeFrom,
  spanAt,
  stack,
  tickStep,
  toPixels,
  toSeconds,
  valueText,
  withIntervals,
} from "./timeline";

const view = { duration_s: 20, width_px: 500 };
const NO_SCORES = { Anger: 0, Disgust: 0, Fear: 0, Happy: 0, Sadness: 0, Surprise: 0, Neutral: 0 };

function interval(start: number, emotion: Label, confidence = 0.5): Interval {
  return {
    start,
    end: start + 1,
    emotion,
    confidence,
    evidence: "face",
    scores: emotion === "Unsure" ? null : { ...NO_SCORES, [emotion]: 1 },
    face: { frames: 15, faces: 15, quality: 1, scores: null },
    voice: { speech: 0, scores: null },
  };
}

test("pixels and seconds are inverse inside the view", () => {
  for (const time_s of [0, 12.5, 20])
    expect(toSeconds(toPixels(time_s, view), view)).toBeCloseTo(time_s);
});

test.each([
  [-5, 0],
  [600, 20],
])("a pointer at %d px is clamped to %d s", (x_px, time_s) =>
  expect(toSeconds(x_px, view)).toBe(time_s),
);

test("a view without width maps to zero", () => {
  expect(toSeconds(3, { duration_s: 20, width_px: 0 })).toBe(0);
});

test("spans are half-open", () => {
  const spans = [interval(0, "Happy"), interval(2, "Fear")];
  expect([0, 0.99, 1, 2, 3].map((at) => spanAt(spans, at)?.emotion)).toEqual([
    "Happy",
    "Happy",
    undefined,
    "Fear",
    undefined,
  ]);
});

test("intervals that arrive in any order end up in order, the later word winning", () => {
  const late = withIntervals([interval(2, "Fear")], [interval(0, "Happy"), interval(2, "Anger")]);
  expect(late.map(({ start, emotion }) => [start, emotion])).toEqual([
    [0, "Happy"],
    [2, "Anger"],
  ]);
});

test.each([
  [0, 1, 2],
  [2, 1, 3],
  [3, 1, undefined],
  [3.5, -1, 2],
  [2.5, -1, 0],
  [0.5, -1, undefined],
] as const)("emotion change from %d in direction %d is %s", (time_s, direction, expected) => {
  const spans = [
    interval(0, "Happy"),
    interval(1, "Happy"),
    interval(2, "Fear"),
    interval(3, "Happy"),
  ];
  expect(changeFrom(spans, time_s, direction)).toBe(expected);
});

test("one band per interval when there is room", () => {
  const drawn = bands([interval(0, "Happy"), interval(1, "Fear")], view, 2);
  expect(drawn.map(({ x_px, width_px }) => [x_px, width_px])).toEqual([
    [0, 25],
    [25, 25],
  ]);
});

test("crowded intervals share a column, the most certain one speaking", () => {
  const many = Array.from({ length: 1000 }, (_, i) =>
    interval(i, i === 501 ? "Fear" : "Neutral", i === 501 ? 0.9 : 0.4),
  );
  const drawn = bands(many, { duration_s: 1000, width_px: 100 }, 2);
  expect(drawn).toHaveLength(50);
  expect(drawn.find(({ emotion }) => emotion === "Fear")).toMatchObject({ x_px: 50, width_px: 2 });
});

test("the curve stacks to one where there is evidence, to zero where there is none", () => {
  const points = stack(
    [interval(0, "Happy"), interval(1, "Unsure")],
    { duration_s: 2, width_px: 100 },
    2,
  );
  expect(points.map(({ x_px, tops }) => [x_px, tops.at(-1)])).toEqual([
    [25, 1],
    [75, 0],
  ]);
});

test("the curve is zero where nothing is analysed yet", () => {
  const points = stack([interval(1, "Fear")], { duration_s: 3, width_px: 30 }, 3);
  expect(points.map(({ tops }) => tops.at(-1))).toEqual([0, 1, 0]);
});

test("the curve has the asked number of points, each a mean", () => {
  const pair = [
    interval(0, "Happy"),
    interval(1, "Anger"),
    interval(2, "Anger"),
    interval(3, "Anger"),
  ];
  const points = stack(pair, { duration_s: 4, width_px: 100 }, 2);
  expect(points.map(({ tops }) => tops[0])).toEqual([0.5, 1]);
});

test.each([
  [20, 500, 5],
  [3600, 500, 600],
  [200_000, 100, 14_400],
])("ticks for %d s in %d px every %d s", (duration_s, width_px, step) => {
  expect(tickStep({ duration_s, width_px }, 70)).toBe(step);
});

test.each([
  [42.7, interval(42, "Happy", 0.812), "0:42, Happy 81 %"],
  [0, interval(0, "Unsure", 0.2), "0:00, Unsure"],
  [5, undefined, "0:05, not analysed yet"],
])("the value at %d in words", (time_s, found, words) => {
  expect(valueText(time_s, found)).toBe(words);
});
