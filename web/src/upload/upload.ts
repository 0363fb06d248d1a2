/** What may be uploaded. */

import { ApiError } from "../api/api";
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
