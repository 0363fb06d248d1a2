/** Which moments a viewer has chosen to play. Values only; nothing here changes in place. */

import type { Label, LabelledSpan } from "../api/api-types";
import { percent } from "../kit/format";
import { texts } from "../texts";
import { LABELS } from "./emotions";

export interface Selection {
  /** In the order of LABELS; never empty. */
  readonly emotions: readonly Label[];
  /** 0 to 1; spans below it are left out. */
  readonly minConfidence: number;
  /** Ids of people; empty means whoever it is. */
  readonly people: readonly string[];
  /** Played before each piece as well. */
  readonly leadIn_s: number;
  /** Played after each piece as well. */
  readonly leadOut_s: number;
  /** Pieces shorter than this, margins left out, are dropped. */
  readonly shortest_s: number;
}

/** The gateway takes no more. */
export const MOST = { lead_s: 10, shortest_s: 60 } as const;

export const EVERYTHING: Selection = {
  emotions: LABELS,
  minConfidence: 0,
  people: [],
  leadIn_s: 0,
  leadOut_s: 0,
  shortest_s: 0,
};

/** Whether it leaves nothing out; margins and length say nothing then. */
export function isEverything({ emotions, minConfidence, people }: Selection): boolean {
  return emotions.length === LABELS.length && minConfidence === 0 && people.length === 0;
}

export function admits(selection: Selection, item: LabelledSpan): boolean {
  return selection.emotions.includes(item.emotion) && item.confidence >= selection.minConfidence;
}

/**
 * Adds or removes a label. From "all", the first choice means "this one"; removing the last one means "all":
 * so there is never a selection that plays nothing by choice of labels.
 */
export function toggled(selection: Selection, label: Label): Selection {
  if (selection.emotions.length === LABELS.length) return only(selection, label);
  const emotions = LABELS.filter((each) => selection.emotions.includes(each) !== (each === label));
  return { ...selection, emotions: emotions.length === 0 ? LABELS : emotions };
}

export function only(selection: Selection, label: Label): Selection {
  return { ...selection, emotions: [label] };
}

export function allBut(selection: Selection, label: Label): Selection {
  return { ...selection, emotions: LABELS.filter((each) => each !== label) };
}

export function withMinConfidence(selection: Selection, minConfidence: number): Selection {
  return { ...selection, minConfidence: bounded(minConfidence, 1) };
}

export function withPerson(selection: Selection, id: string, chosen: boolean): Selection {
  const others = selection.people.filter((each) => each !== id);
  return { ...selection, people: chosen ? [...others, id] : others };
}

export function withMargins(
  selection: Selection,
  margins: Partial<Pick<Selection, "leadIn_s" | "leadOut_s" | "shortest_s">>,
): Selection {
  const made = { ...selection, ...margins };
  return {
    ...made,
    leadIn_s: bounded(made.leadIn_s, MOST.lead_s),
    leadOut_s: bounded(made.leadOut_s, MOST.lead_s),
    shortest_s: bounded(made.shortest_s, MOST.shortest_s),
  };
}

function bounded(value: number, most: number): number {
  return Number.isFinite(value) ? Math.min(most, Math.max(0, value)) : 0;
}

/** "Happy", "Happy and Fear", "all but Fear", "all emotions at 60 % or more", "Happy of Anna". */
export function describe(
  selection: Selection,
  nameOf: (id: string) => string = (id) => id,
): string {
  const names = namesOf(selection.emotions);
  const sure =
    selection.minConfidence > 0
      ? texts.selection.sure(names, percent(selection.minConfidence))
      : names;
  if (selection.people.length === 0) return sure;
  return texts.selection.withPeople(sure, texts.units.list(selection.people.map(nameOf)));
}

/** The shorter of what is in and what is out. */
function namesOf(emotions: readonly Label[]): string {
  const { allEmotions, allBut } = texts.selection;
  const list = (labels: readonly Label[]): string =>
    texts.units.list(labels.map((label) => texts.emotions[label]));
  const left = LABELS.filter((label) => !emotions.includes(label));
  if (left.length === 0) return allEmotions;
  return left.length < emotions.length / 2 ? allBut(list(left)) : list(emotions);
}
