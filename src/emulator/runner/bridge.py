"""Runs a Python function for triform's embedded cloud.

Requests come in frames over file descriptor 3, a socket, so that whatever the function prints cannot disturb them.
A frame is two big-endian 32-bit lengths, a JSON header and a body of raw bytes. The process ends with its socket.
"""

import datetime
import decimal
import importlib
import io
import json
import logging
import os
import socket
import struct
import sys
import time
import traceback

CHANNEL_FD = 3
os.set_inheritable(CHANNEL_FD, False)
CHANNEL = socket.socket(fileno=CHANNEL_FD)
OWN_FILE = os.path.abspath(__file__)


class Failure(Exception):
    """A failure with its error body."""

    def __init__(self, body):
        Exception.__init__(self)
        self.body = body


class Bag:
    """A context or a part of one: attributes, and the same tree as JSON."""

    def __init__(self, tree, **attributes):
        self._tree = tree
        self.__dict__.update(attributes)

    def to_json(self):
        return self._tree


def read_exactly(count):
    parts = []
    while count > 0:
        part = CHANNEL.recv(min(count, 1 << 20))
        if not part:
            os._exit(0)
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def read_frame():
    head, tail = struct.unpack(">II", read_exactly(8))
    return json.loads(read_exactly(head).decode("utf-8")), read_exactly(tail)


def write_frame(header, body=b""):
    head = json.dumps(header).encode("utf-8")
    CHANNEL.sendall(struct.pack(">II", len(head), len(body)) + head + body)


class Function:
    """The user's code, its handlers resolved once."""

    def __init__(self, config):
        self.runtime = config["runtime"]
        self.handler = config["handler"]
        self.root = config["root"]
        self.known = {}

    def show(self, path):
        return path.replace(self.root, "/code")

    def resolve(self, name):
        if name not in self.known:
            self.known[name] = self.load(name)
        return self.known[name]

    def load(self, name):
        module_name, dot, function_name = name.rpartition(".")
        if not dot or not module_name or not function_name:
            raise self.load_failure("InvalidHandleName", "Invalid handler '%s'" % name)
        path = module_name.replace("/", ".")
        try:
            module = importlib.import_module(path)
        except ImportError:
            raise self.load_failure("ImportModuleError", "Unable to import module '%s'" % module_name, True)
        except SyntaxError:
            raise self.load_failure("UserCodeSyntaxError", "Syntax error in module '%s'" % module_name, True)
        except Exception as error:
            message = "Module initialization error: '%s'" % self.show(str(error))
            raise self.load_failure("UserCodeError", message, True)
        try:
            return getattr(module, function_name)
        except AttributeError:
            message = "Handler '%s' is missing on module '%s'" % (function_name, module_name)
            raise self.load_failure("HandlerNotFound", message)

    def load_failure(self, error_type, message, with_stack=False):
        body = {"errorMessage": message, "errorType": error_type}
        if with_stack:
            kind, error, trace = sys.exc_info()
            lines = []
            for frame in traceback.extract_tb(trace):
                if frame[0] != OWN_FILE and not frame[0].startswith("<frozen importlib") and "/importlib/" not in frame[0]:
                    lines.append('File "%s", line %s, in %s, %s' % (self.show(frame[0]), frame[1], frame[2], frame[3]))
            for line in traceback.format_exception_only(kind, error):
                lines.append(self.show(line.rstrip("\n")))
            body["stackTrace"] = lines
        return Failure(body)

    def failure(self):
        kind, error, trace = sys.exc_info()
        frames = []
        for frame in traceback.extract_tb(trace):
            if frame[0] == OWN_FILE:
                continue
            frames.append(['File "%s"' % self.show(frame[0]), "line %s" % frame[1], "in %s" % frame[2], frame[3]])
        # Frames of the json module belong to the runtime's own encoding of the answer.
        if frames and kind is TypeError and all("/json/" in frame[0] for frame in frames):
            frames = []
        body = {"errorMessage": str(error), "errorType": kind.__name__}
        if frames:
            body["stackTrace"] = frames
        return Failure(body)

    def context(self, given):
        function = given["function"]
        if self.runtime == "python3.12":
            tree = {
                "requestId": given["requestId"],
                "function": {
                    "name": function["name"],
                    "handler": function["handler"],
                    "memory": function["memory"],
                    "timeout": function["timeout"],
                    "versionId": given["service"]["versionId"],
                    "qualifier": given["service"]["qualifier"],
                },
                "region": given["region"],
                "accountId": given["accountId"],
                "logProject": given["service"]["logProject"],
                "logStore": given["service"]["logStore"],
            }
            return Bag(
                tree,
                request_id=given["requestId"],
                function=Bag(
                    tree["function"],
                    name=function["name"],
                    handler=function["handler"],
                    memory=function["memory"],
                    timeout=function["timeout"],
                    version_id=given["service"]["versionId"],
                    qualifier=given["service"]["qualifier"],
                ),
                region=given["region"],
                logger=logging.getLogger(),
                account_id=given["accountId"],
                log_project=given["service"]["logProject"],
                log_store=given["service"]["logStore"],
            )
        keys, service, tracing = given["credentials"], given["service"], given["tracing"]
        return Bag(
            given,
            request_id=given["requestId"],
            requestId=given["requestId"],
            credentials=Bag(
                keys,
                access_key_id=keys["accessKeyId"],
                accessKeyId=keys["accessKeyId"],
                access_key_secret=keys["accessKeySecret"],
                accessKeySecret=keys["accessKeySecret"],
                security_token=keys["securityToken"],
                securityToken=keys["securityToken"],
            ),
            function=Bag(function, **function),
            service=Bag(
                service,
                name=service["name"],
                log_project=service["logProject"],
                log_store=service["logStore"],
                qualifier=service["qualifier"],
                version_id=service["versionId"],
            ),
            region=given["region"],
            account_id=given["accountId"],
            accountId=given["accountId"],
            retry_count=given["retryCount"],
            tracing=Bag(
                tracing,
                span_context=tracing["openTracingSpanContext"],
                span_baggages=tracing["openTracingSpanBaggages"],
                jaeger_endpoint=tracing["jaegerEndpoint"],
            ),
            logger=None,
            getLogger=logging.getLogger,
        )

    def invoke(self, context, event):
        handler = self.resolve(self.handler)
        try:
            return encode(handler(event, self.context(context)))
        except Exception:
            raise self.failure()

    def http(self, context, request, body):
        """Answers a request as FC 2.0 does it: the handler is a WSGI application."""
        handler = self.resolve(self.handler)
        response = Response()
        try:
            parts = handler(self.environ(request, body, self.context(context)), response.start)
            try:
                if isinstance(parts, (bytes, bytearray, str)):
                    parts = [parts]
                for part in parts if parts is not None else []:
                    response.write(part)
            finally:
                if hasattr(parts, "close"):
                    parts.close()
            if response.status is None:
                raise RuntimeError("start_response was not called")
        except Exception:
            raise self.failure()
        return {"ok": True, "status": response.status, "headers": response.headers}, b"".join(response.parts)

    def environ(self, request, body, context):
        environ = dict(os.environ)
        for name, values in request["headersMap"].items():
            if name not in ("content-type", "content-length"):
                environ["HTTP_" + name.upper().replace("-", "_")] = ",".join(values)
        uri = request["requestURI"]
        environ.update({
            "REQUEST_METHOD": request["method"],
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SCRIPT_NAME": "",
            "SERVER_NAME": "FCRUNTIME",
            "SERVER_PORT": "9000",
            "SERVER_SOFTWARE": "FCRUNTIME/1.0",
            "HTTP": "on",
            "PATH_INFO": request["path"],
            "QUERY_STRING": uri.split("?", 1)[1] if "?" in uri else "",
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": ",".join(request["headersMap"].get("content-type", ["application/octet-stream"])),
            "REMOTE_ADDR": request["clientIP"],
            "HTTP_X_FC_FUNCTION_HANDLER": request["handler"],
            "fc.request_uri": uri,
            "fc.context": context,
            "wsgi.version": (1, 0),
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.url_scheme": "http",
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        })
        return environ

    def hook(self, context, name):
        hook = self.resolve(name)
        try:
            hook(self.context(context))
        except Exception:
            raise self.failure()
        return b""


class Response:
    """What a WSGI application answers: `start` is its start_response."""

    def __init__(self):
        self.status = None
        self.headers = []
        self.parts = []

    def start(self, status, headers, exc_info=None):
        self.status = int(str(status).split(" ", 1)[0])
        self.headers = [[str(name), str(value)] for name, value in headers]
        return self.write

    def write(self, part):
        self.parts.append(part.encode("utf-8") if isinstance(part, str) else bytes(part))


def encode(value):
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if isinstance(value, str):
        return value.encode("utf-8")
    return json.dumps(value, indent=4, sort_keys=True, default=encode_other).encode("utf-8")


def encode_other(value):
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if hasattr(value, "to_json"):
        return value.to_json()
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


class RequestFormatter(logging.Formatter):
    """Log records as the service's runtime writes them."""

    request_id = ""

    def format(self, record):
        record.message = record.getMessage()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        text = "%s.%03dZ %s [%s] %s" % (stamp, record.msecs, self.request_id, record.levelname, record.message)
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return text


# The function may put something else in the place of sys.stdout, or close it.
LINES = sys.stdout


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass


def say(text):
    flush()
    try:
        LINES.write(text + "\n")
        LINES.flush()
    except ValueError:
        pass


STAGES = {"load": "Invoke", "invoke": "Invoke", "http": "Invoke", "initialize": "Initialize", "preStop": "PreStop"}


def serve():
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    sys.stdout.reconfigure(line_buffering=True)
    sys.stderr.reconfigure(line_buffering=True)
    config, _ = read_frame()
    function = Function(config)
    sys.path[0] = function.root
    sys.argv[:] = [function.root]
    importlib.invalidate_caches()
    formatter = RequestFormatter()
    lines = logging.StreamHandler(sys.stdout)
    lines.setFormatter(formatter)
    logging.getLogger().addHandler(lines)
    logging.getLogger().setLevel(logging.INFO)
    say("FunctionCompute python3 runtime inited.")
    while True:
        request, body = read_frame()
        stage = STAGES[request["op"]]
        request_id = formatter.request_id = request["requestId"]
        try:
            if request["op"] == "load":
                # A failure here ends the request, so that its lines must be the request's.
                try:
                    function.resolve(function.handler)
                except Failure:
                    say("FC %s Start RequestId: %s" % (stage, request_id))
                    raise
                write_frame({"ok": True})
                continue
            say("FC %s Start RequestId: %s" % (stage, request_id))
            header = {"ok": True}
            if request["op"] == "invoke":
                answer = function.invoke(request["context"], body)
            elif request["op"] == "http":
                header, answer = function.http(request["context"], request["http"], body)
            else:
                answer = function.hook(request["context"], request["handler"])
        except SystemExit as leaving:
            flush()
            os._exit(leaving.code if isinstance(leaving.code, int) else 1)
        except Failure as failure:
            text = json.dumps(failure.body)
            record = logging.LogRecord("", logging.ERROR, "", 0, text, None, None)
            say(formatter.format(record))
            say("FC %s End RequestId: %s, Error: Unhandled function error" % (stage, request_id))
            write_frame({"ok": False, "handled": False}, text.encode("utf-8"))
        else:
            say("FC %s End RequestId: %s" % (stage, request_id))
            write_frame(header, answer)


serve()
