// The functions of a region: searched and cut into pages by the cloud, so that the page holds a hundred rows at most.

import { ask, own } from './api.js';
import { h, refusal, status, visible } from './dom.js';
import { time, t } from './words.js';

export async function open(region) {
  let search = '';
  let pages = [''];
  let body = [];
  const told = status();
  const rows = h('tbody');
  const back = h('button', { type: 'button', onclick: () => { pages.pop(); load(); } }, t('back'));
  const on = h('button', { type: 'button' }, t('on'));
  const input = h('input', {
    type: 'search', placeholder: t('search'), 'aria-label': t('search'), autocomplete: 'off', spellcheck: false,
    oninput: () => { search = input.value.trim(); pages = ['']; load(); },
  });
  let asked = 0;

  async function load() {
    const mine = asked += 1;
    let list;
    try {
      list = (await ask('GET', own('functions', { search, after: pages.at(-1) }), { region })).json;
    } catch (error) {
      if (mine === asked) told.replaceChildren(refusal(error));
      return;
    }
    if (mine !== asked) return; // a later search was faster
    rows.replaceChildren(...list.rows.map(one => row(region, one)));
    const first = list.before + 1;
    told.textContent = list.count === 0 ? t(search ? 'noneFound' : 'none')
      : t('shown', { first, last: list.before + list.rows.length, count: list.count });
    back.hidden = pages.length === 1;
    on.hidden = !list.more;
    on.onclick = () => { pages.push(list.rows.at(-1).name); load(); };
  }

  await load();
  const heads = ['name', 'runtime', 'memory', 'state', 'modified'].map(word => h('th', { scope: 'col' }, t(word)));
  body = [
    h('h1', { tabIndex: -1 }, t('functions')),
    h('div', { className: 'bar' }, input, told),
    h('table', { className: 'list' }, h('thead', {}, h('tr', {}, heads)), rows),
    h('p', { className: 'buttons' }, back, on),
  ];
  return { title: t('functions'), body, refresh: load };
}

function row(region, { name, description, runtime, memorySize, state, lastModifiedTime }) {
  const cell = (word, text) => h('td', { 'data-name': t(word) }, text);
  return h('tr', {},
    h('th', { scope: 'row' },
      h('a', { href: `#/${region}/functions/${encodeURIComponent(name)}` }, visible(name)),
      description && h('small', {}, visible(description))),
    cell('runtime', visible(runtime)), cell('memory', `${memorySize} MB`), cell('state', visible(state || '–')),
    cell('modified', time(lastModifiedTime)));
}
