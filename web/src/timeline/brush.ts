/** The colours of the moment for drawing: they follow the scheme of the page. */

import { colour, surface, theme, type Theme } from "../kit/theme";
import { texts } from "../texts";
import type { Paint } from "./paint";

/** @param of a fixed scheme, for what lies on the dark player. */
export function brush(of: Theme = theme()): Paint {
  return {
    colourOf: (label) => colour(label, of),
    surface: surface(of),
    nameOf: (label) => texts.emotions[label],
  };
}
