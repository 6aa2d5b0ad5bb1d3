import { startCompose } from './compose.js';
import { addEvent, loadEvents, nameMails, startEvents } from './events.js';
import { loadInbox, markUnread } from './inbox.js';
import { startLeaving } from './leave.js';
import { showReport } from './report.js';
import { byId } from './dom.js';

async function refreshInbox() {
  const mails = await loadInbox();
  nameMails(mails);
  return mails;
}

startCompose(async ({ messageId, report }) => {
  // A mail with nothing to track has none; that of the mail before must not stay.
  byId('report').hidden = !report;
  if (report) showReport(report);
  markUnread(messageId);
  await refreshInbox();
  // Where the panels are below each other, the mail would arrive out of sight.
  if (window.matchMedia('(max-width: 760px)').matches) byId('inbox').scrollIntoView();
});

startLeaving();
startEvents();

function setStatus(state, text) {
  const status = byId('status');
  status.dataset.state = state;
  status.textContent = text;
}

const stream = new EventSource('/api/events/stream');
stream.addEventListener('open', () => {
  setStatus('live', 'Live');
  // The lists have what happened while the stream was away.
  refreshInbox()
    .then(loadEvents)
    .catch(() => setStatus('away', 'No answer'));
});
stream.addEventListener('message', ({ data }) => addEvent(JSON.parse(data)));
stream.addEventListener('error', () => setStatus('away', 'Reconnecting'));

// Mails that others sent, for example with curl.
window.addEventListener('focus', () => void refreshInbox().catch(() => {}));
