// Versions and aliases: of a function, or of a service of FC 2.0, which has them for all of its functions.

import { call, callOlder, functionPath, ofService, servicePath } from './api.js';
import { card } from './card.js';
import { field, h, refusal, status, visible } from './dom.js';
import { t, time } from './words.js';

/** Those of a function. */
export async function open({ region, name, panel, live }) {
  const service = ofService(name);
  if (service) {
    panel.replaceChildren(h('p', { className: 'note' }, t('ofService'), ' ', h('a', {
      href: `#/${region}/services/${encodeURIComponent(service.service)}/versions`,
    }, visible(service.service))));
    return {};
  }
  return releases({ region, panel, key: `${region}/${name}`, live, ask: (method, rest, options) =>
    call(method, rest.query ? `${functionPath(name, ...rest.path)}?${rest.query}` : functionPath(name, ...rest.path), { region, ...options }) });
}

/** Those of a service. */
export const ofOne = ({ region, name, panel, live }) => releases({ region, panel, key: `${region}/service/${name}`, live, ask: (method, rest, options) =>
  callOlder(method, rest.query ? `${servicePath(name, ...rest.path)}?${rest.query}` : servicePath(name, ...rest.path), { region, ...options }) });

async function releases({ panel, key, live, ask }) {
  let base = live;
  let versions = [];
  const cards = new Map();
  const rows = h('tbody');
  const table = h('table', { className: 'list' }, h('thead', {}, h('tr', {},
    ['version', 'description', 'published', 'remove'].map(word => h('th', { scope: 'col' }, t(word))))), rows);
  const noVersions = h('p', { className: 'note' }, t('noVersions'));
  const noAliases = h('p', { className: 'note' }, t('noAliases'));
  const list = h('div', { className: 'cards' });
  const told = status();
  const said = status();
  const numbers = () => versions.map(one => one.versionId);

  const row = ({ versionId, description, createdTime }) => h('tr', {}, h('th', { scope: 'row' }, versionId),
    h('td', { 'data-name': t('description'), className: 'wraps' }, visible(description || '–')), h('td', { 'data-name': t('published') }, time(createdTime)),
    h('td', {}, h('button', { type: 'button', 'aria-label': t('removeVersion', { version: versionId }), onclick: async () => {
      if (!confirm(t('removeVersionSure', { version: versionId }))) return;
      try {
        await ask('DELETE', { path: ['versions', versionId] });
        told.textContent = '';
        await refresh();
      } catch (error) { told.replaceChildren(refusal(error)); }
    } }, t('remove'))));

  const about = name => card({
    key: `${key}/aliases/${name}`, title: visible(name), sure: t('removeAliasSure', { name }),
    fields: [
      { name: 'versionId', label: t('version'), kind: 'choice', options: numbers },
      { name: 'second', label: t('secondVersion'), kind: 'choice', options: () => ['', ...numbers()],
        read: alias => Object.keys(alias.additionalVersionWeight ?? {})[0] ?? '' },
      { name: 'weight', label: t('weight'), kind: 'number', required: false, min: 0, max: 1, step: 0.01, note: t('weightNote'),
        read: alias => Object.values(alias.additionalVersionWeight ?? {})[0] },
      { name: 'description', label: t('description') },
    ],
    read: () => ask('GET', { path: ['aliases', name] }),
    write: ({ second, weight, ...typed }, all, etag) => {
      const shares = second !== undefined || weight !== undefined || 'weight' in all;
      const body = shares ? { ...typed, additionalVersionWeight: all.second ? { [all.second]: all.weight ?? 0 } : {} } : typed;
      return ask('PUT', { path: ['aliases', name] }, { etag, body });
    },
    remove: async etag => {
      await ask('DELETE', { path: ['aliases', name] }, { etag });
      await refresh();
    },
  });

  async function refresh(now = base) {
    base = now;
    const [{ json: published }, { json: named }] = await Promise.all([
      ask('GET', { path: ['versions'], query: 'limit=100' }), ask('GET', { path: ['aliases'], query: 'limit=100' })]);
    const moved = published.versions.length !== versions.length || published.versions[0]?.versionId !== versions[0]?.versionId;
    versions = published.versions;
    if (moved) rows.replaceChildren(...versions.map(row));
    table.hidden = versions.length === 0;
    noVersions.hidden = versions.length > 0;
    const names = named.aliases.map(one => one.aliasName);
    for (const [known, { element }] of cards) {
      if (names.includes(known)) continue;
      element.remove();
      cards.delete(known);
    }
    for (const one of names) {
      if (!cards.has(one)) {
        cards.set(one, about(one));
        list.append(cards.get(one).element);
      }
      await cards.get(one).refresh(moved);
    }
    noAliases.hidden = names.length > 0;
    if (moved) first.replaceChildren(...numbers().map(one => h('option', {}, one)));
    make.hidden = versions.length === 0;
  }

  const words = h('input', { name: 'versionDescription', autocomplete: 'off' });
  const publish = h('form', { className: 'card', onsubmit: async event => {
    event.preventDefault();
    try {
      // What is published is what was seen here.
      await ask('POST', { path: ['versions'] }, { etag: base.etag, body: { description: words.value } });
      words.value = '';
      told.textContent = t('isPublished');
      await refresh();
    } catch (error) { told.replaceChildren(refusal(error)); }
  } }, h('h2', {}, t('publish')), field(t('description'), words), h('p', { className: 'buttons' }, h('button', { className: 'main', id: 'publish' }, t('publish')), told));

  const named = h('input', { name: 'aliasName', required: true, pattern: '[A-Za-z_][A-Za-z0-9_\\-]*', maxLength: 128, autocomplete: 'off', spellcheck: false });
  const first = h('select', { name: 'aliasVersion' });
  const make = h('form', { className: 'card', onsubmit: async event => {
    event.preventDefault();
    try {
      await ask('POST', { path: ['aliases'] }, { body: { aliasName: named.value, versionId: first.value } });
      named.value = '';
      said.textContent = '';
      await refresh();
    } catch (error) { said.replaceChildren(refusal(error)); }
  } }, h('h2', {}, t('newAlias')), h('div', { className: 'fields' }, field(t('name'), named), field(t('version'), first)),
  h('p', { className: 'buttons' }, h('button', {}, t('add')), said));

  await refresh();
  panel.replaceChildren(publish, h('h2', {}, t('versionList')), noVersions, table, h('h2', {}, t('aliases')), noAliases, list, make);
  return { refresh };
}
