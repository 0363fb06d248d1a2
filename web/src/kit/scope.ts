/** Owns everything that must end with a view: listeners, observers, frames, timers. */
export class Scope {
  readonly #undo: (() => void)[] = [];

  add(dispose: () => void): void {
    this.#undo.push(dispose);
  }

  listen<E extends Event = Event>(
    target: EventTarget,
    type: string,
    handler: (event: E) => void,
    options?: AddEventListenerOptions,
  ): void {
    const listener = handler as EventListener;
    target.addEventListener(type, listener, options);
    this.add(() => target.removeEventListener(type, listener, options));
  }

  onResize(target: Element, handler: () => void): void {
    const observer = new ResizeObserver(handler);
    observer.observe(target);
    this.add(() => observer.disconnect());
  }

  every(interval_ms: number, handler: () => void): void {
    const timer = window.setInterval(handler, interval_ms);
    this.add(() => window.clearInterval(timer));
  }

  /** Ends all of it, last first; the scope can be used again afterwards. */
  dispose(): void {
    for (const dispose of this.#undo.splice(0).reverse()) dispose();
  }
}

/** A function that runs `draw` at most once per frame, however often it is called. */
export function oncePerFrame(scope: Scope, draw: () => void): () => void {
  let pending = 0;
  scope.add(() => {
    cancelAnimationFrame(pending);
    pending = 0;
  });
  const now = (): void => {
    cancelAnimationFrame(pending);
    pending = 0;
    draw();
  };
  // There is no next frame before paper.
  scope.listen(window, "beforeprint", () => {
    if (pending !== 0) now();
  });
  return () => {
    if (pending === 0) pending = requestAnimationFrame(now);
  };
}
