/** The page's own styles for a shadow root, where nothing of a foreign page gets in and nothing gets out. */

import base from "../styles/base.css?inline";
import forms from "../styles/forms.css?inline";
import player from "../styles/player.css?inline";
import studio from "../styles/studio.css?inline";
import timeline from "../styles/timeline.css?inline";
import own from "./embed.css?inline";

/** On a foreign page the views have longer names: the short ones are those of the documented elements. */
export const SUFFIX = "-view";

let made: CSSStyleSheet | undefined;

/** One sheet for all elements; constructed ones need no leave of the page's content security policy. */
export function sheet(): CSSStyleSheet {
  if (made !== undefined) return made;
  made = new CSSStyleSheet();
  const text = [base, forms, studio, player, timeline, own].join("\n");
  made.replaceSync(
    text
      .replaceAll(/emotion-(player|timeline)/g, `emotion-$1${SUFFIX}`)
      .replaceAll(":root", ":host"),
  );
  return made;
}
