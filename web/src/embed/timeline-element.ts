/** `<emotion-timeline>` for foreign pages, of a player beside it or of its own; docs/embed.md is its contract. */

import { h } from "../kit/dom";
import type { Studio } from "../model/studio";
import { TimelineView } from "../timeline/timeline-view";
import { Hosted } from "./hosted";
import { PlayerElement } from "./player-element";

export class TimelineElement extends Hosted {
  #view: TimelineView | undefined;

  protected override content(): Node[] {
    this.#view = new TimelineView();
    return [h("div", { class: "embed-panel" }, this.#view)];
  }

  protected override begin(): void {
    const [view, player, place] = [this.#view, this.#player(), this.place];
    if (view === undefined) return;
    if (player !== undefined) return this.#follow(player, view);
    if (place === undefined) return this.complain(this.nothing);
    this.scope.listen<CustomEvent<number>>(view, "seek", ({ detail }) => view.moveTo(detail));
    this.open(place);
  }

  protected override refresh(studio: Studio | undefined, problem: string | undefined): void {
    this.complain(problem);
    if (studio !== undefined) this.#view?.show(studio);
  }

  /** The player that `for` names, as with labels of fields. */
  #player(): PlayerElement | undefined {
    const id = this.getAttribute("for");
    const root = this.getRootNode();
    if (id === null || !(root instanceof Document || root instanceof ShadowRoot)) return undefined;
    const found = root.getElementById(id);
    return found instanceof PlayerElement ? found : undefined;
  }

  #follow(player: PlayerElement, view: TimelineView): void {
    const { scope } = this;
    const show = (): void => this.refresh(player.studio, undefined);
    scope.listen(player, "studiochange", show);
    scope.listen(player, "timechange", () => view.moveTo(player.currentTime, !player.paused));
    scope.listen<CustomEvent<number>>(view, "seek", ({ detail }) => (player.currentTime = detail));
    show();
  }
}
