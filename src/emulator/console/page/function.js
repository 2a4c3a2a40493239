// One function: its name, and the tab that is open. Each tab is a module of its own, loaded when it is opened.

import { call, functionPath } from './api.js';
import { h, visible } from './dom.js';
import { t, time } from './words.js';

const TABS = {
  settings: () => import('./settings.js'),
  code: () => import('./code.js'),
  triggers: () => import('./triggers.js'),
  versions: () => import('./releases.js'),
  async: async () => ({ open: (await import('./configs.js')).asynchronous }),
  scaling: async () => ({ open: (await import('./configs.js')).scaling }),
  test: () => import('./invoke.js'),
  logs: () => import('./logs.js'),
};

export async function open(region, name, tab = 'settings') {
  const read = async () => {
    const { json, etag } = await call('GET', functionPath(name), { region });
    return { values: json, etag };
  };
  if (!TABS[tab]) tab = 'settings';
  const [module, live] = await Promise.all([TABS[tab](), read()]);
  const facts = h('p', { className: 'facts' });
  const tell = ({ values }) => {
    facts.textContent = t('facts', {
      runtime: visible(values.runtime), memory: values.memorySize, state: values.state, modified: time(values.lastModifiedTime),
    });
  };
  tell(live);
  const panel = h('section', { className: 'panel', 'aria-label': t(tab) });
  const shown = await module.open({ region, name, panel, live });
  const link = one => h('a', {
    href: `#/${region}/functions/${encodeURIComponent(name)}/${one}`, 'aria-current': one === tab ? 'page' : null,
    'data-focus': one === tab ? '' : null,
  }, t(one));
  const gone = h('p', { className: 'refusal', role: 'alert', hidden: true }, t('gone'));
  return {
    title: visible(name),
    body: [
      h('h1', { tabIndex: -1 }, visible(name)), facts, gone,
      h('nav', { className: 'tabs', 'aria-label': t('parts') }, Object.keys(TABS).map(link)), panel,
    ],
    async refresh() {
      try {
        const now = await read();
        gone.hidden = true;
        tell(now);
        await shown.refresh?.(now);
      } catch (error) {
        gone.hidden = error.status !== 404;
      }
    },
    lines: shown.lines,
    shown: shown.shown,
  };
}
