import { expect, test } from "vitest";
import { points } from "./points";

test.each([
  [0.1, 0.22, "+12"],
  [0.5, 0.2, "−30"],
  [0.3, 0.302, "0"],
])("from %d to %d are %s points", (left, right, text) => {
  expect(points(left, right)).toBe(text);
});
