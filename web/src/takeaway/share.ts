/** Links and code that carry what is chosen, and where the viewer is, to others. */

import { apiUrl } from "../api/api";
import { button, h, setText } from "../kit/dom";
import { openDialog } from "../kit/dialog";
import type { Selection } from "../model/selection";
import { analysisHash } from "../route";
import { texts } from "../texts";

const DONE_MS = 2500;

/** @returns the page itself, at this moment and with this choice. */
export function shareLink(id: string, selection: Selection, time_s: number): string {
  return new URL(analysisHash(id, selection, time_s), location.href).href;
}

/** @returns markup for a foreign page. */
export function embedCode(id: string, selection: Selection, time_s: number): string {
  const api = new URL(apiUrl("/"), location.href).href.replace(/\/$/, "");
  const query = analysisHash(id, selection, time_s).split("?")[1];
  const start = query === undefined ? "" : ` state="${query.replaceAll("&", "&amp;")}"`;
  return [
    `<script type="module" src="${api}/embed.js"></script>`,
    `<emotion-player id="film" api="${api}" analysis="${id}"${start}></emotion-player>`,
    `<emotion-timeline for="film"></emotion-timeline>`,
  ].join("\n");
}

/**
 * A button that copies a text, or shows it where copying is forbidden.
 *
 * @param tell says that it is done to those who do not see the button change.
 */
export function copyButton(
  words: string,
  title: string,
  text: () => string,
  tell: (words: string) => void,
): HTMLButtonElement {
  const label = h("span", {}, words);
  const made = button({ class: "quiet-button", title }, () => void copy(), label);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text());
      setText(label, texts.takeAway.hasCopied);
      tell(texts.takeAway.hasCopied);
      window.setTimeout(() => setText(label, words), DONE_MS);
    } catch {
      showText(text());
    }
  };
  return made;
}

/** Clipboards are closed without HTTPS and without leave. */
function showText(text: string): void {
  const field = h("textarea", { readonly: true, rows: 5, "aria-label": texts.takeAway.copy }, text);
  const close = button({ class: "primary" }, () => dialog.close(), texts.page.close);
  const title = h("h2", { id: "copy-title" }, texts.takeAway.copy);
  const dialog = openDialog("ask", { "aria-labelledby": "copy-title" }, title, field, close);
  field.select();
}
