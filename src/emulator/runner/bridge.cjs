// Runs a Node.js function for triform's embedded cloud.
//
// Requests come in frames over file descriptor 3, a socket, so that whatever the function prints cannot disturb them.
// A frame is two big-endian 32-bit lengths, a JSON header and a body of raw bytes. The process ends with its socket.
'use strict';

const fs = require('fs');
const net = require('net');
const path = require('path');
const url = require('url');
const util = require('util');

const channel = new net.Socket({ fd: 3, readable: true, writable: true });
const stdout = process.stdout;
const LEVELS = { verbose: 0, debug: 1, info: 2, warn: 3, error: 4 };
const STAGES = { load: 'Invoke', invoke: 'Invoke', initialize: 'Initialize', preStop: 'PreStop' };

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
    if (request.op === 'invoke') {
      result = encode(await call(await resolve(config.handler), [body, context], false));
    } else {
      await call(await resolve(request.handler), [context], true);
      result = Buffer.alloc(0);
    }
    say(`FC ${stage} End RequestId: ${requestId}`);
    answer({ ok: true }, result);
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
