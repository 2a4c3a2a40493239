// A test call: an event, and what came of it. Whatever the function answers is shown as text.

import { ask, own } from './api.js';
import { h, field, refusal, status, visible } from './dom.js';
import { t } from './words.js';

// What was typed, by function, as long as the page lives.
const events = new Map();

export async function open({ region, name, panel }) {
  const key = `${region}/${name}`;
  const event = h('textarea', { rows: 8, spellcheck: false, value: events.get(key) ?? '{}', oninput: () => events.set(key, event.value) });
  const told = status();
  const result = h('div', { className: 'result' });
  const button = h('button', { className: 'main', id: 'invoke' }, t('call'));
  const form = h('form', { onsubmit: async submit => {
    submit.preventDefault();
    button.disabled = true;
    told.textContent = t('calling');
    try {
      const { json } = await ask('POST', own('invoke', { function: name }), { region, body: event.value });
      result.replaceChildren(...parts(json));
      told.textContent = t('called');
    } catch (error) {
      result.replaceChildren();
      told.replaceChildren(refusal(error));
    }
    button.disabled = false;
  } }, field(t('event'), event, t('eventNote')), h('p', { className: 'buttons' }, button, told));
  panel.replaceChildren(form, result);
  return {};
}

function parts({ status: code, headers, body, bytes, log }) {
  const header = name => headers.find(([known]) => known === name)?.[1];
  const failed = header('x-fc-error-type');
  const block = (title, text) => [h('h2', {}, title), h('pre', { className: 'text', tabIndex: 0, 'aria-label': title }, visible(text))];
  const duration = header('x-fc-invocation-duration');
  return [
    h('p', { className: failed ? 'refusal' : 'facts' }, [`${code}`, failed && visible(failed), duration && `${duration} ms`,
      `${bytes} ${t('bytes')}`].filter(Boolean).join(' · ')),
    ...block(t('answer'), body),
    ...block(t('log'), log),
    ...block(t('headers'), headers.map(([name, value]) => `${name}: ${value}`).join('\n')),
  ];
}
