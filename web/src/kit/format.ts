/** Numbers as people read them. */

import { texts } from "../texts";

/** "0:42", "12:05", "1:02:03"; negative and missing times read as zero. */
export function clock(time_s: number): string {
  const whole = Number.isFinite(time_s) ? Math.max(0, Math.floor(time_s)) : 0;
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}

/** "0.4 s", "12 s", "3 min 20 s", "28 min", "1 h 5 min". */
export function span(duration_s: number): string {
  if (duration_s < 9.95) return texts.units.seconds(Number(duration_s.toFixed(1)));
  const whole = Math.round(duration_s);
  if (whole < 60) return texts.units.seconds(whole);
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  if (minutes < 10) return texts.units.minutes(minutes, rest);
  if (minutes < 60) return texts.units.minutes(Math.round(duration_s / 60), 0);
  return texts.units.hours(Math.floor(minutes / 60), minutes % 60);
}

/** "81 %"; a share above zero never reads as "0 %". */
export function percent(share: number): string {
  if (share > 0 && share < 0.005) return texts.units.tinyPercent;
  return texts.units.percent(Math.round(share * 100));
}

/** Decimal units, as the size limit is stated: "298 kB", "4.2 MB". */
export function bytes(size_bytes: number): string {
  if (size_bytes < 1000) return `${size_bytes} B`;
  if (size_bytes < 999_500) return `${Math.round(size_bytes / 1000)} kB`;
  if (size_bytes < 9_950_000) return `${(size_bytes / 1e6).toFixed(1)} MB`;
  if (size_bytes < 999_500_000) return `${Math.round(size_bytes / 1e6)} MB`;
  return `${(size_bytes / 1e9).toFixed(1)} GB`;
}

/** "just now", "5 minutes ago", "yesterday"; `now_ms` is the clock to compare with. */
export function ago(rfc3339: string, now_ms: number): string {
  const elapsed_s = Math.max(0, (now_ms - Date.parse(rfc3339)) / 1000);
  if (!(elapsed_s >= 45)) return texts.units.justNow;
  const relative = new Intl.RelativeTimeFormat(texts.units.language, { numeric: "auto" });
  if (elapsed_s < 3600) return relative.format(-Math.max(1, Math.round(elapsed_s / 60)), "minute");
  if (elapsed_s < 86_400) return relative.format(-Math.round(elapsed_s / 3600), "hour");
  return relative.format(-Math.round(elapsed_s / 86_400), "day");
}

/** "23 November 2026". */
export function day(rfc3339: string): string {
  return new Intl.DateTimeFormat(texts.units.language, { dateStyle: "long" }).format(
    Date.parse(rfc3339),
  );
}
