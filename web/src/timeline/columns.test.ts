import { expect, test } from "vitest";
import type { Interval } from "../api/api-types";
import { LABELS, SCORED } from "../model/emotions";
import { interval } from "../model/intervals.fixture";
import { decimate, NOTHING, type Columns } from "./columns";
import { trackOf } from "./track";
import { whole } from "./viewport";

const label = (columns: Columns, i: number): string | undefined =>
  LABELS[columns.labels[i] ?? NOTHING];
const total = ({ scores }: Columns, column: number): number =>
  SCORED.reduce((sum, _, k) => sum + (scores[column * SCORED.length + k] ?? 0), 0);
const hours = (count: number): Interval[] =>
  Array.from({ length: count }, (_, i) => interval(i, LABELS[i % 8] ?? "Unsure", 0.4));

test("one interval fills all columns that it covers", () => {
  const columns = decimate(trackOf([interval(0, "Happy"), interval(1, "Fear")]), whole(2), 8);
  expect([...columns.labels].map((_, i) => label(columns, i)).join(" ")).toBe(
    "Happy Happy Happy Happy Fear Fear Fear Fear",
  );
  expect(columns.confidences[0]).toBeCloseTo(0.5);
});

test("crowded intervals share a column: most certainty wins, scores are means", () => {
  const two = [interval(0, "Neutral", 0.3), interval(1, "Neutral", 0.3), interval(2, "Fear", 0.9)];
  const columns = decimate(trackOf(two), whole(3), 1);
  expect(label(columns, 0)).toBe("Fear");
  expect(columns.confidences[0]).toBeCloseTo(0.9);
  expect(columns.scores[SCORED.indexOf("Neutral")]).toBeCloseTo(2 / 3);
  expect(total(columns, 0)).toBeCloseTo(1);
});

test("Unsure without any confidence still fills its column", () => {
  const columns = decimate(trackOf([interval(0, "Unsure", 0)]), whole(1), 2);
  expect([label(columns, 0), total(columns, 0)]).toEqual(["Unsure", 0]);
});

test("where nothing has arrived there is nothing", () => {
  const columns = decimate(trackOf([interval(1, "Fear")]), whole(3), 3);
  expect([...columns.labels]).toEqual([NOTHING, LABELS.indexOf("Fear"), NOTHING]);
});

test("only what is visible is read", () => {
  const columns = decimate(trackOf(hours(100)), { from_s: 40, to_s: 42 }, 2);
  expect([label(columns, 0), label(columns, 1)]).toEqual([LABELS[0], LABELS[1]]);
});

test("a column with any draft is a draft", () => {
  const draft = [interval(0, "Fear"), { ...interval(1, "Fear"), draft: true as const }];
  expect([...decimate(trackOf(draft), whole(2), 2).drafts]).toEqual([0, 1]);
});

test("three hours are decimated to a wide screen within a frame", () => {
  const track = trackOf(hours(10_800));
  const runs_ms = Array.from({ length: 12 }, () => {
    const begin_ms = performance.now();
    decimate(track, whole(10_800), 2880);
    return performance.now() - begin_ms;
  });
  // The best of them: what others do on the machine is not what is tested.
  expect(Math.min(...runs_ms)).toBeLessThan(8);
});
