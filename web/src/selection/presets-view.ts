/** The ready-made choices, each with how long it plays. */

import { button, h, setText } from "../kit/dom";
import { span } from "../kit/format";
import { face } from "../kit/icons";
import { PRESET_NAMES, PRESETS, presetOf, skips, type PresetName } from "../model/presets";
import { playableRanges, totalSeconds } from "../model/ranges";
import { admits, EVERYTHING, type Selection } from "../model/selection";
import { isFinal } from "../model/session";
import type { Studio } from "../model/studio";
import type { Label } from "../api/api-types";
import { texts } from "../texts";

const FACES: Readonly<Record<PresetName, Label>> = {
  laughs: "Happy",
  scary: "Fear",
  fights: "Anger",
  drama: "Sadness",
  calm: "Neutral",
  strong: "Surprise",
};

export class PresetsView {
  readonly element = h("div", {
    class: "presets",
    role: "group",
    "aria-label": texts.selection.presets,
  });
  readonly #choose: (selection: Selection) => void;
  #buttons = new Map<PresetName, { readonly press: HTMLButtonElement; readonly length: Element }>();
  #selection: Selection = EVERYTHING;
  #intervals: Studio["intervals"] | undefined;

  constructor(choose: (selection: Selection) => void) {
    this.#choose = choose;
    for (const name of PRESET_NAMES) this.#add(name);
  }

  show(studio: Studio): void {
    const { selection, rewatching, intervals } = studio;
    this.#selection = selection;
    const pressed = rewatching ? undefined : presetOf(selection);
    for (const [name, { press }] of this.#buttons)
      press.setAttribute("aria-pressed", String(name === pressed));
    if (this.#intervals === intervals) return;
    this.#intervals = intervals;
    for (const name of PRESET_NAMES) this.#tellLength(name, studio);
  }

  #tellLength(name: PresetName, { intervals, cast, duration_s, analysis }: Studio): void {
    const { press, length } = this.#buttons.get(name) ?? {};
    if (press === undefined || length === undefined) return;
    const ranges = playableRanges(intervals, cast, PRESETS[name], duration_s);
    const plays_s = totalSeconds(ranges, duration_s);
    const skipsNothing = skips(name) && !intervals.some((each) => !admits(PRESETS[name], each));
    const isKnown = intervals.length > 0 || isFinal(analysis.state);
    const words = texts.selection;
    const { shortest_s } = PRESETS[name];
    const isShort = shortest_s > 0 && intervals.some((each) => admits(PRESETS[name], each));
    const nothing = isShort ? words.presetShort(span(shortest_s)) : words.presetNothing;
    const told = plays_s > 0 ? words.presetLength(span(plays_s)) : nothing;
    setText(length, !isKnown ? "" : skipsNothing && plays_s > 0 ? words.presetAll : told);
    press.classList.toggle("empty", plays_s === 0 || skipsNothing);
  }

  #add(name: PresetName): void {
    const length = h("small", {});
    const words = h("span", {}, texts.selection.preset[name], length);
    const press = button(
      { class: "preset", "aria-pressed": false },
      () => this.#press(name),
      face(FACES[name]),
      words,
    );
    this.#buttons.set(name, { press, length });
    this.element.append(press);
  }

  /** Pressed again, everything plays; who is chosen stays chosen. */
  #press(name: PresetName): void {
    const isOn = presetOf(this.#selection) === name;
    const { people } = this.#selection;
    this.#choose({ ...(isOn ? EVERYTHING : PRESETS[name]), people });
  }
}
