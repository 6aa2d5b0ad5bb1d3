/** The image that tells of an open. */
export interface TrackingPixel {
  /** The bytes of the image. */
  content: Buffer;
  /** Its `Content-Type`. */
  mimeType: 'image/png' | 'image/gif';
}

/** pytracking's transparent PNG of one pixel: 68 bytes. */
export const PIXEL: TrackingPixel = {
  content: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=',
    'base64',
  ),
  mimeType: 'image/png',
};
