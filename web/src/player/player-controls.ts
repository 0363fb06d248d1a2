/** The bar under the picture: coloured seek strip, play, time, volume, speed, full screen. */

import { button, h, setText } from "../kit/dom";
import { clock, percent } from "../kit/format";
import { icon, type IconName } from "../kit/icons";
import type { Playback } from "./playback";
import type { Studio } from "../model/studio";
import { texts } from "../texts";
import { SeekStrip } from "../timeline/seek-strip";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2] as const;

export class PlayerControls {
  readonly element: HTMLElement;
  #playback: Playback;
  #strip = new SeekStrip();
  #play: HTMLButtonElement;
  #mute: HTMLButtonElement;
  #enlarge: HTMLButtonElement;
  #boxes: HTMLButtonElement;
  #volume = h("input", {
    type: "range",
    min: 0,
    max: 1,
    step: 0.05,
    value: 1,
    "aria-label": texts.player.volume,
  });
  #speed = h("select", { "aria-label": texts.player.speed });
  #now = h("span", { class: "now" }, "0:00");
  #length = h("span", {}, "0:00");
  #audibleVolume = 1;

  /** @param toggle what the buttons do that are not about the playback. */
  constructor(
    playback: Playback,
    toggle: { readonly fullscreen: () => void; readonly boxes: () => void },
  ) {
    this.#playback = playback;
    this.#play = button({ class: "round", title: texts.player.playTitle }, () => playback.toggle());
    this.#mute = button({ class: "round", title: texts.player.muteTitle }, () => this.toggleMute());
    this.#enlarge = button({ class: "round", title: texts.player.enlargeTitle }, toggle.fullscreen);
    this.#boxes = button(
      { class: "round", title: texts.player.boxesTitle, "aria-label": texts.player.boxes },
      toggle.boxes,
      icon("boxes"),
    );
    this.#enlarge.hidden = !document.fullscreenEnabled;
    for (const speed of SPEEDS)
      this.#speed.append(h("option", { value: speed }, texts.player.speedOf(speed)));
    this.#speed.value = "1";
    this.#speed.addEventListener(
      "change",
      () => (playback.video.playbackRate = Number(this.#speed.value)),
    );
    this.#volume.addEventListener("input", () => (playback.volume = Number(this.#volume.value)));
    const time = h(
      "div",
      { class: "time" },
      this.#now,
      h("span", { class: "of" }, "/"),
      this.#length,
    );
    const volume = h("div", { class: "volume" }, this.#mute, this.#volume);
    const row = h(
      "div",
      { class: "row" },
      this.#play,
      volume,
      time,
      h("span", { class: "spring" }),
      this.#boxes,
      this.#speed,
      this.#enlarge,
    );
    this.element = h(
      "div",
      { class: "controls", role: "group", "aria-label": texts.player.controls },
      this.#strip,
      row,
    );
    this.refresh();
  }

  toggleMute(): void {
    if (this.#playback.volume > 0) this.#audibleVolume = this.#playback.volume;
    this.#playback.volume = this.#playback.volume > 0 ? 0 : this.#audibleVolume;
  }

  showBoxes(on: boolean, possible: boolean): void {
    this.#boxes.hidden = !possible;
    this.#boxes.setAttribute("aria-pressed", String(on));
  }

  show(studio: Studio): void {
    this.#strip.show(studio);
    setText(this.#length, clock(studio.duration_s));
  }

  moveTo(time_s: number, duration_s: number): void {
    setText(this.#now, clock(Math.min(time_s, duration_s)));
    this.#strip.moveTo(time_s);
  }

  /** Brings the buttons in line with what the media element reports. */
  refresh(): void {
    const { playing, volume, trouble, video } = this.#playback;
    const isLarge = document.fullscreenElement !== null;
    this.#face(
      this.#play,
      playing ? "pause" : "play",
      playing ? texts.player.pause : texts.player.play,
    );
    this.#face(
      this.#mute,
      volume > 0 ? "sound" : "muted",
      volume > 0 ? texts.player.mute : texts.player.unmute,
    );
    this.#face(
      this.#enlarge,
      isLarge ? "reduce" : "enlarge",
      isLarge ? texts.player.reduce : texts.player.enlarge,
    );
    this.#play.disabled = trouble !== undefined;
    this.#volume.value = String(volume);
    this.#volume.setAttribute("aria-valuetext", percent(volume));
    this.#volume.style.setProperty("--level", `${volume * 100}%`);
    this.#speed.value = String(video.playbackRate);
  }

  #face(target: HTMLButtonElement, name: IconName, label: string): void {
    if (target.getAttribute("aria-label") === label) return;
    target.setAttribute("aria-label", label);
    target.replaceChildren(icon(name));
  }
}
