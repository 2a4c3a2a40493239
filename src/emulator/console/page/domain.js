// One custom domain: which path leads to which function, and how the domain is reached.

import { call } from './api.js';
import { card } from './card.js';
import { field, h, visible } from './dom.js';
import { t, time } from './words.js';

export async function open(region, name) {
  const at = `custom-domains/${encodeURIComponent(name)}`;
  const read = () => call('GET', at, { region });
  const { json } = await read();
  const inside = (whole, part) => ({ read: domain => domain[whole]?.[part] });
  const one = card({
    key: `${region}/domains/${name}`, title: t('settings'), sure: t('removeDomainSure', { name }), read,
    fields: [
      { name: 'protocol', label: t('protocol'), kind: 'choice', options: ['HTTP', 'HTTPS', 'HTTP,HTTPS'], fallback: 'HTTP' },
      { name: 'authType', label: t('auth'), kind: 'choice', options: ['anonymous', 'function', 'jwt'], fallback: 'anonymous', ...inside('authConfig', 'authType') },
      { name: 'routes', kind: routes, fallback: [], ...inside('routeConfig', 'routes') },
    ],
    more: [
      { name: 'certName', label: t('certName'), fallback: '', ...inside('certConfig', 'certName') },
      { name: 'certificate', label: t('certificate'), kind: 'long', note: 'PEM', ...inside('certConfig', 'certificate') },
      { name: 'privateKey', label: t('privateKey'), kind: 'long', note: t('privateKeyNote'), read: () => undefined },
      { name: 'authInfo', label: t('authInfo'), kind: 'long', note: 'JSON', ...inside('authConfig', 'authInfo') },
      { name: 'tlsConfig', label: 'TLS', kind: 'json' }, { name: 'wafConfig', label: 'WAF', kind: 'json' }, { name: 'corsConfig', label: 'CORS', kind: 'json' },
    ],
    write: (typed, all, etag) => call('PUT', at, { region, etag, body: body(typed, all) }),
    remove: async etag => {
      await call('DELETE', at, { region, etag });
      location.hash = `#/${region}/domains`;
    },
  });
  await one.refresh(true);
  const gone = h('p', { className: 'refusal', role: 'alert', hidden: true }, t('goneDomain'));
  // Names below localhost lead here by themselves; others do where somebody has told their machine so.
  const url = `http://${name}${location.port && `:${location.port}`}/`;
  const link = /\.localhost$/i.test(name) && h('p', { className: 'url' }, h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, url));
  return {
    title: visible(name),
    body: [
      h('h1', { tabIndex: -1 }, visible(name)), h('p', { className: 'facts' }, t('serviceFacts', { created: time(json.createdTime) })), link, gone, one.element,
    ].filter(Boolean),
    async refresh() {
      try {
        await one.refresh();
        gone.hidden = true;
      } catch (error) {
        gone.hidden = error.status !== 404;
      }
    },
  };
}

/** The input of an update: what was typed, each in the object that it is a part of, whole. */
function body(typed, all) {
  const is = (...names) => names.some(name => name in typed);
  const parts = {};
  for (const name of ['protocol', 'tlsConfig', 'wafConfig', 'corsConfig']) if (is(name)) parts[name] = typed[name];
  if (is('routes')) parts.routeConfig = { routes: typed.routes };
  if (is('authType', 'authInfo')) parts.authConfig = { authType: all.authType, authInfo: all.authInfo };
  if (is('certName', 'certificate', 'privateKey')) {
    parts.certConfig = { certName: all.certName, certificate: all.certificate, privateKey: all.privateKey };
  }
  return parts;
}

/** The routes as rows; what a row does not show of its route stays as it is. */
function routes(values, changed) {
  const box = h('div', { className: 'routes' });
  let list = values ?? [];
  const tell = next => { list = next; changed(list); };
  const input = (route, name, value, read) => h('input', {
    name, value, autocomplete: 'off', spellcheck: false, required: name === 'path' || name === 'functionName',
    oninput: event => {
      const index = [...box.children].indexOf(event.target.closest('.route'));
      tell(list.map((one, at) => at === index ? { ...one, [name]: read(event.target.value) } : one));
    },
  });
  const methods = text => text.toUpperCase().split(/[\s,]+/).filter(Boolean);
  const row = route => {
    const line = h('div', { className: 'route', role: 'group', 'aria-label': t('route') }, h('div', { className: 'fields' },
      field(t('path'), input(route, 'path', route.path ?? '', String)),
      field(t('function'), input(route, 'functionName', route.functionName ?? '', String)),
      field(t('qualifier'), input(route, 'qualifier', route.qualifier ?? '', String)),
      field(t('methods'), input(route, 'methods', (route.methods ?? []).join(', '), methods))),
    route.rewriteConfig && h('p', { className: 'note' }, t('rewrites'), ' ', h('code', {}, visible(JSON.stringify(route.rewriteConfig)))),
    h('button', { type: 'button', 'aria-label': t('removeRoute'), onclick: () => {
      const index = [...box.children].indexOf(line);
      line.remove();
      tell(list.filter((_, at) => at !== index));
      add.focus();
    } }, t('remove')));
    return line;
  };
  box.append(...list.map(row));
  const add = h('button', { type: 'button', id: 'add-route', onclick: () => {
    const route = { path: '/*', functionName: '', qualifier: 'LATEST', methods: [] };
    box.append(row(route));
    tell([...list, route]);
    box.lastElementChild.querySelector('[name=functionName]').focus();
  } }, t('addRoute'));
  return h('fieldset', {}, h('legend', {}, t('routes')), h('p', { className: 'note' }, t('routesNote')), box, add);
}
