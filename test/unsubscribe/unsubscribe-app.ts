import { connect } from 'node:net';
import type { TrackingModuleOptions } from 'nestjs-email-tracking';
import type { TestApp } from '../support/app.js';
import type { Answer } from '../support/http.js';

export const BASE = 'https://t.example.com/unsubscribe/';

/** Options that switch unsubscribing on. */
export const UNSUBSCRIBING = {
  baseUnsubscribeUrl: BASE,
  unsubscribe: {
    lists: {
      news: { title: 'Weekly news', description: 'What the workshop made.' },
      offers: { title: 'Offers' },
    },
    contact: 'mailto:help@example.com',
  },
} satisfies Partial<TrackingModuleOptions>;

export const ANN = { recipient: 'ann@example.com', list: 'news', messageId: '<1@example.com>' };

/** A form as RFC 8058 prefers it. */
export function multipart(value: string): { body: string; headers: Record<string, string> } {
  return {
    body: `--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n${value}\r\n--b--\r\n`,
    headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
  };
}

/** A form as browsers send it. */
export function urlencoded(value: string): { body: string; headers: Record<string, string> } {
  return {
    body: `List-Unsubscribe=${value}`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  };
}

/** Posts to a link; without a form, a body is sent by nobody. */
export function post(
  app: TestApp,
  url: string,
  form: { body?: string | Buffer; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return app.get(url, { method: 'POST', ...form });
}

/** Sends bytes, and returns what comes back until the connection ends. */
export function sendRaw(app: TestApp, ...parts: (string | Buffer)[]): Promise<string> {
  const { port } = new URL(app.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1');
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (answer += chunk));
    // A server that has refused a body may reset the connection while it is sent.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
    for (const part of parts) socket.write(part);
  });
}
