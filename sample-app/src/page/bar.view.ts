/** The pages of the app, by their titles. */
const PAGES = {
  Mail: '/',
  Dashboard: '/dashboard',
  Events: '/events',
  Bounces: '/bounces',
  Domains: '/domains',
  Compare: '/compare',
  Segments: '/segments',
  Suppressed: '/suppressed',
  Privacy: '/privacy',
};

/** The top of each page: a link past it, the pages of the app, and a search for a recipient. */
export function renderBar(title: string, skip: string, search = ''): string {
  const links = Object.entries(PAGES).map(
    ([name, path]) =>
      `<a href="${path}"${name === title ? ' aria-current="page"' : ''}>${name}</a>`,
  );
  const name = title === 'Mail' ? 'h1' : 'p';
  return `<a class="skip" href="#main">${skip}</a>
  <header class="bar">
    <${name} class="name">Email tracking <span>sample app</span></${name}>
    <nav class="site" aria-label="Site">${links.join('')}</nav>
    <form class="find" action="/recipients" method="get" role="search" aria-label="Recipients">
      <label class="visually-hidden" for="find">Search for a recipient</label>
      <input id="find" name="search" type="search" maxlength="254" autocomplete="off"
        placeholder="Recipient" value="${search}">
      <button class="quiet" type="submit">Search</button>
    </form>
    <p class="status" id="status" role="status" data-state="connecting">Connecting</p>
  </header>`;
}
