import { expect, test } from "vitest";
import { fadeOut, nextStep, playFrom, rangeAt } from "./skip";

const RANGES = [
  { start: 2, end: 4 },
  { start: 6, end: 8 },
];
const FRAME_S = 0.04;
const PLAY = { kind: "play", roaming: false };
const ROAM = { kind: "play", roaming: true };
const STOP = { kind: "stop" };
const jump = (to_s: number): object => ({ kind: "jump", to_s });

test.each([
  ["before the first range", 0, false, jump(2)],
  ["at its start", 2, false, PLAY],
  ["a hair before its start", 1.998, false, PLAY],
  ["inside", 3, false, PLAY],
  ["on the last frame but one", 3.92, false, PLAY],
  ["on the last frame, before the unwanted one shows", 3.97, false, jump(6)],
  ["at the exclusive end", 4, false, jump(6)],
  ["between", 5, false, jump(6)],
  ["on the last frame of the last range", 7.97, false, STOP],
  ["after the last range", 9, false, STOP],
  ["roaming between", 5, true, ROAM],
  ["roaming after the last range", 9, true, ROAM],
  ["roaming into a range ends roaming", 6.5, true, PLAY],
  ["roaming, then leaving a range", 3.97, true, jump(6)],
])("%s", (_, time_s, roaming, step) => {
  expect(nextStep(RANGES, time_s, FRAME_S, roaming)).toEqual(step);
});

test("with no range at all, playback stops", () => {
  expect(nextStep([], 1, FRAME_S, false)).toEqual(STOP);
});

test("an endless range never stops", () => {
  expect(nextStep([{ start: 2, end: Infinity }], 1e6, FRAME_S, false)).toEqual(PLAY);
});

test.each([
  [0, false, 2],
  [3, false, 3],
  [5, false, 6],
  [5, true, 5],
  [7.97, false, 2],
])("play pressed at %d (roaming %s) begins at %d", (time_s, roaming, begin_s) => {
  expect(playFrom(RANGES, time_s, FRAME_S, roaming)).toBe(begin_s);
});

test("there is nowhere to begin without ranges", () => {
  expect(playFrom([], 1, FRAME_S, false)).toBeUndefined();
});

test("playing every frame of the clip shows no frame outside the ranges", () => {
  const shown: number[] = [];
  let time_s = 0;
  for (let frame = 0; frame < 1000; frame++) {
    const step = nextStep(RANGES, time_s, FRAME_S, false);
    if (step.kind === "stop") break;
    if (step.kind === "play") shown.push(time_s);
    time_s = step.kind === "jump" ? step.to_s : time_s + FRAME_S;
  }
  expect(shown.filter((at) => rangeAt(RANGES, at) === undefined)).toEqual([]);
  expect(shown.length).toBeGreaterThan(90);
});

test.each([
  [3, 1],
  [3.95, 0.5],
  [5, 1],
])("loudness at %d is %d", (time_s, gain) => {
  expect(fadeOut(RANGES, time_s, 0.1)).toBeCloseTo(gain);
});
