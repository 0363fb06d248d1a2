/** Calls back once per presented frame while the media plays; `timeupdate` comes four times a second only. */
export class FrameClock {
  readonly #video: HTMLVideoElement;
  readonly #tick: (shown_s: number | undefined) => void;
  #cancel: () => void = () => undefined;

  /** @param tick is told the media time of the presented picture, where there is one. */
  constructor(video: HTMLVideoElement, tick: (shown_s: number | undefined) => void) {
    this.#video = video;
    this.#tick = tick;
  }

  /** Begins, or begins anew; ends by itself when playback does. */
  start(): void {
    this.#cancel();
    const video = this.#video;
    const again = (shown_s: number | undefined): void => {
      this.#tick(shown_s);
      if (!video.paused && !video.ended) this.start();
    };
    // Sound alone presents no frames; the screen's own rhythm serves then, and in browsers without the call.
    if ("requestVideoFrameCallback" in video && video.videoWidth > 0) {
      const handle = video.requestVideoFrameCallback((_, { mediaTime }) => again(mediaTime));
      this.#cancel = () => video.cancelVideoFrameCallback(handle);
    } else {
      const handle = requestAnimationFrame(() => again(undefined));
      this.#cancel = () => cancelAnimationFrame(handle);
    }
  }

  stop(): void {
    this.#cancel();
  }
}
