"""The console of the end-to-end tests: the vendor's own Python SDK for FC 3.0, one command per line.

Usage: python console.py HOST:PORT   (needs alibabacloud_fc20230330)

A command is a JSON object on a line of stdin, its answer one on a line of stdout: {"ok": …} or
{"refused": {"code": …, "status": …}}. What is said and answered are the SDK's own models, as maps.

    {"do": "UpdateFunction", "of": ["hello"], "body": {"memorySize": 1024}}    any operation of the SDK
    {"do": "code", "of": ["hello"]}                                            the files of a function
    {"do": "edit code", "of": ["hello"], "files": {"a.py": "…", "b.py": null}} as the console's editor does
    {"do": "look"}                                                             everything there is
    {"do": "wait for", "of": ["hello"]}                                        a function that is being made
"""

import base64
import inspect
import io
import json
import re
import sys
import time
import urllib.request
import zipfile

from alibabacloud_fc20230330 import models as m
from alibabacloud_fc20230330.client import Client
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.exceptions import DaraException

# Bodies whose name does not follow from the operation's.
BODIES = {"PublishFunctionVersion": "PublishVersionInput", "TagResource": "TagResourceInput"}

# An eventually consistent cloud shows what was just made after a few looks, and in a list after fewer.
LOOKS = 20
LISTS = 3


class Console:
    def __init__(self, endpoint):
        self.client = Client(Config(
            endpoint=endpoint, protocol="http", access_key_id="local", access_key_secret="local",
            region_id="cn-hangzhou"))

    def do(self, command):
        operation, of = command["do"], command.get("of", [])
        if operation == "code":
            return self.code(*of)
        if operation == "edit code":
            return self.edit_code(*of, command["files"])
        if operation == "look":
            return self.look()
        if operation == "wait for":
            return self.wait_for(*of)
        made = self.call(operation, of, command.get("body"), command.get("query"))
        if operation.startswith("Create"):
            self.wait_until_seen(operation, of, command["body"])
        return made

    def call(self, operation, of, body=None, query=None):
        method = getattr(self.client, re.sub("(?<=.)([A-Z])", r"_\1", operation).lower())
        arguments = list(of)
        if "request" in inspect.signature(method).parameters:
            request = getattr(m, operation + "Request")().from_map(query or {})
            if body is not None:
                # The constructor would do; a map goes through the SDK's own reading of its wire names.
                model = getattr(m, BODIES.get(operation, operation + "Input"))
                unknown = set(body) - set(model().from_map(body).to_map())
                assert not unknown, f"{operation} has no {unknown}"
                request.body = model().from_map(body)
            arguments.append(request)
        answer = getattr(method(*arguments), "body", None)
        return answer.to_map() if hasattr(answer, "to_map") else None

    def wait_until_seen(self, operation, of, body):
        """Looks until what was just made is there, alone and in its list."""
        kind = operation.removeprefix("Create")
        names = {"Function": "functionName", "Trigger": "triggerName", "CustomDomain": "domainName"}
        lists = {"Function": "functions", "Trigger": "triggers", "CustomDomain": "customDomains"}
        if kind not in names:
            return
        name = body[names[kind]]
        for _ in range(LOOKS):
            try:
                self.call(f"Get{kind}", [*of, name])
                listed = self.call(f"List{kind}s", of).get(lists[kind]) or []
            except DaraException:
                continue
            if any(item[names[kind]] == name for item in listed):
                return
        raise AssertionError(f"{name} was made and cannot be seen")

    def wait_for(self, name):
        until = time.monotonic() + 60
        while True:
            try:
                return self.call("GetFunction", [name])
            except DaraException:
                assert time.monotonic() < until, f"{name} was never made"
                time.sleep(0.01)

    def package(self, name):
        return urllib.request.urlopen(self.call("GetFunctionCode", [name])["url"]).read()

    def code(self, name):
        with zipfile.ZipFile(io.BytesIO(self.package(name))) as archive:
            return {entry: archive.read(entry).decode("utf-8", "replace") for entry in archive.namelist()}

    def edit_code(self, name, files):
        """Takes the package apart, changes some files, and uploads the rest as it was."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(self.package(name))) as old, \
                zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
            for entry in old.infolist():
                if entry.filename not in files:
                    new.writestr(entry, old.read(entry))
            for file, text in files.items():
                if text is not None:
                    entry = zipfile.ZipInfo(file, (2026, 1, 2, 3, 4, 6))
                    entry.external_attr = 0o100644 << 16
                    new.writestr(entry, text)
        zipped = base64.b64encode(buffer.getvalue()).decode()
        self.call("UpdateFunction", [name], {"code": {"zipFile": zipped}})

    def look(self):
        """Everything there is, in one form: what differs means that something was changed."""
        functions = {}
        for listed in self.pages("ListFunctions", [], "functions"):
            name = listed["functionName"]
            function = self.call("GetFunction", [name])
            functions[name] = {"function": function, "triggers": self.pages("ListTriggers", [name], "triggers")}
        return settled({"functions": functions, "domains": self.pages("ListCustomDomains", [], "customDomains")})

    def pages(self, operation, of, items):
        """All items of a list. A list may leave out what is new, for a while; so it is asked more than once."""
        found = {}
        for _ in range(LISTS):
            token = None
            while True:
                page = self.call(operation, of, query={"nextToken": token} if token else {})
                found |= {json.dumps(settled(item), sort_keys=True): item for item in page.get(items) or []}
                token = page.get("nextToken")
                if not token:
                    break
        return list(found.values())


def settled(value):
    """One of the forms in which an inconsistent cloud may say the same."""
    if isinstance(value, dict):
        kept = {key: settled(inner) for key, inner in value.items() if key != "lastModifiedTime"}
        return {key: inner for key, inner in kept.items() if inner not in ("", [], {}, None)}
    if isinstance(value, list):
        return sorted((settled(inner) for inner in value), key=lambda inner: json.dumps(inner, sort_keys=True))
    if isinstance(value, str) and value.startswith("{"):
        return settled(json.loads(value))
    return value


def main(endpoint):
    console = Console(endpoint)
    for line in sys.stdin:
        try:
            answer = {"ok": console.do(json.loads(line))}
        except DaraException as error:
            status = error.status_code if hasattr(error, "status_code") else error.data["statusCode"]
            answer = {"refused": {"code": error.code, "status": status, "message": error.message}}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
