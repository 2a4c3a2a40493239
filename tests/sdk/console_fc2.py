"""The console of the end-to-end tests for FC 2.0: the vendor's own Python SDK of 2016-08-15, one command per line.

Usage: python console_fc2.py HOST:PORT   (needs aliyun-fc2)

A command is a JSON object on a line of stdin, its answer one on a line of stdout: {"ok": …} or
{"refused": {"code": …, "status": …}}.

    {"do": "update_service", "of": ["s"], "with": {"description": "d"}}          any method of the SDK's client
    {"do": "code", "of": ["s", "f"]}                                            the files of a function
    {"do": "edit code", "of": ["s", "f"], "files": {"a.py": "…", "b.py": null}}  as the console's editor does
"""

import base64
import io
import json
import sys
import tempfile
import urllib.request
import zipfile

import fc2
from fc2.fc_exceptions import FcError


class Console:
    def __init__(self, endpoint):
        self.client = fc2.Client(
            endpoint=f"http://{endpoint}", accessKeyID="local", accessKeySecret="local")

    def do(self, command):
        operation, of = command["do"], command.get("of", [])
        if operation == "code":
            return self.code(*of)
        if operation == "edit code":
            return self.edit_code(*of, command["files"])
        made = getattr(self.client, operation)(*of, **command.get("with", {})).data
        if operation == "create_function":
            self.wait_until_listed(*of[:2])
        return made

    def wait_until_listed(self, service, function):
        """An eventually consistent cloud lists what was just made after a few looks."""
        for _ in range(20):
            listed = self.client.list_functions(service).data["functions"]
            if any(item["functionName"] == function for item in listed):
                return
        raise AssertionError(f"{function} was made and is not listed")

    def code(self, service, function):
        url = self.client.get_function_code(service, function).data["url"]
        with urllib.request.urlopen(url) as answer:
            archive = zipfile.ZipFile(io.BytesIO(answer.read()))
        return {name: archive.read(name).decode() for name in archive.namelist() if not name.endswith("/")}

    def edit_code(self, service, function, files):
        code = self.code(service, function)
        code.update(files)
        with tempfile.NamedTemporaryFile(suffix=".zip") as file:
            with zipfile.ZipFile(file, "w") as archive:
                for name, text in code.items():
                    if text is not None:
                        archive.writestr(name, text)
            file.flush()
            self.client.update_function(service, function, codeZipFile=file.name)


def main():
    console = Console(sys.argv[1])
    for line in sys.stdin:
        try:
            answer = {"ok": console.do(json.loads(line))}
        except FcError as error:
            answer = {"refused": {"code": error.err_code, "status": error.status_code, "message": str(error)}}
        if isinstance(answer.get("ok"), bytes):
            answer["ok"] = base64.b64encode(answer["ok"]).decode()
        print(json.dumps(answer, ensure_ascii=False), flush=True)


main()
