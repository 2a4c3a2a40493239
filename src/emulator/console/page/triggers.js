// The triggers of a function: those over HTTP as a form with their URL, the others as the JSON that they are.

import { call, functionPath } from './api.js';
import { Draft, collision } from './draft.js';
import { field, fresh, h, refusal, status, visible } from './dom.js';
import { t } from './words.js';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS'];
const TYPES = ['http', 'timer', 'oss', 'log', 'mns_topic', 'cdn_events', 'tablestore', 'eventbridge'];

export async function open({ region, name, panel }) {
  const at = (...rest) => functionPath(name, 'triggers', ...rest);
  const cards = new Map();
  const list = h('div', { className: 'cards' });
  const told = status();

  async function refresh() {
    const { json } = await call('GET', `${at()}?limit=100`, { region });
    const names = json.triggers.map(trigger => trigger.triggerName);
    for (const [known, card] of cards) {
      if (names.includes(known)) continue;
      card.element.remove();
      cards.delete(known);
    }
    // The list carries no etags, and an edit must be refused that somebody else came before.
    for (const one of names) {
      const { json: values, etag } = await call('GET', at(one), { region });
      if (!cards.has(one)) {
        cards.set(one, card(one));
        list.append(cards.get(one).element);
      }
      cards.get(one).refresh(values, etag);
    }
    none.hidden = names.length > 0;
  }

  function card(one) {
    const draft = Draft.of(`${region}/${name}/triggers/${one}`);
    const element = h('form', { className: 'card', onsubmit: event => { event.preventDefault(); send(); } });
    const notice = h('div');
    const said = status();
    const save = h('button', { className: 'main' }, t('save'));
    const settle = () => {
      save.disabled = !draft.typed;
      notice.replaceChildren(...[collision(draft, draw, send)].filter(Boolean));
    };
    const touch = (field, value) => { draft.set(field, value); said.textContent = ''; settle(); };
    const remove = h('button', { type: 'button', onclick: async () => {
      if (!confirm(t('removeTriggerSure', { name: one }))) return;
      try {
        await call('DELETE', at(one), { region, etag: draft.live.etag });
        draft.drop();
        await refresh();
      } catch (error) { said.replaceChildren(refusal(error)); }
    } }, t('remove'));

    function draw() {
      const values = draft.base.values;
      const url = values.httpTrigger?.urlInternet;
      element.replaceChildren(
        h('h2', {}, visible(one), ' ', h('small', {}, visible(values.triggerType))),
        url ? h('p', { className: 'url' }, h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, url)) : null, notice,
        ...(values.triggerType === 'http' ? http(draft.value('config'), value => touch('config', value)) : [raw(draft, touch)]),
        field(t('description'), h('input', {
          value: draft.value('description') ?? '', autocomplete: 'off', oninput: event => touch('description', event.target.value),
        })),
        h('p', { className: 'buttons' }, save, remove, said));
      settle();
    }

    async function send() {
      const body = Object.fromEntries(draft.mine);
      if ('config' in body) {
        body.triggerConfig = typeof body.config === 'string' ? body.config : JSON.stringify(body.config);
        delete body.config;
      }
      save.disabled = true;
      try {
        const { json, etag } = await call('PUT', at(one), { region, etag: draft.base.etag, body });
        draft.drop();
        draft.renew(unpacked(json), etag);
        draw();
        said.textContent = t('saved');
      } catch (error) {
        if (error.status === 412) {
          const { json, etag } = await call('GET', at(one), { region });
          draft.renew(unpacked(json), etag);
        } else {
          said.replaceChildren(refusal(error));
        }
        settle();
      }
    }

    return {
      element,
      refresh(values, etag) {
        const before = draft.base.etag;
        draft.renew(unpacked(values), etag);
        if (draft.typed && element.hasChildNodes()) settle();
        else if (before !== etag || !element.hasChildNodes()) draw();
      },
    };
  }

  const named = h('input', { required: true, pattern: '[A-Za-z_][A-Za-z0-9_\\-]*', maxLength: 128, autocomplete: 'off', spellcheck: false });
  const type = h('select', {}, TYPES.map(one => h('option', {}, one)));
  const make = h('form', { className: 'card', onsubmit: async event => {
    event.preventDefault();
    const triggerConfig = JSON.stringify(
      type.value === 'http' ? { authType: 'anonymous', methods: ['GET', 'POST'] }
        : type.value === 'timer' ? { cronExpression: '@every 1h', enable: false } : {});
    try {
      await call('POST', at(), { region, body: { triggerName: named.value, triggerType: type.value, triggerConfig } });
      named.value = '';
      told.textContent = '';
      await refresh();
    } catch (error) { told.replaceChildren(refusal(error)); }
  } }, h('h2', {}, t('newTrigger')), h('div', { className: 'fields' }, field(t('name'), named), field(t('type'), type)),
  h('p', { className: 'buttons' }, h('button', {}, t('add')), told));
  const none = h('p', { className: 'note' }, t('noTriggers'));

  await refresh();
  panel.replaceChildren(none, list, make);
  return { refresh };
}

/** A trigger with its configuration unpacked: that is what people edit. */
function unpacked(values) {
  let config = values.triggerConfig;
  try {
    if (values.triggerType === 'http') config = JSON.parse(config);
  } catch { /* shown as it is */ }
  return { ...values, config, triggerConfig: undefined };
}

function http(config, changed) {
  const set = (field, value) => { config = { ...config, [field]: value }; changed(config); };
  const methods = METHODS.map(one => {
    const box = h('input', { type: 'checkbox', id: fresh('method'), checked: config.methods.includes(one), onchange: () => {
      // In the order they were in, a new one at the end: an order is no edit.
      set('methods', box.checked ? [...config.methods, one] : config.methods.filter(other => other !== one));
    } });
    return h('span', { className: 'check' }, box, h('label', { for: box.id }, one));
  });
  return [
    h('div', { className: 'fields' },
      field(t('auth'), h('select', { name: 'authType', onchange: event => set('authType', event.target.value) },
        ['anonymous', 'function', 'jwt'].map(one => h('option', { selected: one === config.authType }, one)))),
      field(t('closed'), h('input', {
        type: 'checkbox', checked: Boolean(config.disableURLInternet), onchange: event => set('disableURLInternet', event.target.checked),
      }))),
    h('fieldset', {}, h('legend', {}, t('methods')), h('div', { className: 'checks' }, methods)),
  ];
}

function raw(draft, touch) {
  return field(t('config'), h('textarea', {
    rows: 6, spellcheck: false, value: draft.value('config') ?? '', oninput: event => touch('config', event.target.value),
  }));
}
