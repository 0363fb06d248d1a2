/** The table of all emotions: share, time and longest streak. */

import type { Label } from "../api/api-types";
import { button, h } from "../kit/dom";
import { clock, percent, span } from "../kit/format";
import { face } from "../kit/icons";
import type { Range } from "../model/ranges";
import type { Tally } from "../model/tally";
import { texts } from "../texts";

/** @param seek goes to a streak. */
export function breakdown(
  counted: readonly Tally[],
  streaks: ReadonlyMap<Label, Range>,
  seek: (time_s: number) => void,
): HTMLElement {
  const { columns } = texts.insights;
  const heads = [columns.emotion, columns.share, columns.seconds, columns.streak];
  const head = h("tr", {}, ...heads.map((each) => h("th", { scope: "col" }, each)));
  const seen = counted.filter(({ share }) => share > 0).sort((a, b) => b.share - a.share);
  const most = seen[0]?.share ?? 1;
  const rows = seen.map(({ label, share, seconds }) => {
    const bar = h("span", { class: "breakdown-bar" });
    bar.style.setProperty("--share", String(share / most));
    const name = h("th", { scope: "row" }, face(label), texts.emotions[label]);
    const part = h("td", {}, h("span", { class: "breakdown-share" }, percent(share)), bar);
    const row = h("tr", { "data-emotion": label }, name, part, h("td", {}, span(seconds)));
    row.append(h("td", {}, streak(streaks.get(label), seek)));
    return row;
  });
  return h(
    "table",
    { class: "breakdown" },
    h("caption", { class: "sr-only" }, texts.insights.breakdown),
    h("thead", {}, head),
    h("tbody", {}, ...rows),
  );
}

function streak(found: Range | undefined, seek: (time_s: number) => void): Node | string {
  if (found === undefined) return texts.insights.nothing;
  const words = texts.insights.streakAt(span(found.end - found.start), clock(found.start));
  return button({ class: "link", title: texts.insights.go }, () => seek(found.start), words);
}
