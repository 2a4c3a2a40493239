(() => {
  'use strict';
  const cards = [...document.querySelectorAll('#list > details')];
  const bar = document.querySelector('.filters');

  // A link to a resource shows it, whatever is filtered and folded.
  const show = () => {
    const card = document.getElementById(location.hash.slice(1));
    if (!card || !card.matches('#list > details')) return;
    card.hidden = false;
    card.open = true;
    card.scrollIntoView();
  };
  addEventListener('hashchange', show);
  show();

  if (!bar) return;
  bar.hidden = false;
  const buttons = [...bar.querySelectorAll('button[data-group]')];
  const search = bar.querySelector('input');
  const status = bar.querySelector('#status');

  const pressed = group => buttons
    .filter(button => button.dataset.group === group && button.getAttribute('aria-pressed') === 'true')
    .map(button => button.dataset.value);

  const filter = () => {
    const actions = pressed('action');
    const classes = pressed('class');
    const needs = pressed('need');
    const words = search.value.trim().toLowerCase();
    let shown = 0;
    for (const card of cards) {
      const its = card.dataset.classes.split(' ');
      const fits = (!actions.length || actions.includes(card.dataset.action))
        && (!classes.length || its.some(one => classes.includes(one)))
        && (!needs.length || 'asks' in card.dataset)
        && card.dataset.address.toLowerCase().includes(words);
      card.hidden = !fits;
      if (fits) shown += 1;
    }
    const noun = cards.length === 1 ? 'resource' : 'resources';
    status.textContent = shown === cards.length
      ? `${shown} ${noun}`
      : `${shown} of ${cards.length} ${noun} shown`;
  };

  for (const button of buttons) {
    button.addEventListener('click', () => {
      button.setAttribute('aria-pressed', String(button.getAttribute('aria-pressed') !== 'true'));
      filter();
    });
  }
  search.addEventListener('input', filter);
  const fold = open => () => cards.forEach(card => { if (!card.hidden) card.open = open; });
  bar.querySelector('#unfold').addEventListener('click', fold(true));
  bar.querySelector('#fold').addEventListener('click', fold(false));
})();
