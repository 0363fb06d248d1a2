import { expect, test } from "vitest";
import type { Box } from "../api/api-types";
import { castOf } from "../model/cast";
import { interval } from "../model/intervals.fixture";
import { crowded, fitted, labelled, placed, sightings } from "./boxes";

const FIRST: Box = [0.1, 0.2, 0.3, 0.6];
const LAST: Box = [0.3, 0.2, 0.5, 0.6];
const moving = { ...interval(2, "Happy", 0.8), first_box: FIRST, last_box: LAST };
const cast = castOf([{ id: "p1", intervals: [moving], thumbnail: null }], new Map(), 10);

test.each([
  [
    { width_px: 800, height_px: 450 },
    { left_px: 0, top_px: 0, width_px: 800, height_px: 450 },
  ],
  [
    { width_px: 800, height_px: 600 },
    { left_px: 0, top_px: 75, width_px: 800, height_px: 450 },
  ],
  [
    { width_px: 1000, height_px: 450 },
    { left_px: 100, top_px: 0, width_px: 800, height_px: 450 },
  ],
])("a 16:9 picture in %j", (stage, expected) => {
  expect(fitted(stage, { width_px: 1920, height_px: 1080 })).toEqual(expected);
});

test("a box moves evenly through its interval", () => {
  expect(sightings(cast, 2)[0]?.box?.[0]).toBeCloseTo(0.1);
  expect(sightings(cast, 2.5)[0]?.box?.[0]).toBeCloseTo(0.2);
  expect(sightings(cast, 1.9)).toEqual([]);
  expect(sightings(cast, 3)).toEqual([]);
});

test("hidden people have no box; people without a known place are still named", () => {
  expect(
    sightings(
      cast.map((each) => ({ ...each, hidden: true })),
      2.5,
    ),
  ).toEqual([]);
  const bare = castOf(
    [{ id: "p1", intervals: [interval(2, "Happy")], thumbnail: null }],
    new Map(),
    10,
  );
  expect(sightings(bare, 2.5).map(({ box }) => box)).toEqual([undefined]);
});

test("a box has a margin and stays on the picture", () => {
  const picture = { left_px: 10, top_px: 0, width_px: 100, height_px: 100 };
  const at = placed([0, 0.5, 0.5, 1], picture);
  expect([at.left_px, at.top_px]).toEqual([10, 44]);
  expect(at.width_px).toBeCloseTo(56);
  expect(at.height_px).toBeCloseTo(56);
});

const STAGE = { width_px: 400, height_px: 200 };
const box = (left_px: number, top_px: number, size_px = 60) => ({
  left_px,
  top_px,
  width_px: size_px,
  height_px: size_px,
});

test.each([
  ["over its box", box(100, 80), { left_px: 80, top_px: 52 }],
  ["under a box at the top", box(100, 10), { left_px: 80, top_px: 75 }],
  ["on a box that fills the stage", box(100, 5, 190), { left_px: 145, top_px: 0 }],
  ["never beyond the left edge", box(0, 80), { left_px: 0, top_px: 52 }],
  ["never beyond the right edge", box(340, 80), { left_px: 300, top_px: 52 }],
])("a label lies %s", (_, face, expected) => {
  expect(labelled(face, 100, STAGE)).toMatchObject(expected);
});

test("in a crowd a label does not fall on the next one", () => {
  expect(labelled(box(100, 10), 62, STAGE, false).top_px).toBe(0);
});

test("labels that lie on each other are told, others not", () => {
  const labels = [box(0, 80), box(70, 80), box(300, 80)].map((each) => labelled(each, 100, STAGE));
  expect(crowded(labels)).toEqual([true, true, false]);
});
