/** `<emotion-player>`: the stage with the picture, what is seen on it now, and the controls. */

import { mediaPath, thumbnailPath } from "./api";
import type { Label } from "./api-types";
import { Badge } from "./badge";
import { button, h, setText } from "./dom";
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
  #stage = h("div", { class: "stage" });
  #badge = new Badge();
  #still = h("img", { class: "still", alt: "", hidden: true });
  #quiet = h("div", { class: "quiet", hidden: true, "aria-hidden": "true" });
  #words = h("p", { role: "status" });
  #again = button({ class: "quiet-button" }, () => this.playback.retry(), "Try again");
  #message = h("div", { class: "stage-message", hidden: true }, this.#words, this.#again);
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
  }

  toggleFullscreen(): void {
    if (document.fullscreenElement !== null) void document.exitFullscreen();
    else if (!document.fullscreenEnabled) this.notify("Full screen is not allowed here.");
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
    const layers = [this.#still, this.#quiet, this.#bigPlay, this.#badge.element];
    this.#stage.append(playback.video, ...layers, this.#notice, this.#message);
    this.replaceChildren(this.#stage, this.#controls.element);
    scope.listen(playback, "time", () => this.#moved());
    scope.listen(playback, "state", () => this.#refresh());
    scope.listen<CustomEvent<string>>(playback, "notice", ({ detail }) => this.notify(detail));
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
    const loaded = playback.video.readyState > 0;
    const noPicture = playback.trouble !== undefined || (loaded && playback.video.videoWidth === 0);
    const showsStill = noPicture && media?.has_video === true;
    this.#still.hidden = !showsStill;
    this.#quiet.hidden = media?.has_video !== false;
    const message = this.#explanation(noPicture);
    this.#message.hidden = message === undefined;
    this.#again.hidden = playback.trouble !== "interrupted";
    setText(this.#words, message ?? "");
    this.#stage.toggleAttribute("data-waiting", playback.waiting);
    this.#moved();
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
    if (this.playback.trouble === "interrupted") return "The video stopped loading.";
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
    this.#badge.show(interval);
    this.#inviteToPlay();
    if (!this.#quiet.hidden) this.#showFace(interval?.emotion);
    if (!this.#still.hidden) this.#showStill(studio.analysis.id, time_s);
  }

  /** Sound alone has the face of the moment for a picture. */
  #showFace(emotion: Label = "Unsure"): void {
    if (this.#quiet.dataset["emotion"] === emotion) return;
    this.#quiet.dataset["emotion"] = emotion;
    this.#quiet.replaceChildren(face(emotion));
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
}

define("emotion-player", PlayerView);
