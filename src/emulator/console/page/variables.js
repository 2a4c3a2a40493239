// Environment variables: rows of a name and a value.

import { h } from './dom.js';
import { t } from './words.js';

/** The rows of `values`; `changed` is called with all of them whenever one is edited. */
export function variables(values, changed) {
  const rows = h('div', { className: 'variables' });
  const tell = () => {
    const pairs = [...rows.children].map(row => [...row.querySelectorAll('input')].map(input => input.value));
    changed(Object.fromEntries(pairs.filter(([name]) => name !== '')));
  };
  const row = (name, value) => {
    // The service's rule for names; the cloud says the rest (how long all of them may be).
    const key = h('input', {
      className: 'key', value: name, pattern: '(?!FC_)[A-Za-z][A-Za-z0-9_]*', title: t('variableRule'), 'aria-label': t('variable'),
      autocomplete: 'off', spellcheck: false, oninput: tell,
    });
    const text = h('input', {
      className: 'value', value, 'aria-label': t('valueOf', { name }), autocomplete: 'off', spellcheck: false, oninput: tell,
    });
    key.addEventListener('input', () => text.setAttribute('aria-label', t('valueOf', { name: key.value })));
    const line = h('div', { className: 'variable' }, key, text, h('button', {
      type: 'button', className: 'remove', 'aria-label': t('removeVariable', { name }), onclick: () => {
        line.remove();
        tell();
        add.focus();
      },
    }, '×'));
    return line;
  };
  rows.append(...Object.entries(values).sort().map(([name, value]) => row(name, value)));
  const add = h('button', { type: 'button', id: 'add-variable', onclick: () => {
    rows.append(row('', ''));
    rows.lastElementChild.querySelector('input').focus();
  } }, t('addVariable'));
  return h('fieldset', {}, h('legend', {}, t('environment')), rows, add);
}
