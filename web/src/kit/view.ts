/** Base of the page's custom elements: built when connected, everything it holds undone when removed. */

import { Scope } from "./scope";

export abstract class View extends HTMLElement {
  protected readonly scope = new Scope();

  connectedCallback(): void {
    this.build();
  }

  disconnectedCallback(): void {
    this.scope.dispose();
    this.replaceChildren();
  }

  /** Makes the children and listens, through `this.scope`. */
  protected abstract build(): void;

  /** Tells the parent something; bubbles. */
  protected tell<T>(type: string, detail: T): void {
    this.dispatchEvent(new CustomEvent<T>(type, { detail, bubbles: true }));
  }
}

const waiting: (readonly [name: string, element: CustomElementConstructor])[] = [];

/** Names an element; `register` makes the name known to the browser. */
export function define(name: string, element: CustomElementConstructor): void {
  waiting.push([name, element]);
}

/**
 * Registers every view defined so far; harmless when repeated.
 *
 * @param suffix on a foreign page, where the short names are those of the documented elements.
 */
export function register(suffix = ""): void {
  for (const [name, element] of waiting.splice(0)) {
    if (customElements.get(name + suffix) === undefined)
      customElements.define(name + suffix, element);
  }
}
