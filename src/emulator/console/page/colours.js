// Syntax colours: one pass of one expression per language. It colours; it does not understand, and where it is wrong
// only a colour is wrong.

const STRINGS = `"""[^]*?"""|'''[^]*?'''|"(?:\\\\.|[^"\\\\\\n])*"|'(?:\\\\.|[^'\\\\\\n])*'`;
const NUMBERS = String.raw`\b\d[\w.]*\b`;

const HASH = String.raw`#.*`;
const SLASHES = String.raw`\/\/.*|\/\*[^]*?\*\/`;

const language = (comments, words, strings = STRINGS) => new RegExp(
  `(?<comment>${comments})|(?<string>${strings})|(?<number>${NUMBERS})|(?<word>\\b(?:${words.replaceAll(' ', '|')})\\b)`, 'g');

const PYTHON = language(HASH, 'and as assert async await break class continue def del elif else except finally for from '
  + 'global if import in is lambda nonlocal not or pass raise return try while with yield True False None');
const SCRIPT = language(SLASHES, 'async await break case catch class const continue default delete do else export extends '
  + 'finally for from function if import in instanceof let new of return static super switch this throw try typeof var '
  + 'void while yield true false null undefined', STRINGS + '|`(?:\\\\.|[^`\\\\])*`');
const PLAIN = language(HASH, 'true false null yes no');
const SHELL = language(HASH, 'if then else elif fi for in do done while case esac function exec exit export return');
const JSON_ = language('(?!)', 'true false null');
const OTHER = language(SLASHES, 'break case class const continue default defer else enum extends final for func function '
  + 'go if implements import interface map namespace new null nil package private protected public range return static '
  + 'struct switch throw throws try catch true false type use using var void while');

const LANGUAGES = {
  py: PYTHON, js: SCRIPT, mjs: SCRIPT, cjs: SCRIPT, ts: SCRIPT, json: JSON_, yaml: PLAIN, yml: PLAIN, toml: PLAIN,
  sh: SHELL, bootstrap: SHELL, go: OTHER, java: OTHER, php: OTHER, cs: OTHER,
};

// More than this is edited without colours: typing must not wait for them.
const MOST = 100_000;

/** The text as nodes: plain text, and spans whose class says what they are. */
export function colour(path, text) {
  const expression = LANGUAGES[path.split(/[./]/).at(-1)];
  if (!expression || text.length > MOST) return [text];
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(expression)) {
    if (match.index > at) nodes.push(text.slice(at, match.index));
    const span = document.createElement('span');
    span.className = Object.keys(match.groups).find(name => match.groups[name] !== undefined);
    span.textContent = match[0];
    nodes.push(span);
    at = match.index + match[0].length;
  }
  nodes.push(text.slice(at));
  return nodes;
}
