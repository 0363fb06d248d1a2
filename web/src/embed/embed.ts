/** embed.js: makes `<emotion-player>` and `<emotion-timeline>` known to any page. */

import { register } from "../kit/view";
import { PlayerElement } from "./player-element";
import { SUFFIX } from "./style";
import { TimelineElement } from "./timeline-element";

register(SUFFIX);
for (const [name, element] of [
  ["emotion-player", PlayerElement],
  ["emotion-timeline", TimelineElement],
] as const) {
  // A page may load the script twice.
  if (customElements.get(name) === undefined) customElements.define(name, element);
}
