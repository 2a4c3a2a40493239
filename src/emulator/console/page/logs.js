// What a function wrote, as it writes it.

import { ask, own } from './api.js';
import { h, visible } from './dom.js';
import { t } from './words.js';

export async function open({ region, name, panel }) {
  const text = h('pre', { className: 'text log', tabIndex: 0, role: 'log', 'aria-label': t('logs') });
  const none = h('p', { className: 'note' }, t('noLines'));

  async function lines() {
    const { json } = await ask('GET', own('logs', { function: name }), { region });
    // Who reads the end stays at the end; who reads elsewhere stays there.
    const atEnd = text.scrollHeight - text.scrollTop - text.clientHeight < 8;
    none.hidden = json.lines.length > 0;
    text.hidden = json.lines.length === 0;
    text.textContent = visible(json.lines.join('\n'));
    if (atEnd) text.scrollTop = text.scrollHeight;
  }

  panel.replaceChildren(none, text);
  await lines();
  return { lines, shown: () => { text.scrollTop = text.scrollHeight; } };
}
