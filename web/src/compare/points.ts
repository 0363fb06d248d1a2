/** How two shares differ, in percentage points. */

/** "+12", "−3", "0": from the left to the right. */
export function points(left: number, right: number): string {
  const difference = Math.round((right - left) * 100);
  if (difference === 0) return "0";
  return `${difference > 0 ? "+" : "−"}${Math.abs(difference)}`;
}
