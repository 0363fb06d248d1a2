/** One file on its way by tus, and the wish to have it analysed before all of it is there. */

import type { DetailedError, Upload } from "tus-js-client";
import { analyseEarly, type ApiError, deleteAnalysis, problemFrom, uploadsPath } from "../api/api";
import { EarlyWish } from "./early";
import { isDeleted, type Listener } from "./listener";
import { clustersEnd } from "./matroska-clusters";
import { indexEnd } from "./mp4-index";
import { fingerprintOf, forget, note, storage } from "./unfinished";

interface Settle {
  resolve(): void;
  reject(error: unknown): void;
}

export class Sending {
  readonly #file: File;
  readonly #listener: Listener;
  readonly #upload: Upload;
  readonly #early: EarlyWish;
  #settle: Settle | undefined;
  #isStopped = false;

  private constructor(Tus: typeof Upload, file: File, early: EarlyWish, listener: Listener) {
    this.#file = file;
    this.#listener = listener;
    this.#early = early;
    this.#upload = new Tus(file, {
      endpoint: new URL(uploadsPath(), location.href).href,
      metadata: { filename: file.name },
      retryDelays: null,
      urlStorage: storage,
      fingerprint: () => Promise.resolve(fingerprintOf(file)),
      onProgress: (bytes) => this.#progress(bytes),
      onSuccess: () => this.#settle?.resolve(),
      onError: (error) => this.#settle?.reject(apiError(error)),
    });
  }

  /** Made ready, gone on with where one before broke off. */
  static async of(file: File, listener: Listener): Promise<Sending> {
    // Loaded now: who only looks at timelines has no use for it.
    const [{ Upload: Tus }, index_bytes] = await Promise.all([
      import("tus-js-client"),
      indexEnd(file).then((end) => end ?? clustersEnd(file)),
    ]);
    const early = new EarlyWish(
      index_bytes,
      () => analyseEarly(made.id, file.name),
      (analysis) => {
        note(fingerprintOf(file), analysis.id);
        listener.begun(analysis);
      },
    );
    const made = new Sending(Tus, file, early, listener);
    const [before] = await made.#upload.findPreviousUploads();
    if (before !== undefined) made.#upload.resumeFromPreviousUpload(before);
    return made;
  }

  /** Of the upload; empty before it has begun. */
  get id(): string {
    return decodeURIComponent((this.#upload.url ?? "").split("/").at(-1) ?? "");
  }

  /** Resolves once all bytes are there; rejects with an ApiError, or with the reason of `stopping`. */
  async attempt(stopping: AbortSignal): Promise<void> {
    // A file that is gone would look like a lost connection.
    await this.#file.slice(0, 1).arrayBuffer();
    await new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject };
      const stop = (): void => {
        this.#stop(isDeleted(stopping));
        reject(stopping.reason);
      };
      if (stopping.aborted) return stop();
      stopping.addEventListener("abort", stop, { once: true });
      this.#upload.start();
    });
  }

  #progress(sent_bytes: number): void {
    this.#listener.sent(sent_bytes);
    if (sent_bytes < this.#file.size) this.#early.note(sent_bytes);
  }

  /** Breaks off what is stuck: the attempt ends like one that lost its connection. */
  breakOff(): void {
    const { reject } = this.#settle ?? {};
    void this.#upload.abort().then(() => reject?.(problemFrom(0, "")));
  }

  #stop(isGone: boolean): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    forget(fingerprintOf(this.#file));
    // If that fails, what is there expires.
    (isGone ? this.#upload.abort() : this.#discard()).catch(() => undefined);
  }

  /** Deletes what is there; an analysis that has begun is deleted with its upload. */
  async #discard(): Promise<void> {
    await this.#upload.abort();
    const begun = await this.#early.settled();
    if (begun === undefined) await this.#upload.abort(true);
    else await deleteAnalysis(begun.id);
  }
}

function apiError(error: Error | DetailedError): ApiError {
  const response = "originalResponse" in error ? error.originalResponse : null;
  return problemFrom(response?.getStatus() ?? 0, response?.getBody() ?? "");
}
