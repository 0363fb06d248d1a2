/** The bar under the picture: coloured seek strip, play, time, volume, speed, full screen. */

import { button, h, setText } from "./dom";
import { clock, percent } from "./format";
import { icon, type IconName } from "./icons";
import type { Playback } from "./playback";
import type { Studio } from "./studio";
import { TimelineView } from "./timeline-view";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2] as const;

export class PlayerControls {
  readonly element: HTMLElement;
  #playback: Playback;
  #strip = new TimelineView();
  #play: HTMLButtonElement;
  #mute: HTMLButtonElement;
  #enlarge: HTMLButtonElement;
  #volume = h("input", {
    type: "range",
    min: 0,
    max: 1,
    step: 0.05,
    value: 1,
    "aria-label": "Volume",
  });
  #speed = h("select", { "aria-label": "Speed" });
  #now = h("span", { class: "now" }, "0:00");
  #length = h("span", {}, "0:00");
  #audibleVolume = 1;

  constructor(playback: Playback, toggleFullscreen: () => void) {
    this.#playback = playback;
    this.#play = button({ class: "round", title: "Play or pause (space)" }, () =>
      playback.toggle(),
    );
    this.#mute = button({ class: "round", title: "Mute (m)" }, () => this.toggleMute());
    this.#enlarge = button({ class: "round", title: "Full screen (f)" }, toggleFullscreen);
    this.#enlarge.hidden = !document.fullscreenEnabled;
    for (const speed of SPEEDS) this.#speed.append(h("option", { value: speed }, `${speed}×`));
    this.#speed.value = "1";
    this.#speed.addEventListener(
      "change",
      () => (playback.video.playbackRate = Number(this.#speed.value)),
    );
    this.#volume.addEventListener("input", () => (playback.volume = Number(this.#volume.value)));
    this.#strip.setAttribute("strip", "");
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
      this.#speed,
      this.#enlarge,
    );
    this.element = h(
      "div",
      { class: "controls", role: "group", "aria-label": "Player controls" },
      this.#strip,
      row,
    );
    this.refresh();
  }

  toggleMute(): void {
    if (this.#playback.volume > 0) this.#audibleVolume = this.#playback.volume;
    this.#playback.volume = this.#playback.volume > 0 ? 0 : this.#audibleVolume;
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
    this.#face(this.#play, playing ? "pause" : "play", playing ? "Pause" : "Play");
    this.#face(this.#mute, volume > 0 ? "sound" : "muted", volume > 0 ? "Mute" : "Unmute");
    this.#face(
      this.#enlarge,
      isLarge ? "reduce" : "enlarge",
      isLarge ? "Leave full screen" : "Full screen",
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
