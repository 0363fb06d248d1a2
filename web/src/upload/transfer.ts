/** Sends one file by tus and has it analysed; goes on after each loss of the connection. */

import type { DetailedError, Upload } from "tus-js-client";
import { analyseUpload, ApiError, deleteAnalysis, problemFrom, uploadsPath } from "../api/api";
import type { Analysis } from "../api/api-types";
import { fingerprintOf, forget, storage } from "./unfinished";

/** What a transfer tells of itself. */
export interface Listener {
  /** Bytes that are on the server, or on their way. */
  sent(bytes: number): void;
  /** The connection is lost, or back. */
  connected(connected: boolean): void;
  /** All bytes are there, and the gateway looks at them. */
  looking(): void;
}

/** Between attempts; also as soon as the browser says that it is online. */
const PAUSES_MS = [500, 1000, 2000, 4000, 8000] as const;
/** Nothing but the moment is wrong. */
const PASSING = [0, 408, 409, 423, 460, 500, 502, 503, 504];

/**
 * @param stopping when aborted, what was sent is deleted.
 * @returns the new analysis; rejects with an ApiError, or with the reason of `stopping`.
 */
export async function transfer(
  file: File,
  stopping: AbortSignal,
  listener: Listener,
): Promise<Analysis> {
  const id = await send(file, stopping, listener);
  listener.looking();
  const fingerprint = fingerprintOf(file);
  try {
    const analysis = await patiently(stopping, listener, () => analyseUpload(id, file.name));
    forget(fingerprint);
    if (stopping.aborted) await deleteAnalysis(analysis.id);
    stopping.throwIfAborted();
    return analysis;
  } catch (error) {
    const isRefused = error instanceof ApiError && [400, 413, 415].includes(error.status);
    if (isRefused) forget(fingerprint);
    throw error;
  }
}

/** Returns the id of the complete upload. */
async function send(file: File, stopping: AbortSignal, listener: Listener): Promise<string> {
  // Loaded now: who only looks at timelines has no use for it.
  const { Upload: TusUpload } = await import("tus-js-client");
  stopping.throwIfAborted();
  let settle: { resolve(): void; reject(error: unknown): void } | undefined;
  const upload: Upload = new TusUpload(file, {
    endpoint: new URL(uploadsPath(), location.href).href,
    metadata: { filename: file.name },
    retryDelays: null,
    urlStorage: storage,
    fingerprint: () => Promise.resolve(fingerprintOf(file)),
    onProgress: (bytes) => listener.sent(bytes),
    onSuccess: () => settle?.resolve(),
    onError: (error) => settle?.reject(apiError(error)),
  });
  const [before] = await upload.findPreviousUploads();
  if (before !== undefined) upload.resumeFromPreviousUpload(before);
  let isStopped = false;
  const attempt = (): Promise<void> =>
    new Promise((resolve, reject) => {
      settle = { resolve, reject };
      const stop = (): void => {
        if (isStopped) return;
        isStopped = true;
        // Also tells the gateway to delete what is there; if that fails, it expires.
        upload.abort(true).catch(() => undefined);
        forget(fingerprintOf(file));
        reject(stopping.reason);
      };
      if (stopping.aborted) return stop();
      stopping.addEventListener("abort", stop, { once: true });
      upload.start();
    });
  await patiently(stopping, listener, attempt);
  return decodeURIComponent((upload.url ?? "").split("/").at(-1) ?? "");
}

/** Tries again as long as only the connection is at fault. */
async function patiently<T>(
  stopping: AbortSignal,
  listener: Listener,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let i = 0; ; i++) {
    try {
      const made = await attempt();
      listener.connected(true);
      return made;
    } catch (error) {
      const isPassing = error instanceof ApiError && PASSING.includes(error.status);
      if (stopping.aborted || !isPassing) throw error;
      listener.connected(false);
      await pause(PAUSES_MS[Math.min(i, PAUSES_MS.length - 1)] ?? 0, stopping);
    }
  }
}

function pause(for_ms: number, stopping: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      window.clearTimeout(timer);
      window.removeEventListener("online", done);
      stopping.removeEventListener("abort", done);
      resolve();
    };
    const timer = window.setTimeout(done, for_ms);
    window.addEventListener("online", done);
    stopping.addEventListener("abort", done);
  });
}

function apiError(error: Error | DetailedError): ApiError {
  const response = "originalResponse" in error ? error.originalResponse : null;
  return problemFrom(response?.getStatus() ?? 0, response?.getBody() ?? "");
}
