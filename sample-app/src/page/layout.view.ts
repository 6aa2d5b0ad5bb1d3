const STYLES = ['page', 'compose', 'inbox', 'events'].map((name) => `/assets/${name}.css`);

/** Wraps the content of a page. The content must be escaped already. */
export function renderLayout(
  title: string,
  body: string,
  script = '',
  styles: readonly string[] = STYLES,
): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title}</title>
  <link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/assets/base.css">
  ${styles.map((path) => `<link rel="stylesheet" href="${path}">`).join('\n  ')}
  ${script && `<script type="module" src="${script}"></script>`}
</head>
${body}
</html>
`;
}
