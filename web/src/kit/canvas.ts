/** A canvas that fills its element, drawn in device pixels. */

export interface Sheet {
  readonly context: CanvasRenderingContext2D;
  /** Device pixels. */
  readonly width: number;
  readonly height: number;
  /** Device pixels in one CSS pixel. */
  readonly ratio: number;
}

/** Clears the canvas and fits it to its element; undefined while it has no size. */
export function cleanSheet(canvas: HTMLCanvasElement): Sheet | undefined {
  const ratio = window.devicePixelRatio;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((px) =>
    Math.round(px * ratio),
  ) as [number, number];
  const context = canvas.getContext("2d");
  if (context === null || width === 0 || height === 0) return undefined;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  } else context.clearRect(0, 0, width, height);
  return { context, width, height, ratio };
}
