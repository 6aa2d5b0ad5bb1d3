import { postJson } from './api.js';
import { announce, byId, el } from './dom.js';

const DONE = {
  grant: (address) => `${address} agreed to be measured.`,
  withdraw: (address) => `${address} is not measured any more.`,
};

/** "Agree", "Withdraw" and "Erase" of a recipient. */
export function startPrivacy(onChange) {
  const { address } = byId('decide').dataset;
  for (const button of byId('decide').querySelectorAll('button')) {
    const { wish } = button.dataset;
    if (wish === 'erase') continue;
    button.addEventListener('click', async () => {
      const isDone = await during(button, byId('privacy-problem'), () =>
        postJson(`/api/privacy/${wish}`, { address }),
      );
      if (!isDone) return;
      announce(DONE[wish](address));
      onChange();
    });
  }
  startErasing(address, onChange);
}

function startErasing(address, onChange) {
  const dialog = byId('erase');
  const go = byId('erase-go');
  byId('decide')
    .querySelector('[data-wish=erase]')
    .addEventListener('click', () => {
      byId('erase-problem').hidden = true;
      dialog.showModal();
    });
  byId('erase-cancel').addEventListener('click', () => dialog.close());
  go.addEventListener('click', async () => {
    const report = await during(go, byId('erase-problem'), () =>
      postJson('/api/privacy/erase', { address }),
    );
    if (!report) return;
    dialog.close();
    showReport(report);
    onChange();
  });
}

/** What an erasure did in each store, and what it cannot reach. */
function showReport({ complete, stores, unreachable }) {
  byId('erasure-title').textContent = complete ? 'Erased' : 'Not all is erased: try again';
  byId('erasure-stores').replaceChildren(
    ...stores.map(({ store, done, problem }) =>
      el(
        'li',
        { 'data-done': String(done) },
        el('b', {}, store),
        `: ${done ? 'done' : `failed (${problem})`}`,
      ),
    ),
  );
  byId('erasure-unreachable').replaceChildren(...unreachable.map((words) => el('li', {}, words)));
  const section = byId('erasure');
  section.hidden = false;
  section.focus();
}

/** Runs a request of a button. @returns its answer, or nothing after telling the problem */
async function during(button, problem, work) {
  button.disabled = true;
  problem.hidden = true;
  try {
    return (await work()) || true;
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
    return undefined;
  } finally {
    button.disabled = false;
  }
}
