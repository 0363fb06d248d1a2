/** Which emotions a viewer has chosen, and how sure they must be. Values only; nothing here changes in place. */

import type { Label, LabelledSpan } from "./api-types";
import { LABELS } from "./emotions";
import { percent } from "./format";

export interface Filter {
  /** In the order of LABELS; never empty. */
  readonly chosen: readonly Label[];
  /** 0 to 1; spans below it are left out. */
  readonly minConfidence: number;
}

export const EVERYTHING: Filter = { chosen: LABELS, minConfidence: 0 };

export function isEverything(filter: Filter): boolean {
  return filter.chosen.length === LABELS.length && filter.minConfidence === 0;
}

export function admits(filter: Filter, item: LabelledSpan): boolean {
  return filter.chosen.includes(item.emotion) && item.confidence >= filter.minConfidence;
}

/**
 * Adds or removes a label. From "all", the first choice means "this one"; removing the last one means "all":
 * so there is never a filter that plays nothing by choice of labels.
 */
export function toggled(filter: Filter, label: Label): Filter {
  if (filter.chosen.length === LABELS.length) return only(filter, label);
  const chosen = LABELS.filter((each) => filter.chosen.includes(each) !== (each === label));
  return { ...filter, chosen: chosen.length === 0 ? LABELS : chosen };
}

export function only(filter: Filter, label: Label): Filter {
  return { ...filter, chosen: [label] };
}

export function allBut(filter: Filter, label: Label): Filter {
  return { ...filter, chosen: LABELS.filter((each) => each !== label) };
}

export function withMinConfidence(filter: Filter, minConfidence: number): Filter {
  return { ...filter, minConfidence: Math.min(1, Math.max(0, minConfidence)) };
}

/** "Happy", "Happy and Fear", "Happy, Fear and Anger", "all emotions at 60 % or more". */
export function describe(filter: Filter): string {
  const sure = filter.minConfidence > 0 ? ` at ${percent(filter.minConfidence)} or more` : "";
  return `${names(filter)}${sure}`;
}

function names(filter: Filter): string {
  if (filter.chosen.length === LABELS.length) return "all emotions";
  const last = filter.chosen.at(-1) ?? "";
  const others = filter.chosen.slice(0, -1).join(", ");
  return others === "" ? last : `${others} and ${last}`;
}
