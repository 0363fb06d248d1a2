/** A canvas that fills its element in device pixels. */

export interface Sheet {
  readonly context: CanvasRenderingContext2D;
  readonly width_px: number;
  readonly height_px: number;
}

/** Clears and scales the canvas so that drawing is in CSS pixels; undefined while it has no size. */
export function cleanSheet(canvas: HTMLCanvasElement): Sheet | undefined {
  const [width_px, height_px] = [canvas.clientWidth, canvas.clientHeight];
  const context = canvas.getContext("2d");
  if (context === null || width_px === 0 || height_px === 0) return undefined;
  const ratio = window.devicePixelRatio;
  const [width, height] = [Math.round(width_px * ratio), Math.round(height_px * ratio)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width_px, height_px);
  return { context, width_px, height_px };
}
