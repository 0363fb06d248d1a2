/** The address of a view: `#/`, or `#/a/<id>?emotions=Happy,Fear&min=0.6`, so that a reload or a link keeps it. */

import { EVERYTHING, type Filter } from "./filter";
import { LABELS } from "./emotions";

export type Route =
  | { readonly view: "landing" }
  | { readonly view: "analysis"; readonly id: string; readonly filter: Filter };

export function parseRoute(hash: string): Route {
  const match = /^#\/a\/([^/?]+)(?:\?(.*))?$/.exec(hash);
  if (match?.[1] === undefined) return { view: "landing" };
  return { view: "analysis", id: decoded(match[1]), filter: parseFilter(match[2] ?? "") };
}

export function analysisHash(id: string, filter: Filter = EVERYTHING): string {
  const parts: string[] = [];
  if (filter.chosen.length < LABELS.length) parts.push(`emotions=${filter.chosen.join(",")}`);
  if (filter.minConfidence > 0) parts.push(`min=${filter.minConfidence}`);
  const query = parts.length > 0 ? `?${parts.join("&")}` : "";
  return `#/a/${encodeURIComponent(id)}${query}`;
}

function parseFilter(query: string): Filter {
  const values = new URLSearchParams(query);
  const named = (values.get("emotions") ?? "").split(",");
  const chosen = LABELS.filter((label) => named.includes(label));
  const min = Number(values.get("min"));
  return {
    chosen: chosen.length > 0 ? chosen : LABELS,
    minConfidence: min > 0 && min <= 1 ? min : 0,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
