/** Sends a file to the gateway, telling how far it is; XMLHttpRequest, because fetch tells nothing while sending. */

import { analysesPath, ApiError, problemFrom } from "./api";
import type { Analysis } from "./api-types";
import { bytes } from "./format";

/** The gateway refuses more; checked here first so that nobody waits for a refusal. */
export const MAX_UPLOAD_BYTES = 500_000_000;

/** A sentence if the file cannot be sent, undefined if it can. */
export function refusal(file: {
  readonly name: string;
  readonly size: number;
}): string | undefined {
  if (file.size === 0) return `“${file.name}” is empty.`;
  if (file.size <= MAX_UPLOAD_BYTES) return undefined;
  return `“${file.name}” (${bytes(file.size)}) is larger than the limit of ${bytes(MAX_UPLOAD_BYTES)}.`;
}

export interface Upload {
  readonly finished: Promise<Analysis>;
  cancel(): void;
}

/** A key under which the gateway recognises a repeated attempt, made without a secure context as well. */
export function newAttemptKey(): string {
  const values = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(values, (value) => value.toString(16).padStart(2, "0")).join("");
}

/**
 * Begins to send.
 *
 * @param onProgress share sent, 0 to 1; 1 means that the gateway is now looking at the file.
 * @returns a promise that rejects with an ApiError; its reason is CANCELLED after `cancel()`.
 */
export function upload(
  file: File,
  attemptKey: string,
  onProgress: (share: number) => void,
): Upload {
  const request = new XMLHttpRequest();
  const finished = new Promise<Analysis>((resolve, reject) => {
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      if (total > 0) onProgress(loaded / total);
    });
    request.addEventListener("load", () => {
      if (request.status === 202) resolve(JSON.parse(request.responseText) as Analysis);
      else reject(problemFrom(request.status, request.responseText));
    });
    request.addEventListener("error", () => reject(problemFrom(0, "")));
    request.addEventListener("abort", () =>
      reject(new ApiError(0, "CANCELLED", "The upload was cancelled.")),
    );
  });
  const form = new FormData();
  form.append("file", file, file.name);
  request.open("POST", analysesPath);
  request.setRequestHeader("Idempotency-Key", attemptKey);
  request.send(form);
  return { finished, cancel: () => request.abort() };
}
