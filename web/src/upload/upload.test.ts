import { expect, test } from "vitest";
import { ApiError, problemFrom } from "../api/api";
import { texts } from "../texts";
import { explain, MAX_UPLOAD_BYTES, refusal } from "./upload";

test("a file of exactly the limit may be sent", () => {
  expect(refusal({ name: "a.mp4", size: MAX_UPLOAD_BYTES })).toBeUndefined();
});

test.each([
  [MAX_UPLOAD_BYTES + 1, "“a.mp4” (500 MB) is larger than the limit of 500 MB."],
  [1_400_000_000, "“a.mp4” (1.4 GB) is larger than the limit of 500 MB."],
  [0, "“a.mp4” is empty."],
])("a file of %d bytes is refused before it is sent, with advice", (size, sentence) => {
  const found = explain(refusal({ name: "a.mp4", size }));
  expect(found).toMatchObject({ sentence, canRetry: false });
  expect(found.advice).toBeTruthy();
});

test.each([
  [400, "MEDIA_UNREADABLE", false],
  [413, "MEDIA_TOO_LONG", false],
  [429, "QUEUE_FULL", true],
  [503, "SERVICE_UNAVAILABLE", true],
  [404, "UPLOAD_NOT_FOUND", true],
  [0, "UNREACHABLE", true],
])("status %d, %s: worth another attempt: %s", (status, reason, canRetry) => {
  const found = explain(new ApiError(status, reason, "No."));
  expect(found).toEqual({ sentence: "No.", advice: texts.advice[reason], canRetry });
  expect(found.advice).toBeTruthy();
});

test("what nobody foresaw is said without advice", () => {
  expect(explain(problemFrom(500, "{}")).advice).toBeUndefined();
});
