/** What keys mean on a slider of time. */

interface Position {
  readonly time_s: number;
  readonly end_s: number;
  /** Of an arrow; a page is ten of them. */
  readonly step_s: number;
}

/** Where a key leads, undefined if it is none of a slider's; takes the event if it is. */
export function seekKey(
  event: KeyboardEvent,
  { time_s, end_s, step_s }: Position,
): number | undefined {
  const targets: Readonly<Record<string, number>> = {
    ArrowRight: time_s + step_s,
    ArrowUp: time_s + step_s,
    ArrowLeft: time_s - step_s,
    ArrowDown: time_s - step_s,
    PageUp: time_s + 10 * step_s,
    PageDown: time_s - 10 * step_s,
    Home: 0,
    End: end_s,
  };
  const target_s = targets[event.key];
  if (target_s === undefined || event.altKey || event.ctrlKey || event.metaKey) return undefined;
  event.preventDefault();
  event.stopPropagation();
  return Math.min(end_s, Math.max(0, target_s));
}
