import { text } from './format.js';

/** A mail with the clicks on its links, in a frame without rights. The scripts reload it after changes. */
export function renderOverlay(path: string | null, subject = ''): string {
  if (path === null) {
    return '<p class="empty">This app did not send the mail, so it has no copy of it.</p>';
  }
  return `<p class="hint">Clicks by people. The number after the plus counts all other clicks.</p>
      <iframe class="overlay" id="overlay" title="The mail ${text(subject)} with the clicks on its links"
        sandbox="" referrerpolicy="no-referrer" loading="lazy" src="${path}"></iframe>`;
}
