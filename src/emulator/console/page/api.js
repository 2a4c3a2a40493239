// Asking the cloud. Every request goes to the page's own origin, with the token that only the page holds.

let token = document.querySelector('meta[name=token]').content;

/** What the cloud refused, in its own words. */
export class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

/** Sends a request, and returns the JSON of the answer and its etag. */
export async function ask(method, path, { region, body, etag, signal, again = true } = {}) {
  const headers = { 'x-console-token': token };
  if (region) headers['x-triform-region'] = region;
  if (etag) headers['if-match'] = etag;
  let answer;
  try {
    answer = await fetch(`/api/${path}`, { method, headers, signal, body: typeof body === 'object' ? JSON.stringify(body) : body });
  } catch (error) {
    throw new Refusal(0, 'Unreachable', error.message);
  }
  const json = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (answer.ok) return { json, etag: answer.headers.get('etag') };
  if (json.Code === 'SessionExpired' && again) {
    // The cloud was started anew: its keys are others, what it holds is the same.
    token = (await ask('GET', 'session', { again: false })).json.token;
    return ask(method, path, { region, body, etag, signal, again: false });
  }
  throw new Refusal(answer.status, json.Code ?? '', json.Message ?? answer.statusText);
}

const segment = encodeURIComponent;

/** The operations of Function Compute, as everybody's SDK calls them. */
export const call = (method, path, options) => ask(method, `call/2023-03-30/${path}`, options);

/** Those of the API of services, FC 2.0. */
export const callOlder = (method, path, options) => ask(method, `call/2021-04-06/${path}`, options);

export const servicePath = (name, ...rest) => ['services', name, ...rest].map(segment).join('/');

/** Service and name of a function that belongs to a service. */
export const ofService = name => {
  const [, service, own] = /^([^$]+)\$(.+)$/.exec(name) ?? [];
  return service && { service, function: own };
};

export const functionPath = (name, ...rest) => ['functions', name, ...rest].map(segment).join('/');

/** A path of the console's own, with its query. */
export const own = (path, query) => `${path}?${new URLSearchParams(query)}`;

const number = name => document.querySelector(`meta[name=${name}]`).content;

/** Calls `heard` whenever something was changed or logged since this page was made, as long as it lives; `up` is told
 * whether the cloud can be reached. Who does not want lines, or a guest's news, is not woken by them. Returns what to
 * call when that has changed. */
export function listen({ wantsLines, wantsGuest, heard, up }) {
  let known = { changes: number('changes'), lines: number('lines'), guest: number('guest') };
  let waiting = new AbortController();
  const wait = async () => {
    for (;;) {
      waiting = new AbortController();
      try {
        const query = { changes: known.changes };
        if (wantsLines()) query.lines = known.lines;
        if (wantsGuest()) query.guest = known.guest;
        const { json } = await ask('GET', own('news', query), { signal: waiting.signal });
        const news = Object.fromEntries(['changes', 'lines', 'guest'].map(one => [one, (json[one] ?? 0) !== Number(known[one] ?? 0)]));
        known = json;
        up(true);
        if (news.changes || news.lines || news.guest) await heard(news);
      } catch {
        if (waiting.signal.aborted) continue;
        up(false);
        await new Promise(go => setTimeout(go, 1000));
      }
    }
  };
  wait();
  return () => waiting.abort();
}
