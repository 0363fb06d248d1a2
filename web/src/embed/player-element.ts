/** `<emotion-player>` for foreign pages; docs/embed.md is its contract. */

import type { Label } from "../api/api-types";
import { h } from "../kit/dom";
import { momentAt } from "../model/moments";
import { EVERYTHING, withMinConfidence, type Selection } from "../model/selection";
import { LABELS } from "../model/emotions";
import type { Studio } from "../model/studio";
import { PlayerView } from "../player/player-view";
import { texts } from "../texts";
import { Hosted } from "./hosted";

/** Detail of "emotionchange". */
export interface EmotionChange {
  readonly emotion: Label;
  readonly confidence: number;
  readonly time: number;
}

export class PlayerElement extends Hosted {
  #view: PlayerView | undefined;
  #studio: Studio | undefined;
  #begin_s = 0;
  #emotion: Label | undefined;

  /** For `<emotion-timeline>`. */
  get studio(): Studio | undefined {
    return this.#studio;
  }

  get currentTime(): number {
    return this.#view?.playback.time_s ?? 0;
  }

  set currentTime(time_s: number) {
    this.#view?.playback.seek(time_s);
  }

  get paused(): boolean {
    return this.#view?.playback.playing !== true;
  }

  get duration(): number {
    return this.#studio?.duration_s ?? NaN;
  }

  play(): Promise<void> {
    return this.#view?.playback.play() ?? Promise.resolve();
  }

  pause(): void {
    this.#view?.playback.video.pause();
  }

  /** Plays these emotions alone; none means all. Unknown names are left out. */
  choose(emotions: readonly string[], minConfidence = 0): void {
    const known = LABELS.filter((label) => emotions.includes(label));
    const chosen: Selection = { ...EVERYTHING, emotions: known.length > 0 ? known : LABELS };
    this.store?.choose(withMinConfidence(chosen, minConfidence));
  }

  protected override content(): Node[] {
    this.#view = new PlayerView();
    return [this.#view, h("div", { class: "embed-note" }, texts.page.notice)];
  }

  protected override begin(): void {
    const [view, place] = [this.#view, this.place];
    if (view === undefined) return;
    if (place === undefined) return this.complain(this.nothing);
    this.#begin_s = place.time_s;
    const { playback } = view;
    this.scope.listen(playback, "time", () => this.#moved());
    this.scope.listen(playback, "state", () => this.#tell("statechange"));
    this.scope.listen(playback.video, "loadedmetadata", () => {
      if (this.#begin_s > 0) playback.seek(this.#begin_s);
      this.#begin_s = 0;
    });
    this.open(place);
  }

  protected override refresh(studio: Studio | undefined, problem: string | undefined): void {
    this.#studio = studio;
    this.complain(problem);
    if (this.#view !== undefined) this.#view.hidden = studio === undefined;
    if (studio !== undefined) this.#view?.show(studio);
    this.#tell("studiochange");
  }

  #moved(): void {
    this.#tell("timechange");
    const time = this.currentTime;
    const moment = this.#studio && momentAt(this.#studio, time);
    if (moment === undefined || moment.emotion === this.#emotion) return;
    this.#emotion = moment.emotion;
    const { emotion, confidence } = moment;
    this.dispatchEvent(
      new CustomEvent<EmotionChange>("emotionchange", { detail: { emotion, confidence, time } }),
    );
  }

  #tell(type: "timechange" | "statechange" | "studiochange"): void {
    this.dispatchEvent(new Event(type));
  }
}
