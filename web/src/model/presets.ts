/** Ready-made selections, each one press away. */

import type { Label } from "../api/api-types";
import { LABELS } from "./emotions";
import { EVERYTHING, type Selection } from "./selection";

export type PresetName = "laughs" | "scary" | "fights" | "drama" | "calm" | "strong";

const but = (...left: readonly Label[]): readonly Label[] =>
  LABELS.filter((label) => !left.includes(label));

/**
 * Laughs come with a second around them: without its cause, a laugh is no fun. Calm that lasts less than a second is
 * none.
 */
export const PRESETS: Readonly<Record<PresetName, Selection>> = {
  laughs: { ...EVERYTHING, emotions: ["Happy"], leadIn_s: 1, leadOut_s: 0.5 },
  scary: { ...EVERYTHING, emotions: but("Fear") },
  fights: { ...EVERYTHING, emotions: but("Anger", "Disgust") },
  drama: { ...EVERYTHING, emotions: ["Anger", "Fear", "Sadness"], leadIn_s: 0.5, leadOut_s: 0.5 },
  calm: { ...EVERYTHING, emotions: ["Neutral"], shortest_s: 1 },
  strong: { ...EVERYTHING, emotions: but("Neutral", "Unsure"), minConfidence: 0.6 },
};

export const PRESET_NAMES = Object.keys(PRESETS) as readonly PresetName[];

/** Whether it leaves something out, rather than picks it. */
export function skips(name: PresetName): boolean {
  return name === "scary" || name === "fights";
}

/** The preset that a selection is, whoever is chosen; undefined if none. */
export function presetOf(selection: Selection): PresetName | undefined {
  return PRESET_NAMES.find((name) => {
    const { emotions, minConfidence, leadIn_s, leadOut_s, shortest_s } = PRESETS[name];
    return (
      emotions.join() === selection.emotions.join() &&
      minConfidence === selection.minConfidence &&
      leadIn_s === selection.leadIn_s &&
      leadOut_s === selection.leadOut_s &&
      shortest_s === selection.shortest_s
    );
  });
}
