/** Sends one file and has it analysed; goes on after each loss of the connection. */

import { analyseUpload, ApiError, deleteAnalysis } from "../api/api";
import type { Analysis } from "../api/api-types";
import { isDeleted, type Listener } from "./listener";
import { Sending } from "./sending";
import { fingerprintOf, forget } from "./unfinished";

/** Between attempts; also as soon as the browser says that it is online. */
const PAUSES_MS = [500, 1000, 2000, 4000, 8000] as const;
/** Nothing but the moment is wrong, if nothing else is said. */
const PASSING = [0, 408, 409, 423, 460, 500, 502, 503, 504];
/** The same comes again, whatever the status says. */
const LASTING = ["DECODE_TIMEOUT", "INTERNAL"];

/** Whether it may be well in a moment, without anybody doing anything. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return PASSING.includes(error.status) && !LASTING.includes(error.reason);
}

/**
 * @param stopping when aborted, what was sent is deleted, with what has been made of it, unless it is DELETED already.
 * @returns the new analysis; rejects with an ApiError, with the reason of `stopping`, or with a DOMException if the
 *   file cannot be read any more.
 */
export async function transfer(
  file: File,
  stopping: AbortSignal,
  listener: Listener,
): Promise<Analysis> {
  const sending = await Sending.of(file, listener);
  stopping.throwIfAborted();
  listener.resumable(() => sending.breakOff());
  await patiently(stopping, listener, () => sending.attempt(stopping));
  listener.looking();
  const fingerprint = fingerprintOf(file);
  try {
    const ask = (): Promise<Analysis> => analyseUpload(sending.id, file.name);
    const analysis = await patiently(stopping, listener, ask);
    forget(fingerprint);
    if (stopping.aborted && !isDeleted(stopping)) await deleteAnalysis(analysis.id);
    stopping.throwIfAborted();
    return analysis;
  } catch (error) {
    if (error instanceof ApiError && isRefused(error)) forget(fingerprint);
    throw error;
  }
}

/** The bytes themselves are no good; the gateway keeps none of them. */
function isRefused({ status, reason }: ApiError): boolean {
  return [400, 413, 415, 501].includes(status) || reason === "DECODE_TIMEOUT";
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
      if (stopping.aborted || !isPassing(error)) throw error;
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
