import { ApiError, postJson } from './api.js';
import { drawChart, startChart } from './chart.js';
import { announce, byId } from './dom.js';
import { startLifting } from './lift.js';
import { startPrivacy } from './privacy.js';
import { startTeaching } from './teach.js';
import { relate } from './times.js';

/** Changes come in bursts, which are shown together. */
const SETTLE_MS = 150;
const AWAY_MS = 3000;
const TIMES_MS = 20_000;

function setStatus(state, text) {
  const status = byId('status');
  status.dataset.state = state;
  status.textContent = text;
}

let timer = null;
let isLoading = false;

/** Reloads the numbers soon, once for several calls. */
function refreshSoon(delay = SETTLE_MS) {
  if (timer !== null) return;
  timer = setTimeout(() => {
    timer = null;
    if (isLoading) refreshSoon();
    else void refresh();
  }, delay);
}

async function refresh() {
  isLoading = true;
  try {
    const response = await fetch(window.location.href);
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
    const [here, there] = [byId('main'), fresh.getElementById('main')];
    if (!there || 'away' in here.dataset || 'away' in there.dataset) replaceMain(here, there);
    else replaceParts(fresh);
  } catch {
    setStatus('away', 'No answer');
    refreshSoon(AWAY_MS);
  } finally {
    isLoading = false;
  }
}

/** Replaces the whole content when the database goes away or comes back. */
function replaceMain(here, there) {
  if (!there) return;
  const changed = 'away' in here.dataset !== 'away' in there.dataset;
  // The page needs its chart, form and frame again.
  if (changed && 'away' in here.dataset) return window.location.reload();
  here.replaceWith(document.adoptNode(there));
  if (changed) announce(byId('main').querySelector('h1').textContent);
  refreshSoon(AWAY_MS);
}

/** Replaces what has changed, and leaves the rest, with its focus and scrolling, alone. */
function replaceParts(fresh) {
  const changed = new Set();
  const now = new Date();
  relate(document, now);
  relate(fresh, now);
  for (const part of document.querySelectorAll('[data-live]')) {
    const next = fresh.getElementById(part.id);
    if (!next || next.innerHTML === part.innerHTML) continue;
    keepingFocus(part, () => part.replaceChildren(...document.adoptNode(next).childNodes));
    changed.add(part.id);
  }
  if (changed.has('series')) drawChart();
  const overlay = byId('overlay');
  if (changed.has('links') && overlay) overlay.src = overlay.getAttribute('src');
  if (changed.has('story') || changed.has('totals')) announce('The numbers have changed.');
}

function keepingFocus(part, change) {
  const { activeElement } = document;
  if (!part.contains(activeElement)) return change();
  const { id } = activeElement;
  const address = activeElement.getAttribute('href');
  change();
  if (id) return byId(id)?.focus();
  if (address === null) return;
  [...part.querySelectorAll('a')].find((link) => link.getAttribute('href') === address)?.focus();
}

/** "A machine visits", and "replay a provider's webhook". */
function startPlay(form) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = form.querySelector('button');
    const choice = form.querySelector('select');
    const problem = byId('play-problem');
    button.disabled = true;
    problem.hidden = true;
    try {
      await postJson(form.dataset.path, { [choice.name]: choice.value });
      announce(`${choice.selectedOptions[0].textContent}: done.`);
      refreshSoon();
    } catch (error) {
      problem.textContent = error instanceof ApiError ? error.message : String(error);
      problem.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
}

relate();
window.setInterval(relate, TIMES_MS);
if (byId('chart')) startChart();
for (const form of document.querySelectorAll('form.play')) startPlay(form);
if (byId('lift')) startLifting(refreshSoon);
if (byId('rule')) startTeaching();
if (byId('decide')) startPrivacy(refreshSoon);
if ('away' in byId('main').dataset) refreshSoon(AWAY_MS);

const stream = new EventSource('/api/changes/stream');
stream.addEventListener('open', () => {
  setStatus('live', 'Live');
  // Shows what happened since the page was rendered, or while the stream was away.
  refreshSoon();
});
stream.addEventListener('message', () => refreshSoon());
stream.addEventListener('error', () => {
  setStatus('away', 'Reconnecting');
});
