"""A session with the embedded cloud through one of the vendor's generated SDKs: every call is checked on its way."""

import io
import zipfile

from darabonba.exceptions import DaraException


class Recording:
    """Keeps what was on the wire, to compare it with what the model made of it. Goes before an SDK's client."""

    def call_api(self, params, request, runtime):
        self.wire = super().call_api(params, request, runtime)
        return self.wire


def lost(wire, model, place=""):
    """Paths at which the wire says something that the model does not."""
    if isinstance(wire, dict) and isinstance(model, dict):
        return [path for key in wire for path in (
            lost(wire[key], model[key], f"{place}.{key}") if key in model else [f"{place}.{key}"])]
    if isinstance(wire, list) and isinstance(model, list) and len(wire) == len(model):
        return [path for index, pair in enumerate(zip(wire, model)) for path in lost(*pair, f"{place}[{index}]")]
    return [] if wire == model else [f"{place}: {wire!r} became {model!r}"]


def package(source, name="index.py"):
    """An archive of one file; the same bytes whenever it is made."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), source)
    return buffer.getvalue()


class Session:
    def __init__(self, client):
        self.client = client
        self.calls = 0

    def ask(self, operation, *arguments):
        """Calls an operation and checks that nothing was lost. Gives the typed body."""
        return self.answer(operation, *arguments)[0]

    def answer(self, operation, *arguments):
        """The same, with the headers."""
        response = getattr(self.client, operation)(*arguments)
        self.calls += 1
        body = getattr(response, "body", None)
        if hasattr(body, "to_map"):
            missing = lost(self.client.wire["body"], body.to_map())
            assert not missing, f"{operation}: {missing}"
        return body, {name.lower(): value for name, value in response.headers.items()}

    def refused(self, code, status, operation, *arguments):
        """Calls an operation that must be refused in these words."""
        try:
            getattr(self.client, operation)(*arguments)
        except DaraException as error:
            self.calls += 1
            found = (error.code, error.status_code if hasattr(error, "status_code") else error.data["statusCode"])
            assert found == (code, status), f"{operation}: {found}, not {(code, status)}: {error.message}"
            assert error.data["RequestId"] or error.data["requestId"], error.data
            return error
        raise AssertionError(f"{operation} was not refused")
