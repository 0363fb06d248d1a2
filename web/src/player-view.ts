/** `<emotion-player>`: the stage with the picture, what is seen on it now, and the controls. */

import { mediaPath, thumbnailPath } from "./api";
import type { Interval } from "./api-types";
import { button, h, setText } from "./dom";
import { evidenceText } from "./emotions";
import { percent } from "./format";
import { face, icon } from "./icons";
import { Playback } from "./playback";
import { PlayerControls } from "./player-controls";
import type { Studio, StudioPart } from "./studio";
import { tint } from "./theme";
import { spanAt } from "./timeline";
import { define, View } from "./view";

const STILL_WIDTH_PX = 960;
const NOTICE_MS = 3200;
/** A pointer that is being dragged fetches no pictures on its way. */
const REST_MS = 120;
/** Controls hide this long after the pointer last moved, while playing. */
const IDLE_MS = 2500;

export class PlayerView extends View implements StudioPart {
  readonly playback = new Playback(h("video", { playsinline: true, preload: "auto" }));
  #studio: Studio | undefined;
  #controls = new PlayerControls(this.playback, () => this.toggleFullscreen());
  #badge = h("div", { class: "badge", "aria-hidden": "true" });
  #still = h("img", { class: "still", alt: "", hidden: true });
  #quiet = h("div", { class: "quiet", hidden: true, "aria-hidden": "true" });
  #message = h("p", { class: "stage-message", role: "status", hidden: true });
  #notice = h("p", { class: "skip-notice", role: "status" });
  #bigPlay = button(
    { class: "big-play", "aria-label": "Play", tabindex: -1 },
    () => this.playback.toggle(),
    icon("play"),
  );
  #noticeTimer = 0;
  #stillTimer = 0;
  #idleTimer = 0;

  show(studio: Studio): void {
    const isNew = this.#studio?.analysis.id !== studio.analysis.id;
    this.#studio = studio;
    if (isNew) this.playback.video.src = mediaPath(studio.analysis.id);
    this.playback.load(studio.intervals, studio.duration_s);
    this.#controls.show(studio);
    this.#refresh();
    this.#moved();
  }

  toggleFullscreen(): void {
    if (document.fullscreenElement !== null) void document.exitFullscreen();
    else void this.requestFullscreen().catch(() => this.notify("Full screen is not allowed here."));
  }

  toggleMute(): void {
    this.#controls.toggleMute();
  }

  /** A short sentence over the picture that goes away by itself. */
  notify(sentence: string): void {
    setText(this.#notice, sentence);
    this.#notice.classList.add("visible");
    window.clearTimeout(this.#noticeTimer);
    this.#noticeTimer = window.setTimeout(
      () => this.#notice.classList.remove("visible"),
      NOTICE_MS,
    );
  }

  protected override build(): void {
    const { playback, scope } = this;
    tint(this, "dark");
    const stage = h(
      "div",
      { class: "stage" },
      playback.video,
      this.#still,
      this.#quiet,
      this.#bigPlay,
    );
    stage.append(this.#badge, this.#notice, this.#message);
    this.replaceChildren(stage, this.#controls.element);
    scope.listen(playback, "time", () => this.#moved());
    scope.listen(playback, "state", () => this.#refresh());
    scope.listen<CustomEvent<string>>(playback, "skip", ({ detail }) => this.notify(detail));
    scope.listen(playback.video, "click", () => playback.toggle());
    scope.listen(playback.video, "dblclick", () => this.toggleFullscreen());
    scope.listen(document, "fullscreenchange", () => this.#refresh());
    for (const type of ["pointermove", "focusin", "keydown"])
      scope.listen(this, type, () => this.#wake());
    scope.add(() => playback.dispose());
    scope.add(() => window.clearTimeout(this.#idleTimer));
  }

  #wake(): void {
    delete this.dataset["idle"];
    window.clearTimeout(this.#idleTimer);
    this.#idleTimer = window.setTimeout(() => {
      if (this.playback.playing) this.dataset["idle"] = "";
    }, IDLE_MS);
  }

  #refresh(): void {
    const { playback } = this;
    const media = this.#studio?.analysis.media;
    if (!playback.playing) delete this.dataset["idle"];
    this.#controls.refresh();
    this.#inviteToPlay();
    const loaded = playback.video.readyState > 0;
    const noPicture = playback.trouble !== undefined || (loaded && playback.video.videoWidth === 0);
    const showsStill = noPicture && media?.has_video === true;
    this.#still.hidden = !showsStill;
    this.#quiet.hidden = media?.has_video !== false;
    const message = this.#explanation(noPicture);
    this.#message.hidden = message === undefined;
    setText(this.#message, message ?? "");
  }

  /** The large button is for the first moment alone; later it would only hide the picture. */
  #inviteToPlay(): void {
    const { playing, time_s, trouble } = this.playback;
    const hasPicture = this.#studio?.analysis.media.has_video === true;
    this.#bigPlay.hidden = playing || time_s > 0 || trouble !== undefined || !hasPicture;
  }

  #explanation(noPicture: boolean): string | undefined {
    const media = this.#studio?.analysis.media;
    if (media === undefined) return undefined;
    if (this.playback.trouble === "interrupted")
      return "The video stopped loading. Reload the page to play on.";
    const format = media.video_codec || media.audio_codec || media.container;
    if (this.playback.trouble === "unplayable") {
      return `This browser cannot play this file (${format}). The timeline and charts below still work, and highlights are made as MP4.`;
    }
    if (noPicture && media.has_video)
      return `This browser plays the sound but not the picture (${format}).`;
    return undefined;
  }

  #moved(): void {
    const studio = this.#studio;
    if (studio === undefined) return;
    const time_s = this.playback.time_s;
    const interval = spanAt(studio.intervals, time_s);
    this.#controls.moveTo(time_s, studio.duration_s);
    this.#label(interval);
    this.#inviteToPlay();
    if (!this.#still.hidden) this.#showStill(studio.analysis.id, time_s);
  }

  /** A picture of the moment for browsers that cannot show the video: one a second, or where the viewer points. */
  #showStill(id: string, time_s: number): void {
    const at_s = this.playback.playing ? Math.floor(time_s) : Math.floor(time_s * 10) / 10;
    const path = thumbnailPath(id, at_s, STILL_WIDTH_PX);
    if (this.#still.dataset["wanted"] === path) return;
    this.#still.dataset["wanted"] = path;
    window.clearTimeout(this.#stillTimer);
    this.#stillTimer = window.setTimeout(() => (this.#still.src = path), REST_MS);
  }

  /** Says on the picture what is seen now; rebuilt only when that changes. */
  #label(interval: Interval | undefined): void {
    const key =
      interval === undefined ? "" : `${interval.start} ${interval.emotion} ${interval.confidence}`;
    if (this.#badge.dataset["key"] === key) return;
    this.#badge.dataset["key"] = key;
    this.#badge.classList.toggle("visible", interval !== undefined);
    if (interval === undefined) return;
    const { emotion, confidence } = interval;
    this.#badge.dataset["emotion"] = emotion;
    const sure = h(
      "span",
      { class: "badge-sure" },
      emotion === "Unsure" ? "" : percent(confidence),
    );
    const meter = h("span", { class: "badge-meter" }, h("span"));
    (meter.firstElementChild as HTMLElement).style.transform = `scaleX(${confidence})`;
    this.#badge.replaceChildren(
      face(emotion),
      h(
        "span",
        { class: "badge-text" },
        h("strong", {}, emotion, " ", sure),
        h("small", {}, evidenceText(interval)),
        meter,
      ),
    );
    this.#quiet.dataset["emotion"] = emotion;
    this.#quiet.replaceChildren(face(emotion));
  }
}

define("emotion-player", PlayerView);
