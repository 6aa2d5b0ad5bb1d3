import { text } from './words.js';

/** A mail with numbers on it, in a frame that can do nothing; the scripts load it again when they change. */
export function renderOverlay(path: string | null, subject = ''): string {
  if (path === null) {
    return '<p class="empty">The mail itself is only kept where this app has sent it.</p>';
  }
  return `<p class="hint">Clicks by people; behind the plus, those of machines and where nobody can tell.</p>
      <iframe class="overlay" id="overlay" title="The mail ${text(subject)} with the clicks on its links"
        sandbox="" referrerpolicy="no-referrer" loading="lazy" src="${path}"></iframe>`;
}
