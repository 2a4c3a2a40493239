// Who changed what: the calls that changed something, the newest first.

import { ask } from './api.js';
import { h, visible } from './dom.js';
import { t, time } from './words.js';

export async function open(region) {
  const list = h('ol', { className: 'activity' });
  const none = h('p', { className: 'note' }, t('noActivity'));

  async function refresh() {
    const { json } = await ask('GET', 'activity', { region });
    none.hidden = json.entries.length > 0;
    list.replaceChildren(...json.entries.map(entry));
  }

  await refresh();
  return { title: t('activity'), body: [h('h1', { tabIndex: -1 }, t('activity')), none, list], refresh };
}

function entry({ access_key: key, operation, subject, time: when, differences }) {
  return h('li', { className: 'card' },
    h('h2', {}, visible(operation), ' ', h('small', {}, visible(subject))),
    h('p', { className: 'facts' }, time(when), ' · ', key === null ? t('byConsole') : t('byKey', { key: visible(key) })),
    h('ul', {}, differences.filter(one => !INNER.test(one.path)).map(difference)));
}

// What the cloud counts for itself.
const INNER = /^service-counter\//;

/** The place of something that came or went: its kind and its names, without the region that the page is about. */
const place = path => path.split('/').filter((_, at) => at !== 1).map(part => /^0\d{9,}$/.test(part) ? String(Number(part)) : part).join(' / ');

function difference({ path, before, after }) {
  // What came or went as a whole has a name and no values.
  const whole = (before === null && after === '') || (before === '' && after === null);
  if (whole) return h('li', { className: before === null ? 'create' : 'delete' }, t(before === null ? 'came' : 'went'), ' ', h('code', {}, visible(place(path))));
  const value = text => text === null ? h('span', { className: 'note' }, t('absent')) : h('code', {}, visible(text));
  return h('li', {}, h('b', {}, visible(path)), ': ', value(before), ' → ', value(after));
}
