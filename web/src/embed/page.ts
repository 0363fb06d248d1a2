/** embed.html: player and timeline of the analysis that the address names, for an iframe. */

import "./page.css";
import { h, setText } from "../kit/dom";
import { parseRoute } from "../route";
import { texts } from "../texts";
import "./embed";
import { PlayerElement } from "./player-element";

function show(): void {
  const route = parseRoute(location.hash);
  const id = route.view === "analysis" ? route.id : "";
  const api = document.querySelector<HTMLMetaElement>('meta[name="emotionmap-api"]')?.content ?? "";
  const named = { analysis: id, state: location.hash.split("?")[1] ?? "" };
  const where = api === "" ? {} : { api };
  const make = (tag: string, attributes: Readonly<Record<string, string>>): HTMLElement => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const player = make("emotion-player", { id: "film", ...named, ...where });
  const timeline = make("emotion-timeline", { for: "film", ...where });
  const open = h("a", { href: `./${location.hash}`, target: "_blank", rel: "noopener" });
  open.append(texts.embed.open);
  const heading = h("h1", { class: "sr-only" }, texts.page.name);
  player.addEventListener("studiochange", () => {
    const title = player instanceof PlayerElement ? player.studio?.analysis.title : undefined;
    if (title === undefined) return;
    setText(heading, title);
    document.title = `${title} – ${texts.page.name}`;
  });
  const film = id === "" ? [player] : [player, timeline, h("p", {}, open)];
  const parts = [heading, ...film];
  document.querySelector("main")?.replaceChildren(...parts);
}

document.documentElement.lang = texts.units.language;
window.addEventListener("hashchange", show);
show();
