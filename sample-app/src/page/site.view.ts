import { escapeHtml } from '../web/escape-html.js';
import { renderLayout } from './layout.view.js';

/** Where a link of a sample mail leads. */
export function renderSite(address: string): string {
  return renderLayout(
    'You have arrived',
    `<body class="arrival">
  <main>
    <h1>You have arrived</h1>
    <p>The tracking link redirected you to this address, which is the one in the mail:</p>
    <p><code>${escapeHtml(address)}</code></p>
    <p>In your own mails, this is your site. The click is in the event list.</p>
    <p><a class="button" href="/#events">See the events</a></p>
  </main>
</body>`,
  );
}
