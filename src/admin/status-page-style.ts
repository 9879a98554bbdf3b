/** The status page's style sheet. Text and badges keep a contrast of at least 4.5:1 in both schemes (WCAG 2.2 §1.4.3). */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --sheet: #ffffff; --line: #dfe3e8; --text: #1b1f24; --quiet: #57606a; --link: #0a58ca;
  --ok: #0b6b34; --ok-ground: #dff5e6; --note: #7a4b00; --note-ground: #fdf0d2; --bad: #a6171c; --bad-ground: #fde4e4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0e1217; --sheet: #161b22; --line: #2d343d; --text: #e4e8ee; --quiet: #9aa5b1; --link: #79b4ff;
    --ok: #6fdd95; --ok-ground: #11301d; --note: #f2c061; --note-ground: #382a0a; --bad: #ff9a96; --bad-ground: #431a1c;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 78rem; padding: 1.75rem 1.25rem 2.5rem;
  background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
header { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem; }
h1 { margin: 0; font-size: 1.4rem; letter-spacing: -.01em; }
h2 { margin: 0; padding: .8rem 1rem .6rem; font-size: 1rem; }
p { margin: 0; }
a { color: var(--link); }
.quiet { color: var(--quiet); }
.time { margin-left: auto; color: var(--quiet); font-variant-numeric: tabular-nums; }
.badge {
  display: inline-block; padding: .1rem .55rem; border-radius: 1rem;
  font-weight: 600; font-size: .87rem; white-space: nowrap;
}
.ok { color: var(--ok); background: var(--ok-ground); }
.note { color: var(--note); background: var(--note-ground); }
.bad { color: var(--bad); background: var(--bad-ground); }
.alarm {
  margin-top: 1rem; padding: .7rem 1rem; border: 1px solid currentColor; border-radius: .5rem; overflow-wrap: anywhere;
}
section { margin-top: 1.25rem; background: var(--sheet); border: 1px solid var(--line); border-radius: .6rem; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .55rem 1rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { color: var(--quiet); font-weight: 500; font-size: .87rem; white-space: nowrap; }
tbody th { font-weight: 600; }
tbody th span { display: block; color: var(--quiet); font-weight: 400; font-size: .87rem; }
thead th:first-child { width: 14rem; }
thead th.number { width: 8.5rem; }
thead th.moment { width: 15rem; }
td.state { min-width: 17rem; }
td.state p { max-width: 44rem; margin-top: .25rem; overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.moment { white-space: nowrap; font-variant-numeric: tabular-nums; }
.moment span { display: block; color: var(--quiet); font-size: .87rem; }
footer { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-top: 1.25rem; color: var(--quiet); font-size: .87rem; }
`;
