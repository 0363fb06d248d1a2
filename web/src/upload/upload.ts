/** What may be uploaded, and what to do about a refusal. */

import { ApiError, sentenceOf } from "../api/api";
import { bytes } from "../kit/format";
import { texts } from "../texts";

/** The gateway refuses more; checked here first so that nobody waits for a refusal. */
export const MAX_UPLOAD_BYTES = 500_000_000;

/** Why a file cannot be sent at all, undefined if it can. */
export function refusal(file: {
  readonly name: string;
  readonly size: number;
}): ApiError | undefined {
  const { empty, tooLarge } = texts.upload;
  if (file.size === 0) return new ApiError(400, "EMPTY_FILE", empty(file.name));
  if (file.size <= MAX_UPLOAD_BYTES) return undefined;
  const sentence = tooLarge(file.name, bytes(file.size), bytes(MAX_UPLOAD_BYTES));
  return new ApiError(413, "FILE_TOO_LARGE", sentence);
}

/** What went wrong, and what to do about it if that is known. */
export interface Explanation {
  readonly sentence: string;
  readonly advice: string | undefined;
  /** Whether the same file may be taken later. */
  readonly canRetry: boolean;
}

export function explain(error: unknown): Explanation {
  const isApi = error instanceof ApiError;
  const advice = texts.advice[isApi ? error.reason : "UNREACHABLE"];
  return { sentence: sentenceOf(error), advice, canRetry: !isApi || mayBeTaken(error.status) };
}

/** The same bytes would be refused again; only trouble on the way is worth another attempt. */
function mayBeTaken(status: number): boolean {
  const onTheWay = [404, 408, 409, 410, 423, 429, 460];
  return status < 400 || status >= 500 || onTheWay.includes(status);
}
