import { expect, test } from "vitest";
import { texts } from "../texts";
import { ApiError, problemFrom } from "./api";
import { explain, explainFailure } from "./explain";

const sources = import.meta.glob<string>("../../../services/*/emotionmap_*/reasons.py", {
  query: "?raw",
  import: "default",
  eager: true,
});
const REASONS = Object.values(sources).flatMap((text) =>
  [...text.matchAll(/^([A-Z_]+) = "\1"/gm)].map(([, name]) => name ?? ""),
);
const INSIDE = /Service|service|message must|grpc|config/;

test("the services have reasons", () => {
  expect(REASONS.length).toBeGreaterThan(60);
});

test.each([
  [400, "MEDIA_UNREADABLE", false],
  [413, "MEDIA_TOO_LONG", false],
  [429, "MEDIA_TOO_LONG", false],
  [501, "CODEC_UNSUPPORTED", false],
  [504, "DECODE_TIMEOUT", false],
  [429, "QUEUE_FULL", true],
  [503, "SERVICE_UNAVAILABLE", true],
  [404, "UPLOAD_NOT_FOUND", true],
  [0, "UNREACHABLE", true],
] as const)("status %d, %s: worth another attempt: %s", (status, reason, canRetry) => {
  const found = explain(new ApiError(status, reason, "No."));
  expect(found).toMatchObject({ advice: texts.advice[reason], canRetry });
});

test("the server's own sentence is shown where it is about the file", () => {
  const found = explain(new ApiError(413, "MEDIA_TOO_LONG", "The file is 11000 s long."));
  expect(found.sentence).toBe("The file is 11000 s long.");
});

test.each([
  [413, texts.advice.FILE_TOO_LARGE],
  [502, texts.advice.SERVICE_UNAVAILABLE],
])("a proxy that answers %d without a reason is understood", (status, advice) => {
  expect(explain(problemFrom(status, "<html>")).advice).toBe(advice);
});

test("a file that is gone is no lost connection", () => {
  const found = explain(new DOMException("gone", "NotReadableError"));
  expect(found).toMatchObject({ sentence: texts.failure.unreadable.sentence, canRetry: false });
});

test.each(REASONS)(
  "a failed analysis says in plain words what %s means, and what to do",
  (reason) => {
    const found = explainFailure({ reason, message: "The first message must carry config." });
    expect(found.advice).toBeTruthy();
    const isOurs = found.sentence !== "The first message must carry config.";
    expect(isOurs || reason in texts.advice).toBe(true);
    expect(found.advice).not.toMatch(INSIDE);
  },
);

test("what nobody foresaw names the word to tell an operator", () => {
  expect(explainFailure({ reason: "FRAME_INVALID", message: "x" })).toMatchObject({
    sentence: texts.failure.inside,
    advice: expect.stringContaining("FRAME_INVALID") as string,
    canRetry: true,
  });
});

test.each([
  ["MEDIA_UNREADABLE", false],
  ["CODEC_UNSUPPORTED", false],
  ["JOB_CRASHED", false],
  ["MEDIA_STORE_UNAVAILABLE", true],
  ["SERVICE_UNAVAILABLE", true],
  ["UPLOAD_BROKEN", true],
  ["INTERNAL", true],
])("a failure by %s is worth sending the file again: %s", (reason, canRetry) => {
  expect(explainFailure({ reason, message: "No." }).canRetry).toBe(canRetry);
});
