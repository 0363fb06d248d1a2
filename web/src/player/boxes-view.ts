/** The boxes around faces with name and emotion, over the picture; those without a place are listed in a corner. */

import { h, setText } from "../kit/dom";
import { percent } from "../kit/format";
import type { Member } from "../model/cast";
import { texts } from "../texts";
import { fitted, placed, sightings, type Sighting } from "./boxes";

interface Drawn {
  readonly element: HTMLElement;
  readonly label: HTMLElement;
}

export class BoxesView {
  /** Silent: who is seen and how is in the panel of people. */
  readonly element = h("div", { class: "boxes", "aria-hidden": "true", hidden: true });
  readonly #video: HTMLVideoElement;
  #drawn = new Map<string, Drawn>();
  #on = false;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  get on(): boolean {
    return this.#on;
  }

  set on(on: boolean) {
    this.#on = on;
    this.element.hidden = !on;
  }

  /** Cheap enough for every frame: elements are kept, only their places change. */
  show(cast: readonly Member[], time_s: number): void {
    if (!this.#on) return;
    const seen = sightings(cast, time_s);
    const ids = new Set(seen.map(({ member }) => member.id));
    for (const [id, { element }] of this.#drawn) {
      if (ids.has(id)) continue;
      element.remove();
      this.#drawn.delete(id);
    }
    for (const each of seen) this.#place(each);
  }

  #place({ member, span, box }: Sighting): void {
    const { element, label } = this.#drawn.get(member.id) ?? this.#make(member.id);
    element.dataset["emotion"] = span.emotion;
    const words = [member.name, texts.emotions[span.emotion], percent(span.confidence)] as const;
    setText(label, texts.people.box(...words));
    element.classList.toggle("unplaced", box === undefined);
    if (box === undefined) return;
    const { clientWidth: width_px, clientHeight: height_px, videoWidth, videoHeight } = this.#video;
    const picture = fitted(
      { width_px, height_px },
      { width_px: videoWidth || width_px, height_px: videoHeight || height_px },
    );
    const at = placed(box, picture);
    element.style.transform = `translate(${at.left_px}px, ${at.top_px}px)`;
    element.style.width = `${at.width_px}px`;
    element.style.height = `${at.height_px}px`;
    element.classList.toggle("low", at.top_px < 30);
  }

  #make(id: string): Drawn {
    const label = h("span");
    const made = { element: h("div", { class: "box" }, label), label };
    this.#drawn.set(id, made);
    this.element.append(made.element);
    return made;
  }
}
