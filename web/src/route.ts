/**
 * The address of a view, so that a link keeps what is seen: `#/`, `#/a/<id>?emotions=Happy,Fear&min=0.6&t=42`, or
 * `#/compare/<id>/<id>`.
 */

import type { Label } from "./api/api-types";
import { LABELS } from "./model/emotions";
import { EVERYTHING, withMargins, withMinConfidence, type Selection } from "./model/selection";

export type Route =
  | { readonly view: "landing" }
  | { readonly view: "compare"; readonly ids: readonly [left: string, right: string] }
  | {
      readonly view: "analysis";
      readonly id: string;
      readonly selection: Selection;
      /** Where to begin, seconds. */
      readonly time_s: number;
    };

export function parseRoute(hash: string): Route {
  const [, left, right] = /^#\/compare\/([^/?]+)\/([^/?]+)$/.exec(hash) ?? [];
  if (left !== undefined && right !== undefined)
    return { view: "compare", ids: [decoded(left), decoded(right)] };
  const match = /^#\/a\/([^/?]+)(?:\?(.*))?$/.exec(hash);
  if (match?.[1] === undefined) return { view: "landing" };
  const values = new URLSearchParams(match[2] ?? "");
  const time_s = number(values.get("t"));
  return { view: "analysis", id: decoded(match[1]), selection: parseSelection(values), time_s };
}

/** @param time_s where to begin; zero is left out. */
export function analysisHash(id: string, selection: Selection = EVERYTHING, time_s = 0): string {
  const { emotions, minConfidence, people, leadIn_s, leadOut_s, shortest_s } = selection;
  const parts: string[] = [];
  const add = (name: string, value: number): void => {
    if (value > 0) parts.push(`${name}=${Number(value.toFixed(2))}`);
  };
  if (emotions.length < LABELS.length) parts.push(`emotions=${emotions.join(",")}`);
  add("min", minConfidence);
  if (people.length > 0) parts.push(`people=${people.map(encodeURIComponent).join(",")}`);
  add("lead_in", leadIn_s);
  add("lead_out", leadOut_s);
  add("shortest", shortest_s);
  add("t", time_s);
  const query = parts.length > 0 ? `?${parts.join("&")}` : "";
  return `#/a/${encodeURIComponent(id)}${query}`;
}

export function compareHash(left: string, right: string): string {
  return `#/compare/${encodeURIComponent(left)}/${encodeURIComponent(right)}`;
}

function parseSelection(values: URLSearchParams): Selection {
  const list = (name: string): readonly string[] =>
    (values.get(name) ?? "").split(",").filter((each) => each !== "");
  const named = list("emotions");
  const emotions: readonly Label[] = LABELS.filter((label) => named.includes(label));
  const min = number(values.get("min"));
  const chosen: Selection = {
    ...EVERYTHING,
    emotions: emotions.length > 0 ? emotions : LABELS,
    people: list("people"),
  };
  return withMargins(withMinConfidence(chosen, min <= 1 ? min : 0), {
    leadIn_s: number(values.get("lead_in")),
    leadOut_s: number(values.get("lead_out")),
    shortest_s: number(values.get("shortest")),
  });
}

/** Zero unless it is a number above zero. */
function number(text: string | null): number {
  const value = Number(text);
  return value > 0 && Number.isFinite(value) ? value : 0;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
