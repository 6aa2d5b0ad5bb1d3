import { postJson } from './api.js';
import { announce, byId } from './dom.js';

/** "Lift": asks why, and lets somebody be written to again. */
export function startLifting(onLifted) {
  const dialog = byId('lift');
  const form = byId('lift-form');
  const why = byId('lift-why');
  const problem = byId('lift-problem');
  let chosen = null;

  // The buttons are in a table that is replaced when numbers change.
  byId('suppressed').addEventListener('click', ({ target }) => {
    const button = target.closest('[data-lift]');
    if (!button) return;
    const { address, scope } = button.dataset;
    chosen = { address, scope };
    byId('lift-who').textContent = button.getAttribute('aria-label').replace(/^Lift: /, '');
    why.value = '';
    problem.hidden = true;
    dialog.showModal();
  });
  byId('lift-cancel').addEventListener('click', () => dialog.close());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = form.querySelector('[type=submit]');
    button.disabled = true;
    try {
      await postJson('/api/suppressed/lift', { ...chosen, why: why.value });
      dialog.close();
      // The button that had the focus goes with its row.
      byId('main').focus({ preventScroll: true });
      announce(`${chosen.address} may be written to again.`);
      onLifted();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
}
