/**
 * The status page's script: fetches the page anew every 5 s and brings the one that is shown to what it says. The page
 * is written, and its values are escaped, in one place that way: on the server. Only what differs is touched, so that
 * focus, a selection and the place in the page stay, and a screen reader hears of changes alone.
 */
export const script = `
'use strict';
const everyMs = 5000;
const lost = document.getElementById('lost');

function bring(shown, fresh) {
  if (shown.nodeName !== fresh.nodeName || shown.childNodes.length !== fresh.childNodes.length) {
    shown.replaceWith(fresh);
    return;
  }
  if (shown.nodeType === Node.TEXT_NODE) {
    if (shown.data !== fresh.data) shown.data = fresh.data;
    return;
  }
  for (const { name, value } of fresh.attributes) {
    if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  }
  const freshChildren = [...fresh.childNodes];
  [...shown.childNodes].forEach((child, index) => bring(child, freshChildren[index]));
}

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { cache: 'no-store', signal: AbortSignal.timeout(everyMs) });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.getElementById('page');
    if (fresh === null) throw new Error('not the status page');
    document.title = page.title;
    bring(document.getElementById('page'), fresh);
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  }
}

setInterval(refresh, everyMs);
document.addEventListener('visibilitychange', refresh);
`;
