import { expect, test } from "vitest";
import { ApiError, problemFrom } from "../api/api";
import { isPassing } from "./transfer";

test.each([
  [problemFrom(0, ""), true],
  [problemFrom(502, "<html>"), true],
  [problemFrom(504, "<html>"), true],
  [new ApiError(503, "SERVICE_UNAVAILABLE", "It is away."), true],
  [new ApiError(409, "UPLOAD_OFFSET_MISMATCH", "It goes on elsewhere."), true],
  [new ApiError(504, "DECODE_TIMEOUT", "Reading took too long."), false],
  [new ApiError(500, "INTERNAL", "Internal error."), false],
  [new ApiError(400, "MEDIA_UNREADABLE", "It is no media."), false],
  [new ApiError(429, "QUEUE_FULL", "There is too much to do."), false],
  [new DOMException("gone", "NotReadableError"), false],
])("%s is waited out: %s", (error, passing) => {
  expect(isPassing(error)).toBe(passing);
});
