// The configuration of a function as a form. The bounds are the service's; the cloud checks them once more.

import { ask, call, functionPath } from './api.js';
import { Draft, collision } from './draft.js';
import { field, h, refusal, status } from './dom.js';
import { variables } from './variables.js';
import { t } from './words.js';

const NUMBERS = {
  memorySize: { min: 128, max: 32768, step: 64 },
  cpu: { min: 0.05, max: 16, step: 0.05 },
  timeout: { min: 1, max: 86400, step: 1 },
  instanceConcurrency: { min: 1, max: 200, step: 1 },
};

export async function open({ region, name, panel, live }) {
  const runtimes = (await ask('GET', 'about')).json.runtimes;
  const draft = Draft.of(`${region}/${name}/settings`);
  draft.renew(live.values, live.etag);
  const told = status();
  const notice = h('div');
  const save = h('button', { className: 'main', id: 'save' }, t('save'));
  const form = h('form', { onsubmit: event => { event.preventDefault(); send(); } });

  const touch = (name, value) => { draft.set(name, value); told.textContent = ''; settle(); };
  const settle = () => {
    save.disabled = !draft.typed;
    notice.replaceChildren(...[collision(draft, draw, send)].filter(Boolean));
  };

  const text = name => h('input', {
    name, value: draft.value(name) ?? '', autocomplete: 'off', spellcheck: false, oninput: event => touch(name, event.target.value),
  });
  const number = name => h('input', {
    name, type: 'number', required: true, ...NUMBERS[name], value: draft.value(name),
    oninput: event => touch(name, event.target.value === '' ? null : Number(event.target.value)),
  });
  const choice = (name, values, read = String) => h('select', { name, onchange: event => touch(name, read(event.target.value)) },
    [...new Set([...values, draft.value(name)])].map(value => h('option', { value, selected: value === draft.value(name) }, value)));
  const flag = name => h('input', {
    name, type: 'checkbox', checked: Boolean(draft.value(name)), onchange: event => touch(name, event.target.checked),
  });
  const bounds = name => t('bounds', NUMBERS[name]);

  function draw() {
    form.replaceChildren(
      h('div', { className: 'fields' },
        field(t('memory'), number('memorySize'), `MB${t('comma')}${bounds('memorySize')}`),
        field(t('cpu'), number('cpu'), t('cpuNote')),
        field(t('timeout'), number('timeout'), `${t('seconds')}${t('comma')}${bounds('timeout')}`),
        field(t('concurrency'), number('instanceConcurrency'), bounds('instanceConcurrency')),
        field(t('disk'), choice('diskSize', [512, 10240], Number), 'MB'),
        field(t('runtime'), choice('runtime', runtimes)),
        field(t('handler'), text('handler')),
        field(t('role'), text('role')),
        field(t('description'), text('description')),
        field(t('internet'), flag('internetAccess'))),
      variables(draft.value('environmentVariables') ?? {}, value => touch('environmentVariables', value)),
      h('p', { className: 'buttons' }, save, told));
    settle();
  }

  async function send() {
    if (!form.reportValidity()) return;
    const body = Object.fromEntries(draft.mine);
    save.disabled = true;
    try {
      const { json, etag } = await call('PUT', functionPath(name), { region, etag: draft.base.etag, body });
      draft.drop();
      draft.renew(json, etag);
      draw();
      told.textContent = t('saved');
    } catch (error) {
      if (error.status === 412) {
        const { json, etag } = await call('GET', functionPath(name), { region });
        draft.renew(json, etag);
      } else {
        told.replaceChildren(refusal(error));
      }
      settle();
    }
  }

  panel.replaceChildren(notice, form);
  draw();
  return {
    refresh(now) {
      const before = draft.base.etag;
      draft.renew(now.values, now.etag);
      if (draft.typed) settle();
      else if (before !== now.etag) draw();
    },
  };
}
