/** Light and dark, from 320 pixels on, with the fonts of the reader's machine. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ground:#f3f4f7;--line:#dfe2ea;--edge:#868fa2;--ink:#171a21;--soft:#545b69;
--accent:#2447c8;--accent-hover:#1b389f;--on-accent:#fff;--tint:#e8edff;--good:#0f6b3c;--good-tint:#dcf5e7;
--bad:#a3281f;--bad-tint:#fde8e6}
@media (prefers-color-scheme:dark){:root{--paper:#1b1e26;--ground:#101218;--line:#343946;--edge:#727b91;--ink:#f0f2f7;
--soft:#a9b0c0;--accent:#9db4ff;--accent-hover:#bccbff;--on-accent:#10162e;--tint:#262d4a;--good:#74d9a3;
--good-tint:#17372a;--bad:#ff9d94;--bad-tint:#42211f}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;min-height:100dvh;display:grid;place-items:center;padding:16px;
background:var(--ground);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Helvetica Neue",Arial,sans-serif}
main{width:100%;max-width:464px;padding:32px;background:var(--paper);border:1px solid var(--line);
border-radius:16px;box-shadow:0 1px 2px rgb(0 0 0/.05),0 12px 32px rgb(0 0 0/.07);overflow-wrap:anywhere}
svg{display:block;width:48px;height:48px;padding:12px;margin:0 0 20px;border-radius:50%;
background:var(--tint);color:var(--accent);fill:none;stroke:currentColor;stroke-width:2;
stroke-linecap:round;stroke-linejoin:round}
.done svg,.unmeasured svg{background:var(--good-tint);color:var(--good)}
.failed svg,.unreadable svg{background:var(--bad-tint);color:var(--bad)}
h1{margin:0 0 8px;font-size:1.5rem;line-height:1.25;letter-spacing:-.01em;text-wrap:balance}
p{margin:0 0 12px}
strong{font-weight:600}
main>:last-child{margin-bottom:0}
.about{padding:12px 16px;border-radius:10px;background:var(--ground);color:var(--soft)}
.note{margin:20px 0 0;font-size:.875rem;color:var(--soft)}
form{display:grid;gap:12px;margin:24px 0 0}
button{min-height:48px;width:100%;padding:10px 20px;border:1px solid transparent;border-radius:10px;
background:var(--accent);color:var(--on-accent);font:inherit;font-weight:600;cursor:pointer;overflow-wrap:anywhere}
button:hover{background:var(--accent-hover)}
button.second{border-color:var(--edge);background:transparent;color:var(--ink)}
button.second:hover{background:var(--ground)}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
@media (max-width:480px){body{padding:0;place-items:stretch}main{max-width:none;padding:32px 20px;border:0;
border-radius:0;box-shadow:none}}
`.replaceAll('\n', '');

const icon = (paths: string) => `<svg viewBox="0 0 24 24" aria-hidden="true">${paths}</svg>`;

/** A picture for each kind of page. Screen readers skip it. */
export const PAGE_ICONS = {
  ask: icon('<rect x="3" y="5" width="18" height="14" rx="2"/><path d="m3 7 9 6 9-6"/>'),
  done: icon('<path d="m5 13 4 4L19 7"/>'),
  unmeasured: icon('<path d="m5 13 4 4L19 7"/>'),
  failed: icon('<path d="M12 5v8.5M12 18.5v.01"/>'),
  unreadable: icon('<path d="M9 17H7A5 5 0 0 1 7 7h2M15 7h2a5 5 0 0 1 3.5 8.6M8 12h3M3 3l18 18"/>'),
} as const;
