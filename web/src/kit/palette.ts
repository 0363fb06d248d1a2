/** Colour arithmetic: contrast as WCAG defines it, and colours as colour-blind readers see them. */

type Rgb = readonly [number, number, number];

/** Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB. */
const SIMULATION = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [
    0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998,
  ],
  deuteranopia: [
    0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881,
  ],
} as const;
export type Vision = keyof typeof SIMULATION;

/** Linear RGB in [0, 1] of `#rrggbb`. */
export function linearRgb(hex: string): Rgb {
  const channel = (at: number): number => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

function luminance([r, g, b]: Rgb): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG contrast ratio, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [x, y] = [luminance(linearRgb(a)), luminance(linearRgb(b))];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

function asSeen([r, g, b]: Rgb, vision: Vision): Rgb {
  const m = SIMULATION[vision];
  const clip = (value: number): number => Math.min(1, Math.max(0, value));
  return [
    clip(m[0] * r + m[1] * g + m[2] * b),
    clip(m[3] * r + m[4] * g + m[5] * b),
    clip(m[6] * r + m[7] * g + m[8] * b),
  ];
}

/** OKLab (Ottosson 2020) of linear RGB. */
function oklab([r, g, b]: Rgb): Rgb {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** Distance of two colours in OKLab for one kind of vision; 0.02 is about just noticeable. */
export function distance(a: string, b: string, vision: Vision): number {
  const [x, y] = [oklab(asSeen(linearRgb(a), vision)), oklab(asSeen(linearRgb(b), vision))];
  return Math.hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]);
}

const INKS = ["#0b0e14", "#ffffff"] as const;

/** Black or white, whichever is easier to read on a colour; 4.5:1 or more on every colour. */
export function ink(on: string): string {
  const [dark, light] = INKS;
  return contrast(dark, on) >= contrast(light, on) ? dark : light;
}
