import { postJson } from './api.js';
import { announce, byId, el } from './dom.js';

const FIELDS = ['to', 'list', 'privacy', 'subject', 'html', 'metadata'];

const EXAMPLE_HTML = `<!doctype html>
<p>Hello Ada,</p>
<p>the <a href="https://example.com/report?month=11&amp;view=full">report for November</a> is ready.
Questions? <a href="mailto:team@example.com">Write to us</a>.</p>
`;
const EXAMPLE_METADATA = '{ "campaign": "november", "customer_id": 1042 }';

/** Runs the form; `onSent` gets what the server answered. */
export function startCompose(onSent) {
  const form = byId('compose-form');
  const { subject, html, metadata, list, privacy } = form.elements;
  html.value = EXAMPLE_HTML;
  metadata.value = EXAMPLE_METADATA;

  let proposed = '';
  const choose = () => {
    const chosen = form.querySelector('input[name=template]:checked');
    html.closest('label').hidden = chosen.value !== '';
    // A subject that the user wrote stays.
    if (subject.value === proposed) subject.value = chosen.dataset.subject;
    proposed = chosen.dataset.subject;
    // There are no lists where the app cannot make unsubscribe links.
    if (list) list.value = chosen.dataset.list;
  };
  form.addEventListener('change', ({ target }) => target.name === 'template' && choose());
  form.addEventListener('input', ({ target }) => clearProblem(target));
  choose();
  const explain = () => {
    byId('privacy-hint').textContent = privacy.selectedOptions[0].dataset.hint;
  };
  privacy.addEventListener('change', explain);
  explain();

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = form.querySelector('button');
    button.disabled = true;
    showProblems(form, []);
    try {
      const sent = await postJson('/api/messages', readForm(form));
      announce('The mail was sent. Open it in the inbox.');
      await onSent(sent);
    } catch (error) {
      showProblems(form, error.problems ?? [error.message]);
    } finally {
      button.disabled = false;
    }
  });
}

function readForm(form) {
  const { to, subject, html, metadata, textTracking, list, privacy } = form.elements;
  const template = form.querySelector('input[name=template]:checked').value;
  const mail = { to: to.value.trim(), subject: subject.value, privacy: privacy.value };
  if (template) mail.template = template;
  else mail.html = html.value;
  if (list?.value) mail.list = list.value;
  if (textTracking.checked) mail.textTracking = true;
  if (metadata.value.trim()) mail.metadata = parseMetadata(metadata.value);
  return mail;
}

function parseMetadata(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('metadata must be JSON, such as { "campaign": "spring" }');
  }
}

/** The server's sentences begin with the name of the field; the others are shown above the button. */
function showProblems(form, problems) {
  for (const old of form.querySelectorAll('.field-problem')) old.remove();
  for (const input of form.querySelectorAll('[aria-invalid]')) clearProblem(input);
  const general = problems.filter((problem) => !showAtField(form, problem));
  const box = byId('compose-problem');
  box.hidden = general.length === 0;
  box.replaceChildren(...general.map((problem) => el('p', {}, problem)));
  form.querySelector('[aria-invalid]')?.focus();
}

function showAtField(form, problem) {
  const name = problem.split(/\W/, 1)[0];
  const input = FIELDS.includes(name) && form.elements[name];
  if (!input || input.closest('[hidden]')) return false;
  input.setAttribute('aria-invalid', 'true');
  input.setAttribute('aria-describedby', `${name}-problem`);
  input.after(el('span', { class: 'field-problem', id: `${name}-problem` }, problem));
  return true;
}

function clearProblem(input) {
  input.removeAttribute('aria-invalid');
  // The hint that some fields have stays.
  if (byId(`${input.name}-hint`)) input.setAttribute('aria-describedby', `${input.name}-hint`);
  else input.removeAttribute('aria-describedby');
}
