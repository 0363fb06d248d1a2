/** Uploads that have begun, kept in the browser, so that a closed tab loses nothing. The form is that of tus-js-client. */

import type { PreviousUpload, UrlStorage } from "tus-js-client";

const KEY = "emotionmap-uploads";
/** The gateway keeps them for a day after their last byte; older ones are not worth asking for. */
const KEPT_MS = 24 * 3600 * 1000;

export interface Unfinished {
  /** Of the file; the same file has the same one again. */
  readonly fingerprint: string;
  readonly name: string;
  readonly size_bytes: number;
  /** Where the bytes lie. */
  readonly address: string;
  readonly begun_ms: number;
  /** Id of the analysis that has begun already. */
  readonly analysis?: string;
}

/** What tells a file from others without reading it. */
export function fingerprintOf({ name, size, lastModified }: File): string {
  return `${name}/${size}/${lastModified}`;
}

/** Those still worth going on with, newest first. */
export function unfinishedAt(now_ms: number): readonly Unfinished[] {
  return kept()
    .filter(({ begun_ms }) => now_ms - begun_ms < KEPT_MS)
    .sort((a, b) => b.begun_ms - a.begun_ms);
}

export function forget(fingerprint: string): void {
  keep(kept().filter((each) => each.fingerprint !== fingerprint));
}

/** Notes that the analysis of an upload has begun, so that both can be discarded together. */
export function note(fingerprint: string, analysis: string): void {
  keep(kept().map((each) => (each.fingerprint === fingerprint ? { ...each, analysis } : each)));
}

/** What tus-js-client is given to remember with. */
export const storage: UrlStorage = {
  findAllUploads: () => Promise.resolve(unfinishedAt(Date.now()).map(previous)),
  findUploadsByFingerprint: (fingerprint) =>
    Promise.resolve(
      unfinishedAt(Date.now())
        .filter((each) => each.fingerprint === fingerprint)
        .map(previous),
    ),
  removeUpload: (key) => Promise.resolve(forget(key)),
  addUpload: (fingerprint, upload) => {
    const others = kept().filter((each) => each.fingerprint !== fingerprint);
    const made = {
      fingerprint,
      name: upload.metadata["filename"] ?? "",
      size_bytes: upload.size ?? 0,
      address: upload.uploadUrl ?? "",
      begun_ms: Date.now(),
    };
    keep([...others, made]);
    return Promise.resolve(fingerprint);
  },
};

function previous({
  fingerprint,
  name,
  size_bytes,
  address,
  begun_ms,
}: Unfinished): PreviousUpload {
  return {
    size: size_bytes,
    metadata: { filename: name },
    creationTime: new Date(begun_ms).toISOString(),
    urlStorageKey: fingerprint,
    uploadUrl: address,
    parallelUploadUrls: null,
  };
}

function kept(): readonly Unfinished[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? (found as readonly Unfinished[]) : [];
  } catch {
    // Storage may be forbidden or hold something else; then nothing is remembered.
    return [];
  }
}

function keep(all: readonly Unfinished[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(all));
  } catch {
    // As above: the upload itself goes on.
  }
}
