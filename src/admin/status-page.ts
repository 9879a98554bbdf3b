import { createHash } from 'node:crypto';
import { mostTold, namesText, select } from '../app/alike.ts';
import type { CredentialHealth } from '../app/credential-health.ts';
import type { AuditHealth, Finding, Health, SinkHealth, SourceHealth } from '../app/health.ts';
import { durationText } from '../fields/duration.ts';
import type { Telemetry } from '../runtime/telemetry.ts';
import { Html, html } from './html.ts';
import { script } from './status-page-script.ts';
import { style } from './status-page-style.ts';

/** What the status page shows. */
export interface StatusPageState {
  /** How all is, or why the store does not tell. */
  readonly health: Health | { readonly problem: string };
  readonly telemetry: Pick<Telemetry, 'sinks'>;
  readonly version: string;
  /** ms since 1970. */
  readonly nowMs: number;
  readonly startedAtMs: number;
}

/** The page's Content-Security-Policy: its own script and style, by their hashes, and nothing else. */
export const statusPagePolicy = [
  "default-src 'none'",
  `script-src '${sourceHash(script)}'`,
  `style-src '${sourceHash(style)}'`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Returns the status page, one HTML document that needs no other: sources, sinks and credentials with their state,
 * brought up to date by its script, or without scripts by loading itself again.
 */
export function statusPage(state: StatusPageState): string {
  const { health, version, nowMs, startedAtMs } = state;
  const overall = 'problem' in health ? unknown(health.problem) : known(health, state.telemetry);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${overall.word} – defender-siem</title>
<link rel="icon" href="data:,">
<noscript><meta http-equiv="refresh" content="5"></noscript>
<style>${new Html(style)}</style>
</head>
<body>
<div id="page">
<header>
<h1>defender-siem</h1>
<p class="badge ${overall.tone}" role="status">${marks[overall.tone]} ${overall.word}</p>
<p class="time">as of ${momentText(nowMs)}</p>
</header>
<main>${overall.content}</main>
<footer>
<p>version ${version}, running for ${durationText(nowMs - startedAtMs)}</p>
<p><a href="status">status as JSON</a></p>
<p><a href="metrics">metrics</a></p>
</footer>
</div>
<p id="lost" class="alarm bad" role="alert" hidden>${marks.bad} No answer from defender-siem: what stands here is from the time above. It is asked again every 5 seconds.</p>
<script>${new Html(script)}</script>
</body>
</html>
`;
  return page.text;
}

type Tone = 'ok' | 'note' | 'bad';

/** States are told by mark and word, never by colour alone (WCAG 2.2 §1.4.1). */
const marks: Readonly<Record<Tone, string>> = { ok: '✓', note: '!', bad: '✗' };
const words: Readonly<Record<Tone, string>> = { ok: 'OK', note: 'Note', bad: 'Not OK' };

interface Overall {
  readonly tone: Tone;
  readonly word: string;
  readonly content: Html;
}

function unknown(problem: string): Overall {
  return {
    tone: 'bad',
    word: 'Not known',
    content: html`<p class="alarm bad">${marks.bad} The store does not answer: ${problem}</p>`,
  };
}

function known(health: Health, telemetry: StatusPageState['telemetry']): Overall {
  const { store, sources, sinks, credentials } = health;
  const all = [store, ...sources, ...sinks, ...credentials];
  const ill = all.filter(({ healthy }) => !healthy).length;
  const storeTone = store.healthy ? 'note' : 'bad';
  return {
    tone: health.healthy ? 'ok' : 'bad',
    word: health.healthy ? 'Healthy' : `Not healthy: ${ill} of ${all.length} not OK`,
    content: html`
${store.problem === '' ? html`` : html`<p class="alarm ${storeTone}">${marks[storeTone]} The store ${store.problem}</p>`}
${[sources, sinks, credentials].some(({ length }) => length > mostTold) ? totals(health) : html``}
${table(
  'Sources',
  ['Source', 'State', '@Read up to', '#Overlap', '@Last audit', '#Accepted', '#Repeated'],
  rowsOf(sources, sourceRow, 7, ({ tenant }) => tenant),
)}
${table(
  'Sinks',
  ['Sink', 'State', '#Backlog', '#Oldest waiting', '#Dead letters', '#Delivered since start'],
  rowsOf(sinks, (sink) => sinkRow(sink, telemetry.sinks.get(sink.name)?.delivered ?? 0), 6),
)}
${table('Credentials', ['Tenant', 'State', '@Expires'], rowsOf(credentials, credentialRow, 3))}
${health.jobs.length === 0 ? html`` : table('Jobs', ['Job', 'State', 'Progress', '@Asked for'], health.jobs.map(jobRow))}
`,
  };
}

function totals({ totals }: Health): Html {
  const { tenants, sources, accepted, gaps, furthestBehind, backlog } = totals;
  const behind =
    furthestBehind === undefined
      ? ''
      : ` The source that is furthest behind is ${furthestBehind.source}, by ${durationText(furthestBehind.lagMs)}.`;
  return html`<p>${tenants.total} tenants, of which ${tenants.notWell} are not OK; ${sources.total} sources, of which ${sources.notWell} are not OK. Accepted ${accepted.toLocaleString('en-US')}, set aside ${gaps} spans, backlog ${backlog.toLocaleString('en-US')}.${behind}</p>`;
}

/** The rows of those that are told of, and one for each lot of others. */
function rowsOf<Each extends Finding>(
  all: readonly Each[],
  row: (each: Each) => Html,
  columns: number,
  tenantOf: (each: Each) => string = ({ name }) => name,
): readonly Html[] {
  const { told, alike, well } = select(all, tenantOf);
  const others = [
    ...alike.map(({ as, names }) => `In the same way as ${as.name}: ${namesText(names)}.`),
    ...(well === 0 ? [] : [`${well} more are OK: they stand in the status as JSON.`]),
  ];
  return [...told.map(row), ...others.map((text) => html`<tr><td colspan="${columns}">${text}</td></tr>`)];
}

/** A heading that begins with `#` stands over numbers, one with `@` over moments. */
function table(title: string, headings: readonly string[], rows: readonly Html[]): Html {
  const id = title.toLowerCase();
  const cells = headings.map((heading) => {
    const kind = { '#': 'number', '@': 'moment' }[heading.charAt(0)];
    return kind === undefined
      ? html`<th scope="col">${heading}</th>`
      : html`<th scope="col" class="${kind}">${heading.slice(1)}</th>`;
  });
  return html`<section>
<h2 id="${id}">${title}</h2>
<div class="wide" role="region" aria-labelledby="${id}" tabindex="0">
<table aria-labelledby="${id}">
<thead><tr>${cells}</tr></thead>
<tbody>${rows}</tbody>
</table>
</div>
</section>`;
}

function sourceRow(source: SourceHealth): Html {
  const { name, type, tenant, watermark, lagMs = 0, overlapMs, audit, accepted, repeated } = source;
  const readUpTo =
    watermark === undefined
      ? html`<td class="moment">–</td>`
      : html`<td class="moment">${momentText(Date.parse(watermark))}<span>${durationText(lagMs)} ago</span></td>`;
  return html`<tr>
<th scope="row">${name}<span>${type} of ${tenant}</span></th>
${stateCell(source)}
${readUpTo}
<td class="number">${overlapMs === undefined ? '–' : durationText(overlapMs)}</td>
${auditCell(audit)}
${number(accepted)}
${number(repeated)}
</tr>`;
}

function auditCell(audit: AuditHealth | undefined): Html {
  if (audit === undefined) return html`<td class="moment">–</td>`;
  const missing = audit.expected - audit.accepted;
  const found = missing === 0 ? 'none missing' : `${missing} missing, ${audit.healed} healed`;
  return html`<td class="moment">${momentText(Date.parse(audit.at))}<span>${found}</span></td>`;
}

function sinkRow(sink: SinkHealth, delivered: number): Html {
  const { name, type, backlog, waitingMs, deadLetters } = sink;
  return html`<tr>
<th scope="row">${name}<span>${type}</span></th>
${stateCell(sink)}
${number(backlog)}
<td class="number">${waitingMs === undefined ? '–' : durationText(waitingMs)}</td>
${number(deadLetters)}
${number(delivered)}
</tr>`;
}

function credentialRow(credential: CredentialHealth): Html {
  const { name, kind, expires } = credential;
  return html`<tr>
<th scope="row">${name}<span>${kind}</span></th>
${stateCell(credential)}
<td class="moment">${expires === undefined ? 'not known here' : momentText(Date.parse(expires))}</td>
</tr>`;
}

function jobRow({ id, kind, asked, state, progress, created, problem }: Health['jobs'][number]): Html {
  const tone = problem !== '' ? 'bad' : state === 'done' ? 'ok' : 'note';
  return html`<tr>
<th scope="row">${kind} ${id}<span>${asked}</span></th>
<td class="state"><span class="badge ${tone}">${marks[tone]} ${state}</span>${problem === '' ? html`` : html`<p>${problem}</p>`}</td>
<td>${progress}</td>
<td class="moment">${momentText(Date.parse(created))}</td>
</tr>`;
}

function stateCell({ healthy, problem }: Finding): Html {
  const tone = !healthy ? 'bad' : problem === '' ? 'ok' : 'note';
  const reason = problem === '' ? html`` : html`<p>${problem}</p>`;
  return html`<td class="state"><span class="badge ${tone}">${marks[tone]} ${words[tone]}</span>${reason}</td>`;
}

function number(value: number): Html {
  return html`<td class="number">${value.toLocaleString('en-US')}</td>`;
}

/** Returns a time as `2026-11-03 08:26:10 UTC`. */
function momentText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function sourceHash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
