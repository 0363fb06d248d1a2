/** The people of a video as a viewer has named, merged and hidden them. */

import type { EditedPerson, Label, Person, PersonSpan } from "../api/api-types";
import { texts } from "../texts";
import { tally } from "./tally";

/** Somebody on screen; may be several people as found. */
export interface Member {
  readonly id: string;
  readonly name: string;
  readonly hidden: boolean;
  /** Ids of those merged into this one. */
  readonly parts: readonly string[];
  /** Sorted by start. */
  readonly intervals: readonly PersonSpan[];
  readonly thumbnail: string | null;
  readonly seconds: number;
  /** Of the video, 0 to 1. */
  readonly share: number;
  readonly main: { readonly label: Label; readonly share: number } | undefined;
}

export type Edits = ReadonlyMap<string, EditedPerson>;

/** Everybody, in the order of the timeline; who is merged into another is only there with that one. */
export function castOf(
  people: readonly Person[],
  edits: Edits,
  duration_s: number,
): readonly Member[] {
  const ids = new Set(people.map(({ id }) => id));
  const members = new Map<string, Person[]>();
  for (const person of people) {
    const root = rootOf(person.id, edits, ids);
    members.set(root, [...(members.get(root) ?? []), person]);
  }
  return people.flatMap((person, i) => {
    const all = members.get(person.id);
    if (all === undefined) return [];
    return [member(person, all, edits.get(person.id), texts.people.unnamed(i + 1), duration_s)];
  });
}

/** Follows merges to their end; a circle, or somebody unknown, ends where it began. */
function rootOf(id: string, edits: Edits, known: ReadonlySet<string>): string {
  const met = new Set<string>();
  let at = id;
  for (;;) {
    if (met.has(at)) return id;
    met.add(at);
    const next = edits.get(at)?.merged_into ?? null;
    if (next === null || next === "" || !known.has(next)) return at;
    at = next;
  }
}

function member(
  person: Person,
  all: readonly Person[],
  edit: EditedPerson | undefined,
  fallback: string,
  duration_s: number,
): Member {
  const intervals = union(all.flatMap((each) => each.intervals));
  const counted = tally(intervals);
  const seconds = counted.reduce((sum, each) => sum + each.seconds, 0);
  const main = counted.reduce((best, each) => (each.seconds > best.seconds ? each : best));
  return {
    id: person.id,
    name: edit?.name || fallback,
    hidden: edit?.hidden ?? false,
    parts: all.filter(({ id }) => id !== person.id).map(({ id }) => id),
    intervals,
    thumbnail: person.thumbnail,
    seconds,
    share: duration_s > 0 ? Math.min(1, seconds / duration_s) : 0,
    main: main.seconds > 0 ? { label: main.label, share: main.share } : undefined,
  };
}

/** Sorted by start; of two about the same time the surer one. */
function union(spans: readonly PersonSpan[]): readonly PersonSpan[] {
  const byStart = new Map<number, PersonSpan>();
  for (const each of spans) {
    const known = byStart.get(each.start);
    if (known === undefined || each.confidence > known.confidence) byStart.set(each.start, each);
  }
  return [...byStart.values()].sort((a, b) => a.start - b.start);
}
