/** Base of the documented elements: a shadow root, the API, one analysis, and its studio. */

import { useApi } from "../api/api";
import { h } from "../kit/dom";
import { Scope } from "../kit/scope";
import { followScheme } from "../kit/theme";
import { Session } from "../model/session";
import { StudioStore, type Studio } from "../model/studio";
import { analysisHash, parseRoute, type Route } from "../route";
import { texts } from "../texts";
import { sheet } from "./style";

type Place = Extract<Route, { view: "analysis" }>;

export abstract class Hosted extends HTMLElement {
  static readonly observedAttributes = ["analysis", "api", "state", "for"];
  protected readonly scope = new Scope();
  protected store: StudioStore | undefined;
  readonly #root = this.attachShadow({ mode: "open" });

  connectedCallback(): void {
    this.#root.adoptedStyleSheets = [sheet()];
    // The gateway that the script is from, unless another is named.
    useApi(this.getAttribute("api") ?? new URL("/", import.meta.url).href);
    this.scope.add(followScheme(this));
    this.#root.replaceChildren(...this.content());
    this.begin();
  }

  disconnectedCallback(): void {
    this.scope.dispose();
    this.#root.replaceChildren();
    this.store = undefined;
  }

  attributeChangedCallback(_name: string, before: string | null, now: string | null): void {
    if (!this.isConnected || before === now || this.store === undefined) return;
    this.disconnectedCallback();
    this.connectedCallback();
  }

  /** What stands in the shadow root. */
  protected abstract content(): Node[];

  /** Called when that is in place. */
  protected abstract begin(): void;

  /** Called at each piece of news; undefined while nothing can be shown. */
  protected abstract refresh(studio: Studio | undefined, problem: string | undefined): void;

  /** What the attributes `analysis` and `state` name. */
  protected get place(): Place | undefined {
    const id = this.getAttribute("analysis") ?? "";
    if (id === "") return undefined;
    const route = parseRoute(`${analysisHash(id)}?${this.getAttribute("state") ?? ""}`);
    return route.view === "analysis" ? route : undefined;
  }

  protected open(place: Place): void {
    const session = new Session(place.id);
    const store = new StudioStore(session, place.selection);
    this.store = store;
    this.scope.add(() => session.close());
    this.scope.listen(store, "change", () => this.refresh(store.studio, session.problem));
    void session.open();
  }

  protected complain(sentence: string | undefined): void {
    this.#root.querySelector(".problem")?.remove();
    if (sentence !== undefined)
      this.#root.append(h("div", { class: "problem", role: "alert" }, h("p", {}, sentence)));
  }

  protected get nothing(): string {
    return texts.embed.none;
  }
}
