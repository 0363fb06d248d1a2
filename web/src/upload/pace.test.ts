import { expect, test } from "vitest";
import { Pace } from "./pace";

function pace(...samples: readonly (readonly [at_ms: number, sent_bytes: number])[]): Pace {
  const made = new Pace();
  for (const [at_ms, sent_bytes] of samples) made.note(at_ms, sent_bytes);
  return made;
}

test.each([
  [[]],
  [[[0, 0]]],
  [
    [
      [0, 0],
      [300, 900],
    ],
  ],
  [
    [
      [0, 500],
      [2000, 500],
    ],
  ],
] as const)("%j tells nothing yet", (samples) => {
  expect(pace(...samples).bytesPerSecond).toBeUndefined();
  expect(pace(...samples).secondsLeft(1000)).toBeUndefined();
});

test("speed and rest are those of the samples", () => {
  const found = pace([0, 0], [1000, 2000], [2000, 4000]);
  expect(found.bytesPerSecond).toBe(2000);
  expect(found.secondsLeft(9000)).toBe(3);
});

test("what is long past does not count", () => {
  const slow = [
    [0, 0],
    [5000, 10],
  ] as const;
  expect(pace(...slow, [20_000, 20], [22_000, 4020]).bytesPerSecond).toBe(2000);
});

test("what went before a break does not count", () => {
  const found = pace([0, 0], [2000, 4000]);
  found.reset();
  expect(found.bytesPerSecond).toBeUndefined();
});

test("the end is never nought seconds away", () => {
  expect(pace([0, 0], [1000, 1000]).secondsLeft(1000)).toBe(1);
});
