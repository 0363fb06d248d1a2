import { expect, test } from "vitest";
import { tally } from "./tally";

test("shares are of the time analysed and sum to one", () => {
  const counted = tally([
    { start: 0, end: 1, emotion: "Happy", confidence: 1 },
    { start: 5, end: 8, emotion: "Unsure", confidence: 0 },
  ]);
  expect(counted.filter(({ seconds }) => seconds > 0)).toEqual([
    { label: "Happy", seconds: 1, share: 0.25 },
    { label: "Unsure", seconds: 3, share: 0.75 },
  ]);
});

test("nothing analysed is a share of zero, not NaN", () => {
  expect(tally([]).every(({ share }) => share === 0)).toBe(true);
});
