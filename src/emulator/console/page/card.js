// One resource of the API as a form: its fields as data, what was typed as a draft, and a collision that is shown.

import { Draft, collision } from './draft.js';
import { field, h, refusal, status } from './dom.js';
import { t } from './words.js';

/** The etag of what is not there: who saves with it is refused where somebody has made it meanwhile. */
export const ABSENT = `"${'0'.repeat(16)}"`;

/** A form about one resource.
 *
 * `fields` are `{ name, label, kind, note, fallback, read, … }`; `kind` is `text`, `number`, `flag`, `choice`, `long`, `json`, or
 * a function that builds an element of a value and of what to call with another one. Those of `more` are folded.
 * `read` resolves to the resource and its etag, `write(typed, all, etag)` to the same once saved, and
 * `remove(etag)` takes it away. Where `read` is refused with 404 and `unset` is a text, the form shows what the service takes
 * for granted, and says that text. */
export function card({ key, title, fields, more = [], read, write, remove, sure, unset }) {
  const draft = Draft.of(key);
  const all = [...fields, ...more];
  const element = h('form', { className: 'card', onsubmit: event => { event.preventDefault(); send(); } });
  const notice = h('div');
  const told = status();
  const note = h('p', { className: 'note' });
  const save = h('button', { className: 'main' }, t('save'));
  const drop = remove && h('button', { type: 'button', onclick: async () => {
    if (!confirm(sure)) return;
    try {
      await remove(draft.live.etag);
      draft.drop();
      if (unset) await refresh();
    } catch (error) { told.replaceChildren(refusal(error)); }
  } }, t('remove'));
  let absent = false;

  const settle = () => {
    save.disabled = !draft.typed && !absent;
    if (drop) drop.hidden = absent;
    note.textContent = absent ? unset : '';
    notice.replaceChildren(...[collision(draft, draw, send)].filter(Boolean));
  };
  const touch = (name, value) => { draft.set(name, value); told.textContent = ''; settle(); };
  const control = one => controls[one.kind ?? 'text'](one, draft.value(one.name), value => touch(one.name, value));
  const part = one => typeof one.kind === 'function'
    ? one.kind(draft.value(one.name), value => touch(one.name, value))
    : field(one.label, control(one), one.note);

  const parts = list => {
    const low = list.filter(one => !isTall(one));
    return [low.length > 0 && h('div', { className: 'fields' }, low.map(part)), h('div', { className: 'tall' }, list.filter(isTall).map(part))];
  };

  function draw() {
    element.replaceChildren(...[
      h('h2', {}, title), note, notice, ...parts(fields),
      more.length > 0 && h('details', {}, h('summary', {}, t('more')), ...parts(more)),
      h('p', { className: 'buttons' }, save, drop, told),
    ].filter(Boolean));
    settle();
  }

  /** What of a resource the form is about. */
  const flat = json => Object.fromEntries(all.map(({ name, kind, read: pick = whole => whole[name], fallback }) => {
    const value = pick(json) ?? fallback;
    return [name, kind === 'json' ? text(value) : value];
  }));
  const plain = name => {
    const value = draft.value(name);
    return all.find(one => one.name === name)?.kind !== 'json' ? value : value ? JSON.parse(value) : undefined;
  };

  async function look() {
    try {
      const { json, etag } = await read();
      absent = Boolean(unset) && !etag;
      return { values: flat(json), etag: etag ?? ABSENT };
    } catch (error) {
      if (error.status !== 404 || !unset) throw error;
      absent = true;
      return { values: flat({}), etag: ABSENT };
    }
  }

  async function send() {
    if (!element.reportValidity()) return;
    const pick = names => Object.fromEntries(names.map(name => [name, plain(name)]));
    save.disabled = true;
    try {
      const { json, etag } = await write(pick([...draft.mine.keys()]), pick(all.map(one => one.name)), draft.base.etag);
      absent = false;
      draft.drop();
      draft.renew(flat(json), etag);
      draw();
      told.textContent = t('saved');
    } catch (error) {
      if (error.status === 412) {
        const { values, etag } = await look();
        draft.renew(values, etag);
        if (!draft.typed) draw();
      } else {
        told.replaceChildren(refusal(error));
      }
      settle();
    }
  }

  /** Looks again; what was typed stays. `always` draws anew even where nothing has changed. */
  async function refresh(always = false) {
    const before = draft.base.etag;
    const { values, etag } = await look();
    draft.renew(values, etag);
    if (draft.typed && element.hasChildNodes()) settle();
    else if (always || before !== etag || !element.hasChildNodes()) draw();
  }

  return { element, refresh };
}

const TALL = new Set(['long', 'json']);
const isTall = one => TALL.has(one.kind) || typeof one.kind === 'function';

const text = value => value === undefined ? '' : JSON.stringify(value, null, 2);

const plain = { autocomplete: 'off', spellcheck: false };

const controls = {
  text: ({ name, pattern }, value, changed) =>
    h('input', { name, ...plain, pattern, value: value ?? '', oninput: event => changed(event.target.value) }),
  number: ({ name, min, max, step = 1, required = true }, value, changed) => h('input', {
    name, type: 'number', required, min, max, step, value: value ?? '',
    oninput: event => changed(event.target.value === '' ? undefined : Number(event.target.value)),
  }),
  flag: ({ name }, value, changed) =>
    h('input', { name, type: 'checkbox', checked: Boolean(value), onchange: event => changed(event.target.checked) }),
  choice: ({ name, options }, value, changed) => {
    const known = typeof options === 'function' ? options() : options;
    return h('select', { name, onchange: event => changed(event.target.value) },
      [...new Set([...known, value ?? ''])].map(one => h('option', { value: one, selected: one === (value ?? '') }, one === '' ? '–' : one)));
  },
  long: ({ name }, value, changed) =>
    h('textarea', { name, ...plain, rows: 4, value: value ?? '', oninput: event => changed(event.target.value || undefined) }),
  json: ({ name }, value, changed) => h('textarea', {
    name, ...plain, rows: Math.min(12, Math.max(2, (value ?? '').split('\n').length)), value: value ?? '',
    oninput: ({ target }) => {
      target.setCustomValidity(isJson(target.value) ? '' : t('noJson'));
      changed(target.value);
    },
  }),
};

function isJson(value) {
  try {
    if (value !== '') JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
