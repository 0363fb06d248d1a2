/** The boxes around faces with name and emotion, over the picture; those without a place are listed in a corner. */

import { h, setText } from "../kit/dom";
import { percent } from "../kit/format";
import { face } from "../kit/icons";
import type { Member } from "../model/cast";
import { texts } from "../texts";
import { crowded, fitted, labelled, placed, sightings, type Rect, type Sighting } from "./boxes";

interface Drawn {
  readonly element: HTMLElement;
  readonly label: HTMLElement;
  readonly words: HTMLElement;
  /** Of the label with all its words; measured when they change. */
  width_px: number;
}

/** A face in place of the name and the emotion. */
const SHORT_PX = 62;

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
    const { clientWidth: width_px, clientHeight: height_px, videoWidth, videoHeight } = this.#video;
    const stage = { width_px, height_px };
    const size = { width_px: videoWidth || width_px, height_px: videoHeight || height_px };
    const picture = fitted(stage, size);
    const found = seen.map((each) => ({ drawn: this.#describe(each), box: each.box }));
    const boxes = found.flatMap(({ drawn, box }) =>
      box === undefined ? [] : [{ drawn, box: placed(box, picture) }],
    );
    const full = boxes.map(({ drawn, box }) => labelled(box, drawn.width_px, stage));
    const isCrowded = crowded(full);
    boxes.forEach(({ drawn, box }, i) => {
      const isShort = isCrowded[i] === true;
      const at = isShort ? labelled(box, SHORT_PX, stage, false) : full[i];
      if (at !== undefined) lay(drawn, box, at, isShort);
    });
  }

  #describe({ member, span, box }: Sighting): Drawn {
    const drawn = this.#drawn.get(member.id) ?? this.#make(member.id);
    const { element, label, words } = drawn;
    const share = percent(span.confidence);
    const told = texts.people.box(member.name, texts.emotions[span.emotion], share);
    element.classList.toggle("unplaced", box === undefined);
    if (words.textContent === told) return drawn;
    element.dataset["emotion"] = span.emotion;
    setText(words, told);
    element.classList.remove("short");
    label.replaceChildren(words, h("span", { class: "box-short" }, face(span.emotion), share));
    drawn.width_px = label.offsetWidth;
    return drawn;
  }

  #make(id: string): Drawn {
    const words = h("span");
    const label = h("div", { class: "box-label" }, words);
    const made = { element: h("div", { class: "box" }, label), label, words, width_px: 0 };
    this.#drawn.set(id, made);
    this.element.append(made.element);
    return made;
  }
}

function lay({ element, label }: Drawn, box: Rect, at: Rect, isShort: boolean): void {
  element.style.transform = `translate(${box.left_px}px, ${box.top_px}px)`;
  element.style.width = `${box.width_px}px`;
  element.style.height = `${box.height_px}px`;
  element.classList.toggle("short", isShort);
  // From the inner edge of the border.
  const [across_px, down_px] = [at.left_px - box.left_px - 2.5, at.top_px - box.top_px - 2.5];
  label.style.transform = `translate(${across_px}px, ${down_px}px)`;
}
