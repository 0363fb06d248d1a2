/** Which uploads a view shows: all of them on the first, elsewhere what still needs attention. Pure. */

import type { Route } from "../route";
import type { Item } from "./upload-queue";

export interface Tray {
  readonly shown: ReadonlySet<Item>;
  /** Waiting ones that are counted rather than shown. */
  readonly others: number;
}

/** What a viewer knows of it. */
export interface Known {
  /** Ready, and that is news for a while. */
  readonly fresh: ReadonlySet<Item>;
  /** Failed, and that was seen on the first view. */
  readonly seen: ReadonlySet<Item>;
}

export function trayOf(items: readonly Item[], route: Route, { fresh, seen }: Known): Tray {
  if (route.view === "landing") return { shown: new Set(items), others: 0 };
  const open = route.view === "analysis" ? route.id : undefined;
  const needs = (item: Item): boolean => {
    const { state, analysis, problem } = item;
    if (state === "waiting") return false;
    if (state === "failed" && seen.has(item) && problem?.canRetry !== true) return false;
    const isSent = state === "analysing" || state === "done" || state === "failed";
    // The view itself tells how far the analysis is.
    if (isSent && analysis !== undefined && analysis.id === open) return false;
    return state !== "done" || fresh.has(item);
  };
  const others = items.filter(({ state }) => state === "waiting").length;
  return { shown: new Set(items.filter(needs)), others };
}
