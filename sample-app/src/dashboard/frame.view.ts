import { renderLayout } from '../page/layout.view.js';
import { escapeHtml } from '../web/escape-html.js';

/** What all pages with numbers have around their content. The title must be escaped already. */
export function renderFrame(title: string, content: string, isAway = false): string {
  return renderLayout(
    `${title} · Email tracking`,
    `<body class="numbers">
  <a class="skip" href="#main">Skip to the numbers</a>
  <header class="bar">
    <p class="name">Email tracking <span>sample app</span></p>
    <nav class="site" aria-label="Site"><a href="/">Mail</a><a href="/dashboard"${
      title === 'Dashboard' ? ' aria-current="page"' : ''
    }>Dashboard</a></nav>
    <p class="status" id="status" role="status" data-state="connecting">Connecting</p>
  </header>
  <main class="wide" id="main" tabindex="-1"${isAway ? ' data-away' : ''}>${content}</main>
  <p class="visually-hidden" id="announcer" aria-live="polite"></p>
</body>`,
    '/assets/dashboard.js',
    [
      '/vendor/uplot/uPlot.min.css',
      '/assets/page.css',
      '/assets/compose.css',
      '/assets/dashboard.css',
    ],
  );
}

/** Instead of a page with numbers. */
export function renderAway(waiting: number): string {
  return renderFrame(
    'No numbers',
    `<section class="panel away" aria-labelledby="away-title">
    <h1 id="away-title">The database does not answer</h1>
    <p>Mail still goes out, and links and pixels still answer their readers. ${
      waiting > 0
        ? `${waiting} ${waiting === 1 ? 'event waits' : 'events wait'} in memory until it is back.`
        : 'Events wait in memory until it is back.'
    }</p>
    <p>Check that it runs, and what <code>DATABASE_URL</code> or <code>DATA_DIR</code> say; this
      page asks again by itself.</p>
  </section>`,
    true,
  );
}

/** Where there is nothing of that name. */
export function renderMissing(what: string, name: string): string {
  return renderFrame(
    'Not found',
    `<section class="panel away" aria-labelledby="missing-title">
    <h1 id="missing-title">Nothing is known of this ${what}</h1>
    <p><code>${escapeHtml(name)}</code></p>
    <p>What was sent a moment ago takes a second to arrive.
      <a href="/dashboard">Back to the dashboard</a></p>
  </section>`,
  );
}

/** Where the address asks for what cannot be. */
export function renderRefusal(problems: string[]): string {
  return renderFrame(
    'Not understood',
    `<section class="panel away" aria-labelledby="refusal-title">
    <h1 id="refusal-title">This address is not understood</h1>
    <ul>${problems.map((problem) => `<li>${escapeHtml(problem)}</li>`).join('')}</ul>
    <p><a href="/dashboard">Back to the dashboard</a></p>
  </section>`,
  );
}
