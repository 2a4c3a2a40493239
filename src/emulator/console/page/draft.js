// What somebody has typed and not saved yet, beside what the cloud says now.
//
// A draft knows what the form was read from. When somebody else changes the same thing meanwhile, what was typed stays,
// the change is shown, and saving is refused by the cloud (`If-Match`) until the writer has chosen.

import { h, visible } from './dom.js';
import { t } from './words.js';

const drafts = new Map();

export class Draft {
  /** What was read. */
  base = { values: {}, etag: null };

  /** What the cloud says now; the same object as `base` until somebody else changes something. */
  live = this.base;

  /** What was typed, by field. */
  mine = new Map();

  /** The draft about one thing. It outlives its form, so that going to another tab and back loses nothing. */
  static of(key) {
    if (!drafts.has(key)) drafts.set(key, new Draft());
    return drafts.get(key);
  }

  get typed() { return this.mine.size > 0; }

  get behind() { return this.typed && this.base.etag !== this.live.etag; }

  value(name) { return this.mine.has(name) ? this.mine.get(name) : this.base.values[name]; }

  /** What the cloud says now. */
  renew(values, etag) {
    this.live = { values, etag };
    if (!this.typed) this.base = this.live;
  }

  /** What the writer typed into one field. */
  set(name, value) {
    if (same(value, this.base.values[name])) this.mine.delete(name);
    else this.mine.set(name, value);
    if (!this.typed) this.base = this.live;
  }

  /** Lets go of what was typed. */
  drop() {
    this.mine.clear();
    this.base = this.live;
  }

  /** Keeps what was typed, knowing what it replaces. */
  keep() {
    this.base = this.live;
    for (const [name, value] of this.mine) if (same(value, this.base.values[name])) this.mine.delete(name);
  }

  /** What somebody else changed since the form was read. */
  changed() {
    const names = new Set([...Object.keys(this.base.values), ...Object.keys(this.live.values)]);
    return [...names].filter(name => !same(this.base.values[name], this.live.values[name]));
  }
}

export const same = (one, other) => canonical(one) === canonical(other);

const canonical = value => JSON.stringify(value, (_, part) =>
  part && typeof part === 'object' && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort()) : part);

/** Whether something typed is not saved. */
export const unsaved = () => [...drafts.values()].some(draft => draft.typed);

addEventListener('beforeunload', event => { if (unsaved()) event.preventDefault(); });

/** Says what somebody else changed, and lets the writer choose. `again` draws the form anew, `save` saves it. */
export function collision(draft, again, save) {
  if (!draft.behind) return null;
  const show = value => visible(typeof value === 'string' ? value : JSON.stringify(value) ?? '–');
  const rows = draft.changed().filter(name => !HIDDEN.has(name)).map(name => h('li', {},
    h('b', {}, visible(name)), ': ', h('code', {}, show(draft.base.values[name])), ' → ', h('code', {}, show(draft.live.values[name])),
    draft.mine.has(name) && [h('br'), t('yours'), ': ', h('code', {}, show(draft.mine.get(name)))]));
  return h('section', { className: 'collision', role: 'alert' },
    h('h2', {}, t('collision')), h('p', {}, t('collisionHow')), h('ul', {}, rows),
    h('p', { className: 'buttons' },
      h('button', { type: 'button', onclick: () => { draft.keep(); save(); } }, t('saveOver')),
      h('button', { type: 'button', onclick: () => { draft.drop(); again(); } }, t('takeTheirs'))));
}

// What moves by itself when something else is changed.
const HIDDEN = new Set(['lastModifiedTime']);
