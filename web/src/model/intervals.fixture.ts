/** Intervals for tests. */

import type { Interval, Label } from "../api/api-types";

const NO_SCORES = { Anger: 0, Disgust: 0, Fear: 0, Happy: 0, Sadness: 0, Surprise: 0, Neutral: 0 };

export function interval(start: number, emotion: Label, confidence = 0.5): Interval {
  return {
    start,
    end: start + 1,
    emotion,
    confidence,
    evidence: "face",
    scores: emotion === "Unsure" ? null : { ...NO_SCORES, [emotion]: 1 },
    face: { frames: 15, faces: 15, quality: 1, scores: null },
    voice: { speech: 0, scores: null },
  };
}
