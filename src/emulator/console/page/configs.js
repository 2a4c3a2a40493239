// The small configurations that hang on a function: what becomes of asynchronous calls, and how many instances there are.
//
// Each is put as a whole. Most are about one version or alias, which is chosen above them.

import { call, callOlder, functionPath, ofService, own, servicePath } from './api.js';
import { card } from './card.js';
import { field, h } from './dom.js';
import { t } from './words.js';

const whole = (name, label, max, more = {}) => ({ name, label: t(label), kind: 'number', min: 0, max, fallback: 0, note: t('upTo', { max }), ...more });
// Where there is no limit none may be shown: 0 is one, and stops the function.
const limit = (name, label) => whole(name, label, 100000, { fallback: undefined });
const flag = (name, label, fallback) => ({ name, label: t(label), kind: 'flag', fallback });
const json = (name, label) => ({ name, label: t(label), kind: 'json', fallback: [] });
const destination = (name, label) => ({ name, label: t(label), read: one => one.destinationConfig?.[name]?.destination, note: 'acs:…' });

const ASYNC = () => ({
  path: 'async-invoke-config', title: t('async'),
  fields: [
    whole('maxAsyncEventAgeInSeconds', 'eventAge', 2592000, { min: 1, fallback: 86400, note: `${t('seconds')}${t('comma')}${t('upTo', { max: 2592000 })}` }),
    whole('maxAsyncRetryAttempts', 'retries', 8, { fallback: 3 }),
    flag('asyncTask', 'asyncTask', false),
    destination('onSuccess', 'onSuccess'), destination('onFailure', 'onFailure'),
  ],
  pack({ onSuccess, onFailure, ...rest }) {
    const to = Object.entries({ onSuccess, onFailure }).filter(([, one]) => one).map(([name, one]) => [name, { destination: one }]);
    return { ...rest, destinationConfig: Object.fromEntries(to) };
  },
});

const CONCURRENCY = () => ({
  path: 'concurrency', title: t('reserved'), everywhere: true, unset: t('unlimited'),
  fields: [limit('reservedConcurrency', 'reservedInstances')],
});

const PROVISION = () => ({
  path: 'provision-config', title: t('provision'),
  fields: [
    whole('defaultTarget', 'target', 10000), flag('alwaysAllocateCPU', 'alwaysCpu', true), flag('alwaysAllocateGPU', 'alwaysGpu', true),
    json('scheduledActions', 'scheduledActions'), json('targetTrackingPolicies', 'trackingPolicies'),
  ],
});

const SCALING = () => ({
  path: 'scaling-config', title: t('elastic'),
  fields: [
    whole('minInstances', 'minInstances', 10000), flag('enableOnDemandScaling', 'onDemandScaling'), flag('enableMixMode', 'mixMode'),
    { name: 'residentPoolId', label: t('residentPool') }, { name: 'requestDispatchPolicy', label: t('dispatch') },
    json('horizontalScalingPolicies', 'horizontalPolicies'), json('scheduledPolicies', 'scheduledPolicies'),
  ],
});

const ON_DEMAND = () => ({
  path: 'on-demand-config', title: t('onDemand'), older: true, unset: t('unlimited'), fields: [limit('maximumInstanceCount', 'maxInstances')],
});

// Functions of services have no concurrency of their own, and an on-demand configuration instead.
const SCALINGS = name => ofService(name) ? [PROVISION, ON_DEMAND] : [CONCURRENCY, PROVISION, SCALING];

export const asynchronous = context => open(context, [ASYNC]);

export const scaling = context => open(context, SCALINGS(context.name));

/** Which version or alias was looked at last, by function. */
const chosen = new Map();

async function open({ region, name, panel }, kinds) {
  const qualifier = () => chosen.get(`${region}/${name}`) ?? 'LATEST';
  const list = h('div', { className: 'cards' });
  const select = h('select', { name: 'qualifier', onchange: () => { chosen.set(`${region}/${name}`, select.value); show(); } },
    [...new Set([...await qualifiers(region, name), qualifier()])].map(one => h('option', { selected: one === qualifier() }, one)));
  let cards = [];

  async function show() {
    const next = kinds.map(kind => about(kind()));
    await Promise.all(next.map(one => one.refresh(true)));
    cards = next;
    list.replaceChildren(...cards.map(one => one.element));
  }

  function about({ path, title, fields, pack = all => all, everywhere, older, unset = t('unset') }) {
    const of = qualifier();
    const at = older ? servicePath(ofService(name).service, 'functions', ofService(name).function, path) : functionPath(name, path);
    const query = everywhere ? {} : { qualifier: of };
    const ask = (method, etag, body) => (older ? callOlder : call)(method, own(at, query), { region, etag, body });
    return card({
      key: `${region}/${name}/${path}/${everywhere ? '' : of}`, title, fields, unset, sure: t('removeConfigSure'),
      read: () => ask('GET'), write: (_, all, etag) => ask('PUT', etag, pack(blankless(all))), remove: etag => ask('DELETE', etag),
    });
  }

  await show();
  panel.replaceChildren(h('div', { className: 'bar' }, field(t('qualifier'), select, kinds.includes(CONCURRENCY) ? t('qualifierNote') : null)), list);
  return { refresh: () => Promise.all(cards.map(one => one.refresh())) };
}

/** An empty text is none. */
const blankless = all => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));

/** All that a function can be called as. */
async function qualifiers(region, name) {
  const service = ofService(name);
  const list = async what => (await (service
    ? callOlder('GET', `${servicePath(service.service, what)}?limit=100`, { region })
    : call('GET', `${functionPath(name, what)}?limit=100`, { region }))).json[what];
  const [aliases, versions] = await Promise.all([list('aliases'), list('versions')]);
  return ['LATEST', ...aliases.map(one => one.aliasName), ...versions.map(one => one.versionId)];
}
