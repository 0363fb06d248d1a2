import { expect, test } from "vitest";
import { interval } from "../model/intervals.fixture";
import { longestStreaks } from "./streaks";

test("each emotion has its longest stretch, the first of equals", () => {
  const labels = ["Happy", "Happy", "Fear", "Happy", "Happy", "Fear", "Fear", "Fear"] as const;
  const found = longestStreaks(labels.map((label, i) => interval(i, label)));
  expect([...found]).toEqual([
    ["Happy", { start: 0, end: 2 }],
    ["Fear", { start: 5, end: 8 }],
  ]);
});

test("a gap ends a stretch", () => {
  const found = longestStreaks([interval(0, "Happy"), interval(5, "Happy"), interval(6, "Happy")]);
  expect(found.get("Happy")).toEqual({ start: 5, end: 7 });
});
