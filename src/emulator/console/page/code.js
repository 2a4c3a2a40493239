// The files of a function's package: a tree, and an editor. What was edited is saved as one change of the package.

import { ask, own } from './api.js';
import { colour } from './colours.js';
import { Draft, collision } from './draft.js';
import { h, refusal, status, visible } from './dom.js';
import { t } from './words.js';

export async function open({ region, name, panel, live }) {
  const draft = Draft.of(`${region}/${name}/code`);
  const told = status();
  const notice = h('div');
  const tree = h('ul', { className: 'tree', 'aria-label': t('files') });
  const area = h('textarea', { spellcheck: false, autocomplete: 'off', autocapitalize: 'off', wrap: 'off', 'aria-label': t('text') });
  const behind = h('pre', { 'aria-hidden': 'true' });
  const editor = h('div', { className: 'editor' }, behind, area);
  const other = h('p', { className: 'note' });
  const save = h('button', { className: 'main', id: 'save', type: 'button', onclick: () => send() }, t('save'));
  let files = [];
  let at = null;

  // Files are read when they are opened; a draft's base holds those that were.
  const read = async path => (await ask('GET', own('file', { function: name, path }), { region })).json;

  async function list() {
    const { json } = await ask('GET', own('files', { function: name }), { region });
    files = json.files;
    return json.etag;
  }

  function draw() {
    const paths = new Set([...files.map(file => file.path), ...draft.mine.keys()]);
    const folders = new Set();
    tree.replaceChildren(...[...paths].sort().flatMap(path => {
      const rows = [];
      const parts = path.split('/');
      for (let depth = 1; depth < parts.length; depth += 1) {
        const folder = parts.slice(0, depth).join('/');
        if (folders.has(folder)) continue;
        folders.add(folder);
        rows.push(h('li', { className: `folder depth-${Math.min(depth - 1, 6)}` }, visible(parts[depth - 1]), '/'));
      }
      const sign = !draft.mine.has(path) ? '' : draft.mine.get(path) === null ? '-' : draft.base.values[path] === undefined ? '+' : '~';
      rows.push(h('li', { className: `depth-${Math.min(parts.length - 1, 6)}` }, h('button', {
        type: 'button', 'aria-current': path === at ? 'true' : null, title: path, onclick: () => show(path),
      }, h('span', { className: `sign ${sign === '+' ? 'create' : sign === '-' ? 'delete' : 'change'}` }, sign), visible(parts.at(-1)))));
      return rows;
    }));
    save.disabled = !draft.typed;
    notice.replaceChildren(...[collision(draft, () => refresh(draft.live, true), send)].filter(Boolean));
  }

  async function show(path) {
    at = path;
    if (draft.base.values[path] === undefined && files.some(file => file.path === path)) {
      const { text } = await read(path);
      if (at !== path) return;
      draft.base.values[path] = text ?? false; // no text
    }
    const text = draft.value(path);
    area.hidden = behind.hidden = typeof text !== 'string';
    other.textContent = text === false ? t('noText') : text === null ? t('removed') : '';
    area.value = typeof text === 'string' ? text : '';
    area.setAttribute('aria-label', t('textOf', { path }));
    paint();
    draw();
  }

  const paint = () => behind.replaceChildren(...colour(at ?? '', area.value), '\n');
  area.addEventListener('input', () => { draft.set(at, area.value); told.textContent = ''; paint(); draw(); });
  area.addEventListener('scroll', () => { behind.scrollTop = area.scrollTop; behind.scrollLeft = area.scrollLeft; });

  const remove = h('button', { type: 'button', onclick: () => {
    if (!at) return;
    draft.set(at, files.some(file => file.path === at) ? null : undefined);
    show(at);
  } }, t('removeFile'));
  const input = h('input', { 'aria-label': t('newFile'), placeholder: t('newFile'), autocomplete: 'off', spellcheck: false });
  const make = h('form', { className: 'bar', onsubmit: event => {
    event.preventDefault();
    const path = input.value.trim();
    if (!path) return;
    if (!files.some(file => file.path === path)) draft.set(path, '');
    input.value = '';
    show(path).then(() => area.focus());
  } }, input, h('button', {}, t('add')));

  async function send() {
    save.disabled = true;
    try {
      const body = { files: Object.fromEntries(draft.mine) };
      const { etag } = await ask('PUT', own('files', { function: name }), { region, etag: draft.base.etag, body });
      draft.drop();
      await refresh({ etag }, true);
      told.textContent = t('saved');
    } catch (error) {
      if (error.status === 412) await refresh({ etag: await list() });
      else told.replaceChildren(refusal(error));
      draw();
    }
  }

  /** Looks at the package again. What is typed stays; what is only shown is shown anew. */
  async function refresh(now, always = false) {
    if (!always && now.etag === draft.live.etag) return;
    const etag = await list();
    const values = {};
    // Those that somebody has an edit of, and the one that is open, are compared; the others are read when opened.
    for (const path of new Set([...draft.mine.keys(), at])) {
      if (path && files.some(file => file.path === path)) values[path] = (await read(path)).text ?? false;
    }
    draft.renew(values, etag);
    const there = at && (files.some(file => file.path === at) || draft.mine.has(at));
    const next = there ? at : files[0]?.path;
    if (next && (area.value !== draft.value(next) || at !== next)) await show(next);
    else draw();
  }

  panel.replaceChildren(notice, h('div', { className: 'code' },
    h('div', { className: 'side' }, tree, make), h('div', { className: 'sheet' }, other, editor)),
  h('p', { className: 'buttons' }, save, remove, told));
  draft.renew({}, live.etag);
  try {
    await refresh(live, true);
  } catch (error) {
    panel.replaceChildren(refusal(error)); // it runs an image, for one
    return {};
  }
  const first = at ?? files.find(file => /^(index|main|app|bootstrap)\b/.test(file.path))?.path ?? files[0]?.path;
  if (first) await show(first);
  return { refresh };
}
