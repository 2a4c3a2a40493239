// Drift at a glance: each resource of the project as it is recorded beside as it is live, and what the next plan says.

import { ask, own } from '/assets/api.js';
import { h, refusal, visible } from '/assets/dom.js';
import { time } from '/assets/words.js';
import { t } from './words.js';

const PLAN = '/guest/plan.html';

const style = h('link', { rel: 'stylesheet', href: '/guest/page.css' });
const styled = new Promise(done => { style.onload = style.onerror = done; });
document.head.append(style);

export async function open(title) {
  const facts = h('p', { className: 'facts' });
  const heading = h('h1', { tabIndex: -1 }, title);
  const told = h('p', { className: 'sum', role: 'status' });
  const body = h('div', { className: 'glance' });
  const cards = new Cards();

  async function refresh() {
    let page;
    try {
      ({ json: page } = await ask('GET', 'guest/plan'));
    } catch (error) {
      if (error.status !== 0) body.replaceChildren(refusal(error)); // when it does not answer, the frame says so
      return;
    }
    heading.textContent = page.project ? t('heading', { project: visible(page.project) }) : title;
    facts.replaceChildren(...joined(factsOf(page)));
    const said = page.problem ? t('cannot') : page.moving ? summary(page) : t('looking');
    if (told.textContent !== said) told.textContent = said;
    told.className = `sum ${page.problem ? 'wrong' : page.counts?.open > 0 ? 'ask' : page.quiet ? 'quiet' : ''}`;
    if (page.problem) {
      cards.forget();
      body.replaceChildren(h('p', { className: 'note' }, t('cannotHow')), text(t('cannot'), page.problem));
    } else if (page.moving) {
      keepingFocus(body, () => body.replaceChildren(...whole(page, cards)));
    }
  }

  await Promise.all([styled, refresh()]);
  return { title, body: [heading, facts, told, body], guest: refresh };
}

const joined = parts => parts.flatMap((part, at) => at ? [' · ', part] : [part]);

const text = (label, words) => h('pre', { className: 'text', tabIndex: 0, 'aria-label': label }, visible(words));

function factsOf({ folder, file, environment, serial, at, moving }) {
  const parts = folder ? [h('code', {}, visible(file ? `${folder}/${file}` : folder))] : [];
  if (environment) parts.push(t('environment', { name: visible(environment) }));
  if (moving) parts.push(serial === null ? t('noState') : t('serial', { serial }), t('at', { time: time(at) }));
  return parts;
}

const COUNTS = ['open', 'online', 'add', 'change', 'replace', 'delete', 'take-over', 'move', 'forget', 'accepted', 'ignored'];

/** The one sentence that says it all; what is counted stands below. */
function summary({ quiet, counts, moving, still, serial, strangers, unset }) {
  if (unset) return counts.online > 0 ? t('online', { count: counts.online }) : t('untouched');
  if (moving.length + still.length + strangers.length === 0) return t('empty');
  if (quiet) {
    if (counts.accepted + counts.ignored > 0) return t('quietBut');
    return moving.length > 0 ? t('catchesUp') : t('quiet');
  }
  const said = COUNTS.filter(word => counts[word] > 0).map(word => t(word, { count: counts[word] }));
  return serial === null && counts.open === 0 ? t('fresh') : said.join(' · ');
}

function whole({ moving, more, still, stillCount, strangers, said, unset }, cards) {
  const parts = [];
  if (moving.length > 0) parts.push(h('p', {}, h('a', { href: PLAN, className: 'plan', 'data-key': 'plan' }, t(unset ? 'driftPage' : 'plan'))));
  if (unset) parts.push(h('section', { className: 'card warning' }, h('p', {}, t('unset')), text(t('said'), unset)));
  if (moving.length > 0) {
    parts.push(h('h2', {}, t('resources')), h('div', { className: 'cards' },
      cards.of(moving.map(one => ({ ...one, columns: unset ? ['recorded', 'live'] : ['config', 'recorded', 'live', 'next'] })), 'moving', moved)));
    if (more > 0) parts.push(h('p', { className: 'note' }, t('more', { count: more })));
  }
  if (strangers.length > 0) {
    parts.push(h('h2', {}, t('strangers')), h('ul', {}, strangers.map(({ address, modified }) => h('li', {},
      h('code', {}, visible(address)), ' ', h('span', { className: 'note' }, t('stranger'), modified ? `, ${time(modified)}` : '')))));
  }
  if (still.length > 0) {
    parts.push(cards.one('still', { still, stillCount, unset }, () => folded('still', t(unset ? 'stillUnset' : 'still', { count: stillCount }), () => [
      h('ul', { className: 'still' }, still.map(one => h('li', {}, rest(one, h('code', {}, visible(one.address)), ['recorded', 'live'])))),
      stillCount > still.length && h('p', { className: 'note' }, t('moreStill', { count: stillCount - still.length }))])));
  }
  if (said) parts.push(h('h2', {}, t('said')), text(t('said'), said));
  cards.sweep();
  return parts;
}

/** Elements by what they are about, made anew only when that has changed: what is unfolded stays so. */
class Cards {
  #known = new Map();
  #used = new Set();

  one(key, value, make) {
    const json = JSON.stringify(value);
    this.#used.add(key);
    if (this.#known.get(key)?.json !== json) {
      const element = make(value);
      const open = [...this.#known.get(key)?.element.querySelectorAll('details[open]') ?? []].map(one => one.dataset.key);
      for (const one of element.querySelectorAll('details')) if (open.includes(one.dataset.key)) one.open = true;
      this.#known.set(key, { json, element });
    }
    return this.#known.get(key).element;
  }

  of(values, group, make) { return values.map(value => this.one(`${group} ${value.address}`, value, make)); }

  sweep() {
    for (const key of this.#known.keys()) if (!this.#used.has(key)) this.#known.delete(key);
    this.#used.clear();
  }

  forget() { this.#known.clear(); }
}

/** Draws anew, and leaves the keyboard where it was. */
function keepingFocus(body, draw) {
  const at = body.contains(document.activeElement) ? document.activeElement : null;
  const key = at?.dataset.key;
  draw();
  if (!at) return;
  if (body.contains(at)) at.focus({ preventScroll: true });
  else if (key) body.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

/** Something that is made when it is unfolded. */
function folded(key, label, make) {
  const summary = h('summary', { 'data-key': `${key} summary` }, label);
  return h('details', { 'data-key': key, ontoggle: event => {
    const details = event.target;
    if (details.open && details.children.length === 1) details.append(...[make()].flat().filter(Boolean));
  } }, summary);
}

/** Settings of a resource in which nothing moved, or that it will have, asked for when somebody wants to see them. */
const rest = ({ address, place, absent }, label, columns) => folded(`rest ${address}`, label, () => {
  const box = h('div', {}, h('p', { className: 'note' }, t('loading')));
  ask('GET', own('guest/settings', { about: address })).then(({ json: { rows } }) => {
    const page = absent || columns.length === 1 ? null : link(place);
    box.replaceChildren(...[
      page && h('p', { className: 'note' }, h('a', { href: page }, t('page'))),
      rows?.length ? table(rows, columns) : h('p', { className: 'note' }, t('nothingElse')),
    ].filter(Boolean));
  }, error => box.replaceChildren(refusal(error)));
  return box;
});

/** Where the console shows a resource. */
function link({ region, kind, parent, name }) {
  const page = (name, tab) => ['#', region, 'functions', name, tab].map(one => one === '#' ? one : encodeURIComponent(one)).join('/');
  const functionName = text => text.replace('/', '$'); // one of FC 2.0 is listed behind its service
  switch (kind) {
    case 'fc3_function': return page(name, 'settings');
    case 'fc3_trigger': return page(parent, 'triggers');
    case 'fc_function': return page(functionName(`${parent}/${name}`), 'settings');
    case 'fc_trigger': return page(functionName(parent), 'triggers');
    default: return null;
  }
}

function moved(one) {
  const { address, number, place, deed, sign, tone, online, absent, modified, from, question, rows, agree, old, made, files, columns, open: asks, identities } = one;
  const page = absent ? null : link(place);
  const partial = !columns.includes('next'); // what the project wants is not known
  const named = h('code', {}, visible(address));
  const when = absent ? t('deletedOnline') : modified ? t('editedAt', { time: time(modified) }) : t('edited');
  const code = rows.some(row => row.path.startsWith('code: '));
  return h('section', { className: `card moved ${asks > 0 ? 'ask' : tone}`, 'aria-label': address },
    h('h3', {}, h('span', { className: 'sign', 'aria-hidden': 'true' }, partial ? '?' : sign), ' ',
      page ? h('a', { href: page, 'data-key': `page ${address}` }, named) : named, ' ', h('small', {}, partial || (asks > 0 && deed === 'undecided') ? '' : t(`${deed}Deed`)),
      asks > 0 && !partial && h('small', { className: 'asks' }, t('open', { count: asks }))),
    online && h('p', { className: 'online' }, when),
    identities && h('p', {}, h('code', {}, identities[0]), ' → ', h('code', {}, identities[1])),
    from && h('p', { className: 'note' }, t('movesFrom', { address: visible(from) })),
    question && h('p', {}, question.covered ? t('covered', { address: visible(question.covered) }) : t(question.kind)),
    rows.length > 0 && table(rows, columns),
    old.length > 0 && [h('h4', {}, t('old')), table(old, columns)],
    agree.length > 0 && folded(`agree ${address}`, t('agree', { count: agree.length }), () => table(agree, ['config', 'live'])),
    made > 0 && rest(one, [t('made', { count: made }), files > 0 && `, ${t('files', { count: files })}`].filter(Boolean), ['config']),
    !absent && made === 0 && rest(one, t('rest'), ['recorded', 'live']),
    h('p', { className: 'note' }, h('a', { href: `${PLAN}#r${number}`, 'data-key': `plan ${address}` }, t(code ? 'differences' : 'inPlan'))));
}

// A table keeps being one for screen readers where a narrow window shows it as blocks.
function table(rows, columns) {
  return h('table', { className: `list sides of-${columns.length}`, role: 'table' },
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' },
      ['setting', ...columns].map(word => h('th', { role: 'columnheader', scope: 'col' }, t(word))))),
    h('tbody', { role: 'rowgroup' }, rows.map(row => h('tr', { role: 'row', className: row.online ? 'moved-online' : '' },
      h('th', { role: 'rowheader', scope: 'row' }, h('code', {}, breakable(visible(row.path))), row.lines?.length > 0 && h('small', {}, row.lines.join(', '))),
      columns.map(word => h('td', { role: 'cell', 'data-name': t(word), className: word },
        word === 'next' ? next(row) : side(row[word])))))));
}

/** A path that is broken before its key rather than in it. */
const breakable = path => path.split(/(?=\[)/).flatMap((part, at) => at ? [h('wbr'), part] : [part]);

/** What one side says. */
function side({ word, text: said, from, declared, accepted }) {
  const shown = said !== undefined && word !== 'later' ? h('code', {}, visible(said))
    : h('span', { className: 'note' }, from ? t('secretFrom', { from: visible(from) }) : t(word));
  if (!declared) return h('span', {}, shown);
  return h('span', {}, fill(t(accepted ? 'acceptedAs' : 'declaredAs', { observed: '\u0001observed\u0001', declared: '\u0001declared\u0001' }),
    { observed: shown, declared: side(declared) }));
}

/** A sentence with elements in it. */
const fill = (sentence, parts) => sentence.split('\u0001').map(piece => Object.hasOwn(parts, piece) ? parts[piece] : piece);

function next({ path, class: name, outcome, goal, live, rule, replaces }) {
  const file = path.startsWith('code: '); // of which the whole plan shows the difference
  const goes = () => goal.word === 'none' ? t('removes') : side(goal);
  const slot = word => `\u0001${word}\u0001`;
  const said = {
    write: () => file && goal.word !== 'none' ? t('uploads') : goal.word === 'none' ? t('removes') : fill(t('writes', { goal: slot('goal') }), { goal: side(goal) }),
    asks: () => file ? t('asksFile') : fill(t('asks', { local: slot('local'), live: slot('live') }), { local: ['→ ', goes()], live: side(live) }),
    cannot: () => fill(t('cannotGoBack', { live: slot('live') }), { live: side(live) }),
    accept: () => t('accept'), stays: () => t('stays'), agrees: () => t('agrees'), goes: () => t('goes'),
    accepted: () => t('acceptedRow'), ignored: () => t('ignoredRow', { rule: visible(rule ?? '') }),
  }[outcome]();
  return h('span', {}, h('b', { className: `class ${name}` }, t(name)), ' ', said, replaces && ` (${t('forces')})`);
}
