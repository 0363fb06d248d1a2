import { expect, test } from "vitest";
import { explain } from "../api/explain";
import { MAX_UPLOAD_BYTES, refusal } from "./upload";

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
