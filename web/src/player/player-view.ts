/** `<emotion-player>`: the stage with the picture, what is seen on it now, and the controls. */

import { crossOrigin, mediaPath } from "../api/api";
import type { Label } from "../api/api-types";
import { button, h, setText } from "../kit/dom";
import { face, icon } from "../kit/icons";
import { tint } from "../kit/theme";
import { define, View } from "../kit/view";
import { momentAt } from "../model/moments";
import type { Studio, StudioPart } from "../model/studio";
import { texts } from "../texts";
import { Badge } from "./badge";
import { BoxesView } from "./boxes-view";
import { Playback, type Notice } from "./playback";
import { PlayerControls } from "./player-controls";
import { StageNotes } from "./stage-notes";
import { Still } from "./still";

/** Controls hide this long after the pointer last moved, while playing. */
const IDLE_MS = 2500;

export class PlayerView extends View implements StudioPart {
  readonly playback = new Playback(
    h("video", { playsinline: true, preload: "auto", ...crossOrigin() }),
  );
  #studio: Studio | undefined;
  #controls = new PlayerControls(this.playback, {
    fullscreen: () => this.toggleFullscreen(),
    boxes: () => this.toggleBoxes(),
  });
  #stage = h("div", { class: "stage" });
  #badge = new Badge();
  #boxes = new BoxesView(this.playback.video);
  #notes = new StageNotes(this.playback);
  #still = new Still();
  #quiet = h("div", { class: "quiet", hidden: true, "aria-hidden": "true" });
  #words = h("p", { role: "status" });
  #again = button({ class: "quiet-button" }, () => this.playback.retry(), texts.page.tryAgain);
  #message = h("div", { class: "stage-message", hidden: true }, this.#words, this.#again);
  #bigPlay = button(
    { class: "big-play", "aria-label": texts.player.play, tabindex: -1 },
    () => this.playback.toggle(),
    icon("play"),
  );
  #idleTimer = 0;

  show(studio: Studio): void {
    const isNew = this.#studio?.analysis.id !== studio.analysis.id;
    this.#studio = studio;
    if (isNew) this.playback.video.src = mediaPath(studio.analysis.id);
    this.playback.load(studio);
    this.#controls.show(studio);
    this.#refresh();
  }

  /** Asks for no more of the video until it is shown anew. */
  release(): void {
    this.#studio = undefined;
    this.playback.unload();
  }

  toggleFullscreen(): void {
    const refuse = (): void => this.notify(texts.player.noFullscreen);
    if (document.fullscreenElement !== null) void document.exitFullscreen();
    else if (!document.fullscreenEnabled) refuse();
    else void this.requestFullscreen().catch(refuse);
  }

  toggleMute(): void {
    this.#controls.toggleMute();
  }

  toggleBoxes(): void {
    this.#boxes.on = !this.#boxes.on;
    this.#refresh();
  }

  /** A short sentence over the picture that goes away by itself. */
  notify(sentence: string): void {
    this.#notes.say({ sentence });
  }

  protected override build(): void {
    const { playback, scope } = this;
    tint(this, "dark");
    const layers = [this.#still.element, this.#quiet, this.#boxes.element, this.#bigPlay];
    this.#stage.append(playback.video, ...layers, this.#badge.element, this.#notes.element);
    this.#stage.append(this.#message);
    this.replaceChildren(this.#stage, this.#controls.element);
    scope.listen(playback, "time", () => this.#moved());
    scope.listen(playback, "state", () => this.#refresh());
    scope.listen<CustomEvent<Notice>>(playback, "notice", ({ detail }) => this.#notes.say(detail));
    scope.listen(playback.video, "click", () => playback.toggle());
    scope.listen(playback.video, "dblclick", () => this.toggleFullscreen());
    scope.listen(document, "fullscreenchange", () => this.#refresh());
    scope.onResize(this.#stage, () => this.#moved());
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
    const isSeen = this.#studio?.cast.some(({ hidden }) => !hidden) === true;
    this.#controls.showBoxes(this.#boxes.on, isSeen);
    this.#boxes.element.hidden = !this.#boxes.on || !isSeen;
    const loaded = playback.video.readyState > 0;
    const noPicture = playback.trouble !== undefined || (loaded && playback.video.videoWidth === 0);
    this.#still.hidden = !(noPicture && media?.has_video === true);
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
    if (this.playback.trouble === "interrupted") return texts.player.interrupted;
    const format = media.video_codec || media.audio_codec || media.container;
    if (this.playback.trouble === "unplayable") return texts.player.unplayable(format);
    if (noPicture && media.has_video) return texts.player.noPicture(format);
    return undefined;
  }

  #moved(): void {
    const studio = this.#studio;
    if (studio === undefined) return;
    const { time_s, shown_s } = this.playback;
    const moment = momentAt(studio, shown_s);
    this.#controls.moveTo(time_s, studio.duration_s);
    this.#badge.show(moment);
    this.#boxes.show(studio.cast, shown_s);
    this.#notes.refresh();
    this.#inviteToPlay();
    if (!this.#quiet.hidden) this.#showFace(moment?.emotion);
    this.#still.show(studio.analysis.id, time_s, this.playback.playing);
  }

  /** Sound alone has the face of the moment for a picture. */
  #showFace(emotion: Label = "Unsure"): void {
    if (this.#quiet.dataset["emotion"] === emotion) return;
    this.#quiet.dataset["emotion"] = emotion;
    this.#quiet.replaceChildren(face(emotion));
  }
}

define("emotion-player", PlayerView);
