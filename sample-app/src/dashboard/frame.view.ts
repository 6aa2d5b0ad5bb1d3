import { renderBar } from '../page/bar.view.js';
import { renderLayout } from '../page/layout.view.js';
import { escapeHtml } from '../web/escape-html.js';

interface FrameOptions {
  /** Whether the database does not answer. */
  isAway?: boolean;
  /** What was searched for among recipients. */
  search?: string;
}

/** Wraps the content of a page with numbers. The title must be escaped already. */
export function renderFrame(
  title: string,
  content: string,
  { isAway = false, search = '' }: FrameOptions = {},
): string {
  return renderLayout(
    `${title} · Email tracking`,
    `<body class="numbers">
  ${renderBar(title, 'Skip to the numbers', escapeHtml(search))}
  <main class="wide" id="main" tabindex="-1"${isAway ? ' data-away' : ''}>${content}</main>
  <p class="visually-hidden" id="announcer" aria-live="polite"></p>
</body>`,
    '/assets/dashboard.js',
    [
      '/vendor/uplot/uPlot.min.css',
      '/assets/page.css',
      '/assets/compose.css',
      '/assets/dashboard.css',
      '/assets/filters.css',
      '/assets/figures.css',
      '/assets/privacy.css',
    ],
  );
}

/** The page while the database does not answer. */
export function renderAway(waiting: number): string {
  return renderFrame(
    'No numbers',
    `<section class="panel away" aria-labelledby="away-title">
    <h1 id="away-title">The database does not answer</h1>
    <p>Mails are still sent, and links and pixels still work. Opens and clicks are not recorded, because
      nobody knows who has withdrawn; reports of providers are refused, and come again. ${
        waiting > 0
          ? `${waiting} ${waiting === 1 ? 'event waits' : 'events wait'} in memory until the database answers.`
          : 'Other events wait in memory until the database answers.'
      }</p>
    <p>Check that the database runs, and the value of <code>DATABASE_URL</code> or <code>DATA_DIR</code>.
      This page reloads by itself.</p>
  </section>`,
    { isAway: true },
  );
}

/** The page for an unknown campaign or mail. */
export function renderMissing(what: string, name: string): string {
  return renderFrame(
    'Not found',
    `<section class="panel away" aria-labelledby="missing-title">
    <h1 id="missing-title">This ${what} was not found</h1>
    <p><code>${escapeHtml(name)}</code></p>
    <p>A mail that was just sent can take a second to appear.
      <a href="/dashboard">Back to the dashboard</a></p>
  </section>`,
  );
}

/** The page for an address with invalid parameters. */
export function renderRefusal(problems: string[]): string {
  return renderFrame(
    'Invalid address',
    `<section class="panel away" aria-labelledby="refusal-title">
    <h1 id="refusal-title">This address is not valid</h1>
    <ul>${problems.map((problem) => `<li>${escapeHtml(problem)}</li>`).join('')}</ul>
    <p><a href="/dashboard">Back to the dashboard</a></p>
  </section>`,
  );
}
