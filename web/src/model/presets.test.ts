import { expect, test } from "vitest";
import type { Label, LabelledSpan } from "../api/api-types";
import { PRESETS } from "./presets";
import { playableRanges } from "./ranges";

const span = (start: number, end: number, emotion: Label): LabelledSpan => {
  return { start, end, emotion, confidence: 0.9 };
};

test("a single calm second is calm enough, what flickers by is not", () => {
  const spans = [
    span(0, 1, "Happy"),
    span(1, 2, "Neutral"),
    span(2, 3, "Happy"),
    span(3, 3.2, "Neutral"),
    span(3.2, 4, "Happy"),
  ];
  expect(playableRanges(spans, [], PRESETS.calm, 4)).toEqual([{ start: 1, end: 2 }]);
});
