/** What a transfer tells of itself, and why one is stopped. */

import type { Analysis } from "../api/api-types";

export interface Listener {
  /** Bytes that are on the server, or on their way. */
  sent(bytes: number): void;
  /** The connection is lost, or back. */
  connected(connected: boolean): void;
  /** The analysis runs while bytes are still to come. */
  begun(analysis: Analysis): void;
  /** All bytes are there, and the gateway looks at them. */
  looking(): void;
  /** What breaks a stuck attempt off, so that it goes on at once. */
  resumable(resume: () => void): void;
}

/** What was sent is to be deleted by the transfer. */
export const CANCELLED = new DOMException("cancelled", "AbortError");
/** Somebody is deleting its analysis, and its upload with it. */
export const DELETED = new DOMException("deleted", "AbortError");

export function isDeleted({ reason }: AbortSignal): boolean {
  return reason === DELETED;
}
