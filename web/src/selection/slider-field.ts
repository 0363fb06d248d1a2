/** A labelled slider that says its value in words. */

import { h, setText } from "../kit/dom";

export interface SliderWish {
  readonly label: string;
  readonly max: number;
  readonly step: number;
  readonly say: (value: number) => string;
  readonly change: (value: number) => void;
}

export class SliderField {
  readonly element: HTMLElement;
  readonly #wish: SliderWish;
  #input: HTMLInputElement;
  #value = h("span", { class: "field-value", "aria-hidden": "true" });

  constructor(wish: SliderWish) {
    this.#wish = wish;
    const { label, max, step } = wish;
    this.#input = h("input", { type: "range", min: 0, max, step, value: 0, "aria-label": label });
    this.#input.addEventListener("input", () => wish.change(Number(this.#input.value)));
    const name = h("span", { "aria-hidden": "true" }, label);
    this.element = h("div", { class: "field" }, name, this.#value, this.#input);
  }

  show(value: number): void {
    const { max, say } = this.#wish;
    this.#input.value = String(value);
    this.#input.style.setProperty("--level", `${(Math.min(value, max) / max) * 100}%`);
    this.#input.setAttribute("aria-valuetext", say(value));
    setText(this.#value, say(value));
  }
}
