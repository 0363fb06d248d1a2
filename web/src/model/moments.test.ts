import { expect, test } from "vitest";
import { interval } from "./intervals.fixture";
import {
  changeFrom,
  evidencePart,
  momentAt,
  spanAt,
  spokenText,
  valueText,
  withDraft,
  withIntervals,
} from "./moments";

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

test("the draft stands only where nothing exact has arrived, cut to the gaps", () => {
  const coarse = [
    { ...interval(0, "Fear"), end: 4 },
    { ...interval(4, "Anger"), end: 6 },
  ];
  const exact = [
    interval(1, "Happy"),
    interval(2, "Happy"),
    interval(4, "Happy"),
    interval(5, "Happy"),
  ];
  const shown = withDraft(exact, coarse).map(({ start, end, emotion, draft }) => [
    start,
    end,
    emotion,
    draft ?? false,
  ]);
  expect(shown).toEqual([
    [0, 1, "Fear", true],
    [1, 2, "Happy", false],
    [2, 3, "Happy", false],
    [3, 4, "Fear", true],
    [4, 5, "Happy", false],
    [5, 6, "Happy", false],
  ]);
});

test.each([
  [42.7, interval(42, "Happy", 0.812), "0:42, Happy 81 %, from the face"],
  [0, interval(0, "Unsure", 0.2), "0:00, Unsure, the face is unclear"],
  [
    3,
    { ...interval(3, "Fear", 0.4), draft: true as const },
    "0:03, Fear 40 %, draft, from the face",
  ],
  [5, undefined, "0:05, not analysed yet"],
])("the value at %d in words", (time_s, found, words) => {
  expect(valueText(time_s, found)).toBe(words);
});

test("face and voice tell what each shows, and how often there was any", () => {
  const { scores } = interval(0, "Fear");
  const moment = { ...interval(0, "Fear"), face: { frames: 15, faces: 9, quality: 1, scores } };
  expect(evidencePart(moment, "face")).toBe("Fear 100 %, 60 % of the time");
  expect(evidencePart(moment, "voice")).toBe("no speech");
});

test("who hears is told what face and voice say each", () => {
  const moment = interval(0, "Happy", 0.8);
  const said = spokenText(0, moment);
  expect(said.startsWith(`${valueText(0, moment)}, Face: `)).toBe(true);
  expect(said).toContain(evidencePart(moment, "face"));
  expect(said).toContain(`Voice: ${evidencePart(moment, "voice")}`);
  expect(spokenText(0, undefined)).toBe(valueText(0, undefined));
});

test("at the very end of a film, what was last is still seen", () => {
  const intervals = [interval(0, "Happy"), interval(1, "Fear")];
  expect(momentAt({ intervals, duration_s: 2 }, 2)?.emotion).toBe("Fear");
  expect(momentAt({ intervals, duration_s: 2 }, 2.04)?.emotion).toBe("Fear");
  expect(momentAt({ intervals, duration_s: 3 }, 2.5)).toBeUndefined();
});
