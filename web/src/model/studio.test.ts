import { expect, test } from "vitest";
import type { Analysis } from "../api/api-types";
import { interval } from "./intervals.fixture";
import { EVERYTHING, only } from "./selection";
import type { Session } from "./session";
import { StudioStore } from "./studio";

const analysis = { id: "a", media: { duration: 4 } } as Analysis;

function store(intervals = [interval(0, "Fear", 0.9), interval(1, "Happy", 0.8)]): StudioStore {
  const news = {
    analysis,
    intervals,
    timeline: undefined,
    edits: new Map(),
    corrections: [],
    problem: undefined,
  };
  return new StudioStore(Object.assign(new EventTarget(), news) as unknown as Session, EVERYTHING);
}

test("a choice changes what plays, and is told", () => {
  const made = store();
  let told = 0;
  made.addEventListener("change", () => (told += 1));
  made.choose(only(EVERYTHING, "Happy"));
  expect(made.studio?.ranges).toEqual([{ start: 1, end: 2 }]);
  expect(told).toBe(1);
});

test("rewatching plays the strongest moments until something is chosen", () => {
  const made = store();
  made.rewatch(true);
  expect(made.studio?.rewatching).toBe(true);
  expect(made.studio?.ranges).toEqual([{ start: 0, end: 2 }]);
  made.choose(EVERYTHING);
  expect(made.studio?.ranges).toEqual([{ start: 0, end: Infinity }]);
});

test("what did not change is the same value, so that parts need not draw anew", () => {
  const made = store();
  expect(made.studio?.peaks).toBe(made.studio?.peaks);
  expect(made.studio?.ranges).toBe(made.studio?.ranges);
});
