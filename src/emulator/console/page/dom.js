// Building the page. Text is only ever text: nothing here, or anywhere else, reads markup.

/** Makes an element. `props` are properties, or attributes where the name has a dash or is one of `ATTRIBUTES`;
 * children are nodes, texts, or nothing. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name.includes('-') || ATTRIBUTES.has(name)) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

const ATTRIBUTES = new Set(['for', 'role', 'colspan', 'scope', 'list', 'form']);

let count = 0;

/** A name that no other element has. */
export const fresh = word => `${word}-${count += 1}`;

/** A labelled control: label, control, and what there is to know about it. */
export function field(label, control, note) {
  control.id ||= fresh('field');
  const hint = note ? h('small', { id: `${control.id}-note` }, note) : null;
  if (hint) control.setAttribute('aria-describedby', hint.id);
  return h('div', { className: 'field' }, h('label', { for: control.id }, label), control, hint);
}

/** A line that screen readers are told of when it changes. */
export const status = () => h('p', { className: 'status', role: 'status' });

/** Shows what was refused, in the words of who refused it. */
export const refusal = error => h('p', { className: 'refusal', role: 'alert' }, error.message);

/** Texts of the service may hold anything: what a terminal or a reader's eye could take for something else is shown
 * by its picture instead. */
export const visible = text => String(text).replace(CONTROLS, one =>
  one < ' ' ? String.fromCharCode(0x2400 + one.charCodeAt(0)) : '\ufffd');

// Control characters but tab and line break, and those that turn the direction of what follows.
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
