import { crc32, deflateSync } from 'node:zlib';
import type { Browser } from 'playwright-core';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const COLOURS = 256;

/**
 * Returns a picture with its 256 most frequent colours, which takes about half of the bytes. Other
 * colours, as of the edges of letters, become the nearest of them.
 */
export async function toSmallPng(browser: Browser, png: Buffer): Promise<Buffer> {
  const page = await browser.newPage();
  const { width, height, pixels } = await page.evaluate<{
    width: number;
    height: number;
    pixels: string;
  }>(`(${READ_PIXELS})('${png.toString('base64')}')`);
  await page.close();
  const colours = Buffer.from(pixels, 'base64').reduce<number[]>((all, byte, i) => {
    if (i % 4 === 0) all.push(byte << 16);
    else if (i % 4 < 3) all[all.length - 1]! |= byte << (16 - 8 * (i % 4));
    return all;
  }, []);
  const palette = mostFrequent(colours);
  const index = nearestIn(palette);
  const rows = Buffer.alloc((width + 1) * height);
  colours.forEach((colour, i) => {
    rows[i + Math.floor(i / width) + 1] = index(colour);
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits for each pixel, with a palette.
  header.set([8, 3], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap((colour) => [...channels(colour)]))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** For the browser, which can read the picture that it made. */
const READ_PIXELS = `async (png) => {
  const image = await createImageBitmap(await (await fetch('data:image/png;base64,' + png)).blob());
  const { width, height } = image;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.drawImage(image, 0, 0);
  const bytes = context.getImageData(0, 0, width, height).data;
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return { width, height, pixels: btoa(text) };
}`;

function mostFrequent(colours: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .slice(0, COLOURS)
    .map(([colour]) => colour);
}

function nearestIn(palette: readonly number[]): (colour: number) => number {
  const known = new Map(palette.map((colour, i) => [colour, i]));
  const distance = (one: number, other: number) => {
    const [r, g, b] = channels(one);
    const [x, y, z] = channels(other);
    return (r - x) ** 2 + (g - y) ** 2 + (b - z) ** 2;
  };
  return (colour) => {
    let found = known.get(colour);
    if (found === undefined) {
      found = 0;
      for (let i = 1; i < palette.length; i++) {
        if (distance(colour, palette[i]!) < distance(colour, palette[found]!)) found = i;
      }
      known.set(colour, found);
    }
    return found;
  };
}

const channels = (colour: number) => [colour >> 16, (colour >> 8) & 255, colour & 255] as const;

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
