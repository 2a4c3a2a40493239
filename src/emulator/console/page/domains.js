// The custom domains of a region.

import { call } from './api.js';
import { h, visible } from './dom.js';
import { paged, query } from './list.js';
import { t, time } from './words.js';

export async function open(region) {
  const to = name => `#/${region}/domains/${encodeURIComponent(name)}`;
  const { body, refresh } = await paged({
    load: (prefix, token) => call('GET', `custom-domains?${query(prefix, token)}`, { region }),
    items: 'customDomains', heads: ['name', 'protocol', 'routes', 'modified'], none: 'noDomains', label: 'newDomain',
    row: ({ domainName, protocol, routeConfig, lastModifiedTime }) => h('tr', {},
      h('th', { scope: 'row' }, h('a', { href: to(domainName) }, visible(domainName))),
      h('td', { 'data-name': t('protocol') }, visible(protocol)), h('td', { 'data-name': t('routes') }, String(routeConfig?.routes?.length ?? 0)),
      h('td', { 'data-name': t('modified') }, time(lastModifiedTime))),
    make: async domainName => {
      await call('POST', 'custom-domains', { region, body: { domainName, protocol: 'HTTP' } });
      location.hash = to(domainName);
    },
  });
  return { title: t('domains'), body: [h('h1', { tabIndex: -1 }, t('domains')), ...body], refresh };
}
