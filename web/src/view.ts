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

/** Like customElements.define, but harmless when a module is evaluated twice by the development server. */
export function define(name: string, element: CustomElementConstructor): void {
  if (customElements.get(name) === undefined) customElements.define(name, element);
}
