import { expect, test } from "vitest";
import { ago, bytes, clock, day, percent, span } from "./format";

test.each([
  [0, "0:00"],
  [42.9, "0:42"],
  [725, "12:05"],
  [3723, "1:02:03"],
  [-1, "0:00"],
  [Number.NaN, "0:00"],
  [Number.POSITIVE_INFINITY, "0:00"],
])("clock of %d", (time_s, text) => expect(clock(time_s)).toBe(text));

test.each([
  [0.44, "0.4 s"],
  [2, "2 s"],
  [9.96, "10 s"],
  [59.6, "1 min"],
  [200, "3 min 20 s"],
  [3900, "1 h 5 min"],
])("span of %d", (duration_s, text) => expect(span(duration_s)).toBe(text));

test.each([
  [0, "0 %"],
  [0.001, "<1 %"],
  [0.814, "81 %"],
  [1, "100 %"],
])("percent of %d", (share, text) => expect(percent(share)).toBe(text));

test.each([
  [12, "12 B"],
  [298_318, "298 kB"],
  [999_600, "1.0 MB"],
  [4_200_000, "4.2 MB"],
  [500_000_000, "500 MB"],
  [1_500_000_000, "1.5 GB"],
])("bytes of %d", (size, text) => expect(bytes(size)).toBe(text));

test.each([
  [10, "just now"],
  [50, "1 minute ago"],
  [300, "5 minutes ago"],
  [7200, "2 hours ago"],
  [86_400, "yesterday"],
])("%d seconds ago", (elapsed_s, text) => {
  const now_ms = Date.parse("2026-03-04T05:06:07Z");
  expect(ago(new Date(now_ms - elapsed_s * 1000).toISOString(), now_ms)).toBe(text);
});

test("a day is said with its year", () => {
  expect(day("2026-11-23T12:00:00Z")).toMatch(/November 23, 2026|23 November 2026/);
});
