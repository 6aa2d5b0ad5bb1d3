import { announce, byId } from './dom.js';

/** "Copy a rule": copies the line that would have given a hit the other verdict, and shows it. */
export function startTeaching() {
  let asker = null;

  // The buttons are in a list that is replaced when numbers change.
  byId('story').addEventListener('click', async ({ target }) => {
    const button = target.closest('[data-rule]');
    if (!button) return;
    asker = button.id;
    const { rule, who, off } = button.dataset;
    const said = `${(await copied(rule)) ? 'Copied' : 'This browser does not let it be copied; select it here'}: a line for the option verdict of TrackingModule; a list that it has already gets the entry. Hits like this one are then ${who}.${
      off ? ` It switches ${off} off, for all hits: nothing outweighs what is certain.` : ''
    }`;
    byId('rule-line').textContent = rule;
    byId('rule-said').textContent = said;
    byId('rule').hidden = false;
    announce(said);
  });
  byId('rule-close').addEventListener('click', () => {
    byId('rule').hidden = true;
    if (asker !== null) byId(asker)?.focus();
  });
}

/** There is no clipboard for pages over http:, except on this machine. */
async function copied(text) {
  try {
    await window.navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
