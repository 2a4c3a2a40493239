// Runs a Node.js function for triform's embedded cloud.
//
// Requests come in frames over file descriptor 3, a socket, so that whatever the function prints cannot disturb them.
// A frame is two big-endian 32-bit lengths, a JSON header and a body of raw bytes. The process ends with its socket.
'use strict';

const fs = require('fs');
const net = require('net');
const path = require('path');
const stream = require('stream');
const url = require('url');
const util = require('util');

const channel = new net.Socket({ fd: 3, readable: true, writable: true });
const stdout = process.stdout;
const LEVELS = { verbose: 0, debug: 1, info: 2, warn: 3, error: 4 };
const STAGES = { load: 'Invoke', invoke: 'Invoke', http: 'Invoke', initialize: 'Initialize', preStop: 'PreStop' };

let config; // what runs: runtime, handler, root
let legacy; // Node.js 16 and older: only a callback answers
let requestId = '';
let level = 0;
const handlers = new Map();

/** A failure with its error body. */
class Failure {
  constructor(body, handled) {
    this.body = body;
    this.handled = handled;
  }
}

// ---- output ----------------------------------------------------------------------------------------------------

function say(text) {
  stdout.write(text + '\n');
}

function log(name, values) {
  if (LEVELS[name] >= level) {
    const text = util.format(...values).replace(/\r?\n/g, '\r');
    say(`${new Date().toISOString()} ${requestId} [${name}] ${text}`);
  }
}

console.log = (...values) => log('verbose', values);
console.info = (...values) => log('info', values);
console.warn = (...values) => log('warn', values);
console.error = (...values) => log('error', values);
console.debug = (...values) => log('debug', values);

const logger = {
  log: console.log,
  info: console.info,
  warn: console.warn,
  error: console.error,
  debug: console.debug,
  setLogLevel(name) {
    level = LEVELS[name] === undefined ? 0 : LEVELS[name];
  },
};

// ---- errors ----------------------------------------------------------------------------------------------------

function show(text) {
  return text.split(config.root).join('/code');
}

function unhandled(name) {
  return legacy ? 'FunctionUnhandledError: ' + name : name;
}

/** The stack down to the runtime's own frames, which are none of the user's business. */
function stackOf(error) {
  const lines = String(error.stack || '').split('\n');
  const own = lines.findIndex((line) => line.includes(__filename));
  return (own < 0 ? lines : lines.slice(0, own)).map(show);
}

/** The body for something thrown or rejected. */
function thrown(value) {
  if (value instanceof Failure) return value;
  if (util.types.isNativeError(value) || value instanceof Error) {
    const body = { errorMessage: value.message, errorType: unhandled(value.name), stackTrace: stackOf(value) };
    return new Failure(body, false);
  }
  return new Failure({ errorMessage: plain(value), errorType: 'FunctionUnhandledError' }, false);
}

/** The body for an error given to the callback. */
function handed(value) {
  if (util.types.isNativeError(value) || value instanceof Error) {
    return new Failure({ errorMessage: value.message, errorType: value.name, stackTrace: stackOf(value) }, true);
  }
  return new Failure({ errorMessage: plain(value), errorType: 'FunctionHandledError' }, true);
}

function plain(value) {
  return typeof value === 'object' ? util.inspect(value) : String(value);
}

// ---- the user's code -------------------------------------------------------------------------------------------

function fail(type, message, stackTrace) {
  const body = { errorMessage: show(message), errorType: unhandled(type) };
  if (stackTrace) body.stackTrace = stackTrace;
  throw new Failure(body, false);
}

async function load(handler) {
  const dot = handler.lastIndexOf('.');
  if (dot <= 0 || dot === handler.length - 1) fail('InvalidHandlerName', `Invalid handler '${handler}'`);
  const base = path.join(config.root, handler.slice(0, dot));
  const method = handler.slice(dot + 1);
  const endings = legacy ? ['.js'] : ['.js', '.mjs', '.cjs'];
  const file = endings.map((ending) => base + ending).find((candidate) => fs.existsSync(candidate));
  if (!file) fail('ImportModuleError', `Module '${base}.js' is missing.`);
  let module;
  try {
    module = await open(file);
  } catch (error) {
    if (error instanceof SyntaxError) fail('UserCodeSyntaxError', error.message, stackOf(error));
    throw thrown(error);
  }
  const found = module[method] === undefined && module.default ? module.default[method] : module[method];
  if (typeof found !== 'function') fail('HandlerNotFound', `Handler '${method}' is missing on module '${handler.slice(0, dot)}'`);
  return found;
}

async function open(file) {
  if (!file.endsWith('.mjs')) {
    try {
      return require(file);
    } catch (error) {
      if (legacy || error.code !== 'ERR_REQUIRE_ESM') throw error;
    }
  }
  return import(url.pathToFileURL(file).href);
}

async function resolve(handler) {
  if (!handlers.has(handler)) {
    say(`load code for handler:${handler}`);
    handlers.set(handler, await load(handler));
  }
  return handlers.get(handler);
}

/** Calls a function in the way of its runtime and returns what it answered. */
async function call(run, given, isHook) {
  let done, failed;
  const answered = new Promise((yes, no) => ([done, failed] = [yes, no]));
  const callback = (error, data) => (error === null || error === undefined ? done(data) : failed(handed(error)));
  const value = run(...given, callback);
  const promised = value !== null && typeof value === 'object' && typeof value.then === 'function';
  if (promised) {
    value.then(legacy ? () => {} : done, (error) => failed(thrown(error)));
  } else if (!legacy && run.length <= given.length && (isHook || value !== undefined)) {
    done(value);
  }
  return answered;
}

function encode(value) {
  if (value === null || value === undefined) return Buffer.alloc(0);
  if (Buffer.isBuffer(value)) return value;
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (typeof value === 'object') return Buffer.from(JSON.stringify(value));
  return Buffer.from(value.toString());
}

// ---- requests, as FC 2.0 gives them to handlers ----------------------------------------------------------------

/** Of these headers the first value counts; of all others every one. */
const SINGLE = ['age', 'authorization', 'content-length', 'content-type', 'etag', 'expires', 'from', 'host',
  'if-modified-since', 'if-unmodified-since', 'last-modified', 'location', 'max-forwards', 'proxy-authorization',
  'referer', 'retry-after', 'user-agent'];

/** What a handler reads of a request: properties, and the body as a stream. */
function requestOf(given, body) {
  const request = stream.Readable.from(body.length > 0 ? [body] : [], { objectMode: false });
  const headers = {};
  for (const [name, values] of Object.entries(given.headersMap)) {
    const own = name.toLowerCase();
    headers[own] = own === 'set-cookie' ? values : SINGLE.includes(own) ? values[0] : values.join(', ');
  }
  const queries = {};
  for (const [name, values] of Object.entries(given.queriesMap)) queries[name] = values.length > 1 ? values : values[0];
  const getHeader = (name) => headers[String(name).toLowerCase()];
  const { method, path, requestURI, clientIP } = given;
  return Object.assign(request, {
    method, path, url: requestURI, headers, queries, clientIP, ip: clientIP, body, getHeader, httpVersion: '1.1',
  });
}

/** What a handler answers with; `sent` is told once. */
class Response {
  constructor(sent, failed) {
    Object.assign(this, { statusCode: 200, headers: new Map(), isSent: false, sent, failed });
    for (const name of ['setStatusCode', 'setHeader', 'deleteHeader', 'hasHeader', 'send']) this[name] = this[name].bind(this);
  }

  change() {
    if (this.isSent) throw new Error('the response was sent already');
  }

  setStatusCode(code) {
    this.change();
    if (!Number.isInteger(code)) throw new TypeError('statusCode must be an integer');
    this.statusCode = code;
  }

  setHeader(name, value) {
    this.change();
    const values = Array.isArray(value) ? value : [value];
    if (typeof name !== 'string') throw new TypeError('the name of a header must be a string');
    if (!values.every((one) => typeof one === 'string')) throw new TypeError('the value of a header must be a string or an array of strings');
    this.headers.set(name.toLowerCase(), values.map((one) => [name, one]));
  }

  deleteHeader(name) {
    this.change();
    this.headers.delete(String(name).toLowerCase());
  }

  hasHeader(name) {
    return this.headers.has(String(name).toLowerCase());
  }

  send(data) {
    this.change();
    const streamed = data !== null && typeof data === 'object' && typeof data.pipe === 'function';
    if (data !== undefined && typeof data !== 'string' && !Buffer.isBuffer(data) && !streamed) {
      throw new TypeError('a response must be a string, a Buffer or a stream.Readable');
    }
    this.isSent = true;
    const header = { ok: true, status: this.statusCode, headers: [...this.headers.values()].flat() };
    if (!streamed) {
      this.sent([header, Buffer.from(data === undefined ? '' : data)]);
      return;
    }
    const parts = [];
    data.on('data', (part) => parts.push(Buffer.from(part)));
    data.on('end', () => this.sent([header, Buffer.concat(parts)]));
    data.on('error', (error) => this.failed(thrown(error)));
  }
}

/** Lets a handler answer a request: what counts is what it sends, not what it returns. */
function respond(run, given, body, context) {
  return new Promise((sent, failed) => {
    const value = run(requestOf(given, body), new Response(sent, failed), context);
    if (value !== null && typeof value === 'object' && typeof value.then === 'function') {
      value.then(() => {}, (error) => failed(thrown(error)));
    }
  });
}

function contextOf(given) {
  return Object.assign({}, given, { logger, waitsForEmptyEventLoopBeforeCallback: false });
}

// ---- the channel -----------------------------------------------------------------------------------------------

function answer(header, body) {
  const head = Buffer.from(JSON.stringify(header));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(head.length, 0);
  lengths.writeUInt32BE(body.length, 4);
  channel.write(Buffer.concat([lengths, head, body]));
}

async function serve(request, body) {
  const stage = STAGES[request.op];
  requestId = request.requestId;
  const context = contextOf(request.context);
  try {
    if (request.op === 'load') {
      try {
        await resolve(config.handler);
      } catch (failure) {
        // A failure here ends the request, so that its lines must be the request's.
        say(`FC ${stage} Start RequestId: ${requestId}`);
        throw failure;
      }
      answer({ ok: true }, Buffer.alloc(0));
      return;
    }
    say(`FC ${stage} Start RequestId: ${requestId}`);
    let result;
    let header = { ok: true };
    if (request.op === 'http') {
      [header, result] = await respond(await resolve(config.handler), request.http, body, context);
    } else if (request.op === 'invoke') {
      result = encode(await call(await resolve(config.handler), [body, context], false));
    } else {
      await call(await resolve(request.handler), [context], true);
      result = Buffer.alloc(0);
    }
    say(`FC ${stage} End RequestId: ${requestId}`);
    answer(header, result);
  } catch (error) {
    const failure = thrown(error);
    const text = JSON.stringify(failure.body);
    log('error', [text]);
    say(`FC ${stage} End RequestId: ${requestId}, Error: ${failure.handled ? 'Handled' : 'Unhandled'} function error`);
    answer({ ok: false, handled: failure.handled }, Buffer.from(text));
  }
  if (context.waitsForEmptyEventLoopBeforeCallback) await drained();
}

/** Waits until the function has nothing left to do; the channel itself does not count. */
function drained() {
  return new Promise((done) => {
    channel.unref();
    process.once('beforeExit', () => {
      channel.ref();
      done();
    });
  });
}

let parts = [];
let size = 0;
let needed = 8; // bytes before it is worth looking again
let queue = Promise.resolve();

function take() {
  while (size >= needed) {
    const all = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    parts = [all];
    const head = 8 + all.readUInt32BE(0);
    const end = head + all.readUInt32BE(4);
    if (size < end) {
      needed = end;
      return;
    }
    const header = JSON.parse(all.toString('utf8', 8, head));
    const body = all.subarray(head, end);
    parts = [all.subarray(end)];
    size -= end;
    needed = 8;
    queue = queue.then(() => (config ? serve(header, body) : configure(header)));
  }
}

function configure(header) {
  config = header;
  const version = Number(/^nodejs(\d+)/.exec(config.runtime)[1]);
  legacy = version <= 16;
  process.argv.length = 1;
  say('FunctionCompute nodejs runtime inited.');
}

channel.on('data', (part) => {
  parts.push(part);
  size += part.length;
  take();
});
channel.on('close', () => process.exit(0));
channel.on('error', () => process.exit(0));
