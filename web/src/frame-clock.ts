/** Calls back once per presented frame while the media plays; `timeupdate` comes four times a second only. */
export class FrameClock {
  readonly #video: HTMLVideoElement;
  readonly #tick: () => void;
  #cancel: () => void = () => undefined;

  constructor(video: HTMLVideoElement, tick: () => void) {
    this.#video = video;
    this.#tick = tick;
  }

  /** Begins, or begins anew; ends by itself when playback does. */
  start(): void {
    this.#cancel();
    const video = this.#video;
    const again = (): void => {
      this.#tick();
      if (!video.paused && !video.ended) this.start();
    };
    // Sound alone presents no frames; the screen's own rhythm serves then, and in browsers without the call.
    if ("requestVideoFrameCallback" in video && video.videoWidth > 0) {
      const handle = video.requestVideoFrameCallback(again);
      this.#cancel = () => video.cancelVideoFrameCallback(handle);
    } else {
      const handle = requestAnimationFrame(again);
      this.#cancel = () => cancelAnimationFrame(handle);
    }
  }

  stop(): void {
    this.#cancel();
  }
}
