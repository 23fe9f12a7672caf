// What a test can see of an open page.

import type { Page } from "playwright-core";

/** Runs in the page, before its own program. */
export function notePaintedTexts(): void {
  const texts: string[] = [];
  Object.assign(globalThis, { paintedTexts: texts });
  const { fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
    texts.push(text);
    return fillText.call(this, text, ...place);
  };
}

export function paintedTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => (globalThis as unknown as { paintedTexts: string[] }).paintedTexts);
}

/** Waits until the page has painted what it was told: it does so in the next frame, and a resize takes one more. */
export async function painted(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  });
}

/** How many pixels of the canvas have a colour, by "red,green,blue". */
export function pixels(page: Page): Promise<Record<string, number>> {
  return page.evaluate(() => {
    const canvas = document.querySelector(".canvas") as HTMLCanvasElement;
    // Of a copy: a canvas that is read twice is moved out of the GPU, with a warning.
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const context = copy.getContext("2d") as OffscreenCanvasRenderingContext2D;
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const counts = new Map<number, number>(); // by colour, as one number: texts would take seconds
    for (let at = 0; at < data.length; at += 4) {
      const colour = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    return Object.fromEntries(
      [...counts].map(([colour, count]) => [[colour >> 16, (colour >> 8) & 255, colour & 255].join(), count]),
    );
  });
}

/** Where the first step of a lane is painted, by its colour: a place inside it, in pixels of the canvas. */
export function firstStepIn(page: Page, lane: number): Promise<{ x: number; y: number }> {
  return page.evaluate((number) => {
    const [axisHeight, row] = [34, 26];
    const canvas = document.querySelector(".canvas") as HTMLCanvasElement;
    const context = canvas.getContext("2d") as CanvasRenderingContext2D;
    const y = axisHeight + number * row + 5; // above the waits, which are lower than steps
    const { data } = context.getImageData(0, y, canvas.width, 1);
    for (let x = 0; x < canvas.width; x++)
      if (data.subarray(4 * x, 4 * x + 3).join() === "43,99,196") return { x: x + 6, y };
    throw new Error(`Cannot find a step in lane ${number}`);
  }, lane);
}

/** A part of a picture, in its pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * What a screenshot shows in a colour: the boxes around all that hangs together, from above and from the left, without
 * specks. `page` decodes it, which must not be one whose policy forbids pictures.
 */
export function boxesOf(page: Page, screenshot: Buffer, colour: string): Promise<Box[]> {
  return page.evaluate(
    async ([address, wanted]) => {
      const image = new Image();
      image.src = address;
      await image.decode();
      const { width, height } = image;
      const context = new OffscreenCanvas(width, height).getContext("2d") as OffscreenCanvasRenderingContext2D;
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, width, height);
      const [red, green, blue] = wanted.split(",").map(Number);
      const has = (at: number): boolean =>
        data[4 * at] === red && data[4 * at + 1] === green && data[4 * at + 2] === blue;
      const left = new Set<number>();
      for (let at = 0; at < width * height; at++) if (has(at)) left.add(at);
      const boxes: Box[] = [];
      /** Texts on a box cut it: pixels so near to each other hang together. */
      const reach = 3;
      for (const start of left) {
        let [x1, y1, x2, y2, count] = [width, height, 0, 0, 0];
        const stack = [start];
        left.delete(start);
        for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
          const [x, y] = [at % width, Math.floor(at / width)];
          [x1, y1, x2, y2, count] = [Math.min(x1, x), Math.min(y1, y), Math.max(x2, x), Math.max(y2, y), count + 1];
          for (let dy = -reach; dy <= reach; dy++)
            for (let dx = -reach; dx <= reach; dx++) {
              const near = (y + dy) * width + x + dx;
              if (x + dx >= 0 && x + dx < width && left.delete(near)) stack.push(near);
            }
        }
        if (count >= 12) boxes.push({ x: x1, y: y1, width: x2 - x1 + 1, height: y2 - y1 + 1 });
      }
      return boxes;
    },
    [`data:image/png;base64,${screenshot.toString("base64")}`, colour] as const,
  );
}
