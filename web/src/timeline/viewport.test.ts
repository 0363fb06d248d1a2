import { expect, test } from "vitest";
import { following, panned, ticks, toPixels, toSeconds, whole, zoomed } from "./viewport";

const view = { from_s: 10, to_s: 30 };

test("pixels and seconds are inverse inside the view", () => {
  for (const time_s of [10, 12.5, 30])
    expect(toSeconds(toPixels(time_s, view, 500), view, 500)).toBeCloseTo(time_s);
});

test.each([
  [-5, 10],
  [600, 30],
])("a pointer at %d px is clamped to %d s", (x_px, time_s) =>
  expect(toSeconds(x_px, view, 500)).toBe(time_s),
);

test("a view without width maps to its start", () => {
  expect(toSeconds(3, view, 0)).toBe(10);
});

test("zooming leaves the anchor where it is", () => {
  const near = zoomed(view, 0.5, 25, 100);
  expect(near).toEqual({ from_s: 17.5, to_s: 27.5 });
  expect(toPixels(25, near, 400)).toBeCloseTo(toPixels(25, view, 400));
});

test.each([
  [100, { from_s: 0, to_s: 100 }],
  [1e-6, { from_s: 19, to_s: 21 }],
])("zoom by %d stays within the media and above two seconds", (factor, expected) => {
  expect(zoomed(view, factor, 20, 100)).toEqual(expected);
});

test("media shorter than the nearest view are shown whole", () => {
  expect(zoomed(whole(0.8), 0.1, 0.4, 0.8)).toEqual(whole(0.8));
});

test.each([
  [-99, { from_s: 0, to_s: 20 }],
  [99, { from_s: 80, to_s: 100 }],
  [5, { from_s: 15, to_s: 35 }],
])("panned by %d s it stays inside", (by_s, expected) => {
  expect(panned(view, by_s, 100)).toEqual(expected);
});

test("the page turns only when the cursor has left it", () => {
  expect(following(view, 20, 100)).toBe(view);
  expect(following(view, 31, 100)).toEqual({ from_s: 29, to_s: 49 });
  expect(following(view, 9, 100).to_s).toBeGreaterThan(9);
});

test.each([
  [whole(20), 500, [0, 5, 10, 15]],
  [{ from_s: 61, to_s: 64 }, 500, [61, 62, 63]],
  [whole(3600), 500, [0, 600, 1200, 1800, 2400, 3000]],
])("ticks of %j in %d px", (shown, width_px, expected) => {
  expect(ticks(shown, width_px, 70)).toEqual(expected);
});
