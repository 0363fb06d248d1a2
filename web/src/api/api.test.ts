import { expect, test } from "vitest";
import { ApiError, isMissing, problemFrom, sentenceOf, thumbnailPath, timelinePath } from "./api";

const PROBLEM = JSON.stringify({
  title: "Bad",
  detail: "No stream was found.",
  reason: "MEDIA_UNREADABLE",
});

test.each([
  [400, PROBLEM, "No stream was found.", "MEDIA_UNREADABLE"],
  [429, '{"title": "Too many requests"}', "Too many requests", "UNKNOWN"],
  [502, "<html>", "The server answered with status 502.", "UNKNOWN"],
  [500, "null", "The server answered with status 500.", "UNKNOWN"],
])("status %d with body %s", (status, body, sentence, reason) => {
  expect(problemFrom(status, body)).toMatchObject({ message: sentence, reason, status });
});

test("without an answer, the sentence says what to check", () => {
  expect(sentenceOf(problemFrom(0, ""))).toContain("cannot be reached");
  expect(sentenceOf(new TypeError("Failed to fetch"))).toContain("cannot be reached");
});

test("an api error speaks for itself", () => {
  expect(sentenceOf(new ApiError(404, "X", "There is no such analysis."))).toBe(
    "There is no such analysis.",
  );
});

test("ids are escaped in addresses", () => {
  expect(timelinePath("a/b", "vtt")).toBe("/v1/analyses/a%2Fb/timeline?format=vtt");
  expect(thumbnailPath("a", 1 / 3, 160)).toBe("/v1/analyses/a/thumbnails?t=0.333&width=160");
});

test.each([
  [new ApiError(404, "ANALYSIS_NOT_FOUND", "There is no such analysis."), true],
  [new ApiError(0, "UNREACHABLE", "It cannot be reached."), false],
  [new TypeError("Failed to fetch"), false],
])("%s means missing: %s", (error, missing) => {
  expect(isMissing(error)).toBe(missing);
});
