// The frame around every page: where we are, in which region, and what is shown there.
//
// Places are in the part of the URL behind `#`: `#/cn-hangzhou/functions/hello/code`. Only what is shown is loaded, and
// when the cloud says that something has changed, what is shown is asked for again.

import { ask, listen } from './api.js';
import { h, refusal } from './dom.js';
import { language, t } from './words.js';

const VIEWS = {
  functions: async (region, name, tab) => name
    ? (await import('./function.js')).open(region, name, tab)
    : (await import('./functions.js')).open(region),
  services: async (region, name, tab) => name
    ? (await import('./service.js')).open(region, name, tab)
    : (await import('./services.js')).open(region),
  domains: async (region, name) => name
    ? (await import('./domain.js')).open(region, name)
    : (await import('./domains.js')).open(region),
  activity: async region => (await import('./activity.js')).open(region),
};

document.documentElement.lang = language;

const main = h('main', { id: 'main', tabIndex: -1 });
const regions = h('select', { 'aria-label': t('region'), onchange: () => { location.hash = `#/${regions.value}/functions`; } });
const lost = h('p', { className: 'lost', role: 'status' });
const links = h('nav', { 'aria-label': t('pages') });
document.body.replaceChildren(
  h('a', { className: 'skip', href: '#main', onclick: event => { event.preventDefault(); main.focus(); } }, t('skip')),
  h('header', { className: 'top' }, h('a', { className: 'brand', href: '#/' }, t('title')), links, regions), lost, main);

let about = null;
let view = null;
let turn = 0;
let listenAnew = () => {};

const PAGES = ['functions', 'services', 'domains', 'activity'];

/** Takes what the cloud is in, and the page of its guest where it has one. */
function meet(told) {
  about = told;
  const { guest } = about;
  if (!guest) return;
  VIEWS[guest.name] = async () => (await import(guest.module)).open(guest.titles[language]);
  PAGES.push(guest.name);
}

async function go() {
  const mine = turn += 1;
  const [, region = '', page = 'functions', ...rest] = location.hash.split('/').map(decodeURIComponent);
  if (!about) meet((await ask('GET', 'about')).json);
  const here = region || about.regions.find(one => one === 'cn-hangzhou') || about.regions[0];
  if (!about.regions.includes(here)) about.regions.push(here);
  regions.replaceChildren(...about.regions.map(one => h('option', { value: one, selected: one === here }, one)));
  links.replaceChildren(...PAGES.map(one => h('a', {
    href: `#/${here}/${one}`, 'aria-current': one === page ? 'page' : null,
  }, one === about.guest?.name ? about.guest.titles[language] : t(one))));
  let next;
  try {
    next = await (VIEWS[page] ?? VIEWS.functions)(here, ...rest);
  } catch (error) {
    next = { title: t('refused'), body: [h('h1', { tabIndex: -1 }, t('refused')), refusal(error)] };
  }
  if (mine !== turn) return; // somebody went on meanwhile
  const moved = view !== null;
  view = next;
  document.title = `${view.title} · ${t('title')}`;
  main.replaceChildren(...view.body);
  view.shown?.();
  main.querySelector('.tabs [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  if (view.lines || view.guest) listenAnew();
  // Going somewhere reads the place out, and leaves the keyboard there; the first page needs no such help.
  if (moved) (main.querySelector('[data-focus]') ?? main.querySelector('h1'))?.focus({ preventScroll: false });
}

addEventListener('hashchange', go);
await go();
listenAnew = listen({
  wantsLines: () => Boolean(view?.lines),
  wantsGuest: () => Boolean(view?.guest),
  heard: async news => {
    if (news.changes) await view?.refresh?.();
    if (news.lines) await view?.lines?.();
    if (news.guest) await view?.guest?.();
  },
  up: there => { if (lost.textContent !== (there ? '' : t('lost'))) lost.textContent = there ? '' : t('lost'); },
});
