/** The pages of the app, by their titles. */
const PAGES = {
  Mail: '/',
  Dashboard: '/dashboard',
  Suppressed: '/suppressed',
  Privacy: '/privacy',
};

/** Links to the pages of the app. */
export function renderSite(title: string): string {
  const links = Object.entries(PAGES).map(
    ([name, path]) =>
      `<a href="${path}"${name === title ? ' aria-current="page"' : ''}>${name}</a>`,
  );
  return `<nav class="site" aria-label="Site">${links.join('')}</nav>`;
}
