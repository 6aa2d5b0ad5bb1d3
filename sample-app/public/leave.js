import { postJson } from './api.js';
import { announce, byId, el } from './dom.js';

/** The mail that the dialog asks about. */
let asked = null;

/**
 * "Unsubscribe" beside the sender, as Gmail shows it for a mail with both headers of RFC 8058.
 *
 * @returns null for another mail
 */
export function leaveButton(mail, { headers }) {
  if (headers['list-unsubscribe-post'] !== 'List-Unsubscribe=One-Click') return null;
  const button = el(
    'button',
    { type: 'button', class: 'leave', click: () => ask() },
    'Unsubscribe',
  );
  const ask = () => {
    asked = { mail, button };
    byId('leave-from').textContent = nameOf(headers.from);
    byId('leave-problem').hidden = true;
    byId('leave').showModal();
  };
  return button;
}

/** The name before an address, or the address. */
const nameOf = (from = '') => from.replaceAll('"', '').replace(/\s*<[^>]*>$/, '') || from;

export function startLeaving() {
  const dialog = byId('leave');
  const go = byId('leave-go');
  byId('leave-cancel').addEventListener('click', () => dialog.close());
  go.addEventListener('click', async () => {
    go.disabled = true;
    try {
      // The server of the mail program sends the request, not the reader's browser.
      await postJson(`/api/inbox/${encodeURIComponent(asked.mail.id)}/unsubscribe`, {});
      dialog.close();
      const left = el('span', { class: 'left', tabindex: '-1' }, 'Unsubscribed');
      asked.button.replaceWith(left);
      // The button that had the focus is gone.
      left.focus();
      announce('You are unsubscribed.');
    } catch (error) {
      const problem = byId('leave-problem');
      problem.textContent = error.message;
      problem.hidden = false;
    } finally {
      go.disabled = false;
    }
  });
}
