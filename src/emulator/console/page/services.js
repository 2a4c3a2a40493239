// The services of FC 2.0 in a region.

import { callOlder } from './api.js';
import { h, visible } from './dom.js';
import { paged, query } from './list.js';
import { t, time } from './words.js';

export async function open(region) {
  const to = name => `#/${region}/services/${encodeURIComponent(name)}`;
  const { body, refresh } = await paged({
    load: (prefix, token) => callOlder('GET', `services?${query(prefix, token)}`, { region }),
    items: 'services', heads: ['name', 'modified'], none: 'noServices', label: 'newService',
    row: ({ serviceName, description, lastModifiedTime }) => h('tr', {},
      h('th', { scope: 'row' }, h('a', { href: to(serviceName) }, visible(serviceName)), description && h('small', {}, visible(description))),
      h('td', { 'data-name': t('modified') }, time(lastModifiedTime))),
    make: async serviceName => {
      await callOlder('POST', 'services', { region, body: { serviceName } });
      location.hash = to(serviceName);
    },
  });
  return { title: t('services'), body: [h('h1', { tabIndex: -1 }, t('services')), ...body], refresh };
}
