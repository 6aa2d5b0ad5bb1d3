/** The image that is loaded when a mail is opened. */
export interface TrackingPixel {
  /** The bytes of the image. */
  content: Buffer;
  /** Its `Content-Type`. */
  mimeType: 'image/png' | 'image/gif';
}

/** The format of the tracking pixel. Both are transparent and have one pixel. */
export type PixelFormat = 'png' | 'gif';

/** pytracking's PNG (68 bytes) and django-ptrack's GIF (43 bytes). */
export const PIXELS: Readonly<Record<PixelFormat, TrackingPixel>> = {
  png: {
    content: Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=',
      'base64',
    ),
    mimeType: 'image/png',
  },
  gif: {
    content: Buffer.from('R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64'),
    mimeType: 'image/gif',
  },
};
