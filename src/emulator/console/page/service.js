// One service of FC 2.0: what its functions share, which they are, and its versions and aliases.

import { callOlder, servicePath } from './api.js';
import { card } from './card.js';
import { h, visible } from './dom.js';
import { paged, query } from './list.js';
import { t, time } from './words.js';

const TABS = {
  settings: async context => settings(context),
  functions: async context => functions(context),
  versions: async context => (await import('./releases.js')).ofOne(context),
};

export async function open(region, name, tab = 'settings') {
  if (!TABS[tab]) tab = 'settings';
  const read = () => callOlder('GET', servicePath(name), { region });
  const live = await read();
  const panel = h('section', { className: 'panel', 'aria-label': t(tab) });
  const shown = await TABS[tab]({ region, name, panel, live, read });
  const gone = h('p', { className: 'refusal', role: 'alert', hidden: true }, t('goneService'));
  const link = one => h('a', {
    href: `#/${region}/services/${encodeURIComponent(name)}/${one}`, 'aria-current': one === tab ? 'page' : null,
    'data-focus': one === tab ? '' : null,
  }, t(one));
  return {
    title: visible(name),
    body: [
      h('h1', { tabIndex: -1 }, visible(name)), h('p', { className: 'facts' }, t('serviceFacts', { created: time(live.json.createdTime) })), gone,
      h('nav', { className: 'tabs', 'aria-label': t('parts') }, Object.keys(TABS).map(link)), panel,
    ],
    async refresh() {
      try {
        const now = await read();
        gone.hidden = true;
        await shown.refresh({ values: now.json, etag: now.etag });
      } catch (error) {
        gone.hidden = error.status !== 404;
      }
    },
  };
}

async function settings({ region, name, panel, read }) {
  const json = (field, label) => ({ name: field, label: t(label), kind: 'json', fallback: {} });
  const one = card({
    key: `${region}/service/${name}`, title: t('shared'), sure: t('removeServiceSure', { name }), read,
    fields: [
      { name: 'description', label: t('description') }, { name: 'role', label: t('role') },
      { name: 'internetAccess', label: t('internet'), kind: 'flag', fallback: true },
      json('logConfig', 'logConfig'), json('vpcConfig', 'vpcConfig'), json('nasConfig', 'nasConfig'),
      json('ossMountConfig', 'ossMountConfig'), json('tracingConfig', 'tracingConfig'),
    ],
    write: (typed, _, etag) => callOlder('PUT', servicePath(name), { region, etag, body: typed }),
    remove: async etag => {
      await callOlder('DELETE', servicePath(name), { region, etag });
      location.hash = `#/${region}/services`;
    },
  });
  await one.refresh(true);
  panel.replaceChildren(one.element);
  return { refresh: () => one.refresh() };
}

async function functions({ region, name, panel }) {
  const { body, refresh } = await paged({
    load: (prefix, token) => callOlder('GET', `${servicePath(name, 'functions')}?${query(prefix, token)}`, { region }),
    items: 'functions', heads: ['name', 'runtime', 'memory', 'modified'], none: 'noFunctions', searched: false,
    row: ({ functionName, description, runtime, memorySize, lastModifiedTime }) => h('tr', {},
      h('th', { scope: 'row' }, h('a', { href: `#/${region}/functions/${encodeURIComponent(`${name}$${functionName}`)}` }, visible(functionName)),
        description && h('small', {}, visible(description))),
      h('td', { 'data-name': t('runtime') }, visible(runtime)), h('td', { 'data-name': t('memory') }, `${memorySize} MB`),
      h('td', { 'data-name': t('modified') }, time(lastModifiedTime))),
  });
  panel.replaceChildren(...body);
  return { refresh };
}
