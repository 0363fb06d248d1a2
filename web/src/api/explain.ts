/** What went wrong, in plain words, and what to do about it. */

import { texts } from "../texts";
import { ApiError, sentenceOf } from "./api";
import type { Failure } from "./api-types";

export interface Explanation {
  readonly sentence: string;
  readonly advice: string;
  /** Whether the same file may be taken later. */
  readonly canRetry: boolean;
}

/** Why a file was not taken. */
export function explain(error: unknown): Explanation {
  if (error instanceof DOMException) return { ...texts.failure.unreadable, canRetry: false };
  if (!(error instanceof ApiError))
    return { sentence: sentenceOf(error), advice: texts.advice.UNREACHABLE, canRetry: true };
  const { reason, status } = error;
  return {
    sentence: plain(reason) ?? error.message,
    advice: adviceOf(reason) ?? byStatus(status) ?? texts.failure.tell(reason),
    canRetry: mayBeTaken(status) && !OF_THE_FILE.test(reason),
  };
}

/** Why an analysis ended before its time. Reasons of the file itself come again with the same file. */
export function explainFailure({ reason, message }: Failure): Explanation {
  const advice = OF_THE_MOMENT.includes(reason) ? texts.failure.later : adviceOf(reason);
  return {
    sentence: plain(reason) ?? (advice === undefined ? texts.failure.inside : message),
    advice: advice ?? texts.failure.tell(reason),
    canRetry: !OF_THE_FILE.test(reason) && reason !== "MODEL_UNAVAILABLE",
  };
}

const OF_THE_FILE = /^(MEDIA_(?!STORE|NOT_FOUND|INCOMPLETE)|CODEC_|DECODE_|JOB_CRASHED)/;

/** At an upload, nothing has to be sent twice; a failed analysis has to be begun anew. */
const OF_THE_MOMENT = ["SERVICE_UNAVAILABLE", "UNAVAILABLE", "QUEUE_FULL"];

/** What is said instead of a sentence that was written for operators. */
function plain(reason: string): string | undefined {
  return texts.failure.plain[reason];
}

function adviceOf(reason: string): string | undefined {
  const known: Readonly<Record<string, string>> = texts.advice;
  return known[reason];
}

/** What stands between page and gateway may refuse as well, without a reason. */
function byStatus(status: number): string | undefined {
  if (status === 413) return texts.advice.FILE_TOO_LARGE;
  return status >= 500 ? texts.advice.SERVICE_UNAVAILABLE : undefined;
}

/** The same bytes would be refused again; only trouble on the way is worth another attempt. */
function mayBeTaken(status: number): boolean {
  const onTheWay = [404, 408, 409, 410, 423, 429, 460];
  return status < 400 || status >= 500 || onTheWay.includes(status);
}
