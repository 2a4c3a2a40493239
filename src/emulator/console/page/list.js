// A list of the API, a page at a time: what begins with what was typed, and a form that makes one more.

import { h, field, refusal, status } from './dom.js';
import { t } from './words.js';

/** `load(prefix, token)` resolves to the API's own answer, `items` names the list in it, `row` makes a row of an item, and
 * `make(name)` makes a new one. */
export async function paged({ load, items, heads, row, none, make, label, searched = true }) {
  let prefix = '';
  let tokens = [''];
  let asked = 0;
  const told = status();
  const rows = h('tbody');
  const table = h('table', { className: 'list' }, h('thead', {}, h('tr', {}, heads.map(word => h('th', { scope: 'col' }, t(word))))), rows);
  const back = h('button', { type: 'button', onclick: () => { tokens.pop(); refresh(); } }, t('back'));
  const on = h('button', { type: 'button' }, t('on'));
  const input = h('input', {
    type: 'search', placeholder: t('begins'), 'aria-label': t('begins'), autocomplete: 'off', spellcheck: false,
    oninput: () => { prefix = input.value.trim(); tokens = ['']; refresh(); },
  });

  async function refresh() {
    const mine = asked += 1;
    try {
      const { json } = await load(prefix, tokens.at(-1));
      if (mine !== asked) return; // a later one was faster
      rows.replaceChildren(...json[items].map(row));
      table.hidden = json[items].length === 0;
      told.textContent = json[items].length > 0 ? '' : t(prefix ? 'noneBegins' : none);
      back.hidden = tokens.length === 1;
      on.hidden = !json.nextToken;
      on.onclick = () => { tokens.push(json.nextToken); refresh(); };
    } catch (error) {
      if (mine === asked) told.replaceChildren(refusal(error));
    }
  }

  const named = h('input', { name: 'new', required: true, autocomplete: 'off', spellcheck: false, maxLength: 256 });
  const said = status();
  const form = make && h('form', { className: 'card', onsubmit: async event => {
    event.preventDefault();
    try {
      await make(named.value.trim());
    } catch (error) { said.replaceChildren(refusal(error)); }
  } }, h('h2', {}, t(label)), field(t('name'), named), h('p', { className: 'buttons' }, h('button', {}, t('add')), said));

  await refresh();
  const body = [h('div', { className: 'bar' }, searched && input, told), table, h('p', { className: 'buttons' }, back, on), form].filter(Boolean);
  return { body, refresh };
}

/** The query of one page. */
export const query = (prefix, token) => new URLSearchParams({ limit: 100, ...(prefix && { prefix }), ...(token && { nextToken: token }) });
