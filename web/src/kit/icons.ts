/** Line icons and the little faces of the emotions, drawn here so that the page requests no other file. */

import type { Label } from "../api/api-types";
import { svg } from "./dom";

const LINES = {
  play: "M8 5.5v13l10.5-6.5z",
  pause: "M8 5v14M16 5v14",
  sound: "M4 9.5v5h3.5L12 19V5L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  muted: "M4 9.5v5h3.5L12 19V5L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5",
  enlarge: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  reduce: "M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5",
  download: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14",
  upload: "M12 16V5M7.5 9.5 12 5l4.5 4.5M5 20h14",
  remove: "M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  back: "M14.5 5.5 8 12l6.5 6.5",
  close: "M6 6l12 12M18 6 6 18",
  help: "M9.2 9.3a2.9 2.9 0 1 1 4.2 2.6c-1 .5-1.4 1.1-1.4 2.1M12 17.4v.1",
  film: "M4 5h16v14H4zM8 5v14M16 5v14M4 9.5h4M4 14.5h4M16 9.5h4M16 14.5h4",
  warning: "M12 4 2.8 19.5h18.4zM12 10v4.5M12 17v.1",
  boxes:
    "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M9.3 10.4v.1M14.7 10.4v.1M9 14.4c1.6 1.5 4.4 1.5 6 0",
  plus: "M12 5.5v13M5.5 12h13",
  minus: "M5.5 12h13",
  all: "M4 7v10M20 7v10M8 12h8M10.5 9.5 8 12l2.5 2.5M13.5 9.5 16 12l-2.5 2.5",
  pencil: "M5 19l.8-3.6L16 5.2l2.8 2.8L8.6 18.2zM14 7.2l2.8 2.8",
  eye: "M3 12c2.4-4 5.4-6 9-6s6.6 2 9 6c-2.4 4-5.4 6-9 6s-6.6-2-9-6zM12 14.6a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2z",
  hidden:
    "M4.5 4.5l15 15M9.5 6.4c.8-.3 1.6-.4 2.5-.4 3.6 0 6.6 2 9 6-.8 1.4-1.7 2.5-2.7 3.4M14.6 17.5c-.8.3-1.7.5-2.6.5-3.6 0-6.6-2-9-6 .9-1.5 2-2.7 3.1-3.6",
  merge: "M6 4v4c0 3 6 4 6 8v4M18 4v4c0 3-6 4-6 8",
  again: "M5 12a7 7 0 1 0 2.3-5.2L5 9M5 4.5V9h4.5",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M18.4 5.6l-1.1 1.1M6.7 17.3l-1.1 1.1",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
  auto: "M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16",
  scissors:
    "M8.5 8.5 19 19M8.5 15.5 19 5M6.5 9a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM6.5 20a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
} as const;

export type IconName = keyof typeof LINES;

export function icon(name: IconName): SVGElement {
  return svg(
    "svg",
    { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" },
    svg("path", { d: LINES[name], class: name === "play" ? "solid" : undefined }),
  );
}

const DOTS = "M8.6 10v.6M15.4 10v.6";
/** Eyes, brows and mouth of each face, so that emotions differ in shape as well as in colour. */
const FACES: Readonly<Record<Label, string>> = {
  Anger: "M6.8 8.2l3.4 1.7M17.2 8.2l-3.4 1.7M8.6 11.4v.2M15.4 11.4v.2M8.4 17.2c2-2.2 5.2-2.2 7.2 0",
  Disgust:
    "M7.2 10.4h2.8M14 10.4h2.8M7.6 15.8c1.1-1.6 2.2-1.6 3.3 0s2.2 1.6 3.3 0c.7-1 1.4-1.4 2.2-1.2",
  Fear: "M7 7.6c.8-.9 1.9-1.2 3-.8M17 7.6c-.8-.9-1.9-1.2-3-.8M8.6 10.4v1M15.4 10.4v1M8.2 17.2l1.9-2 1.9 2 1.9-2 1.9 2",
  Happy: "M7.2 10.6c.8-1.6 2-1.6 2.8 0M14 10.6c.8-1.6 2-1.6 2.8 0M7.4 14.2c1.7 3.8 7.5 3.8 9.2 0",
  Sadness: `${DOTS}M7 7.9c1-.1 2-.6 2.7-1.4M17 7.9c-1-.1-2-.6-2.7-1.4M8.4 17c1.8-2.4 5.4-2.4 7.2 0`,
  Surprise: `${DOTS}M7.2 7.2c.8-.7 1.8-.7 2.6 0M14.2 7.2c.8-.7 1.8-.7 2.6 0M12 18a2 2 0 1 0 0-4 2 2 0 0 0 0 4z`,
  Neutral: `${DOTS}M8.4 15.4h7.2`,
  Unsure: "M9.4 9.4a2.7 2.7 0 1 1 3.9 2.5c-.9.4-1.3 1-1.3 1.9M12 16.9v.1",
};

/** A round face in the colour of its emotion; `data-emotion` on it or around it sets the colour. */
export function face(label: Label): SVGElement {
  return svg(
    "svg",
    { class: "face", viewBox: "0 0 24 24", "aria-hidden": "true", "data-emotion": label },
    svg("circle", { cx: 12, cy: 12, r: 10.5 }),
    svg("path", { d: FACES[label] }),
  );
}
