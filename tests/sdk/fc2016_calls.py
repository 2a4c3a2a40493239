"""Drives the embedded cloud with the vendor's own Python SDK for FC 2.0, version 2016-08-15 of the API.

Usage: python fc2016_calls.py HOST:PORT   (needs aliyun-fc2)

This SDK has no typed models; what it gives is what was on the wire. Its signature is its own.
"""

import base64
import logging
import os
import sys
import tempfile
import urllib.error
import urllib.request

import fc2
from fc2.fc_exceptions import FcError
from session import package

EVENT = "def handler(event, context):\n    return b'got ' + event + context.service.name.encode()\n"
EDITED = "def handler(event, context):\n    return b'edited ' + event\n"
WSGI = """\
def handler(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    body = environ['wsgi.input'].read()
    return [environ['REQUEST_METHOD'].encode(), b' ', environ['PATH_INFO'].encode(), b' ', body]
"""
NODE = """\
exports.handler = (request, response, context) => {
  response.setStatusCode(202);
  response.setHeader('x-own', 'yes');
  response.send(`${request.method} ${request.path} ${JSON.stringify(request.queries)} ${request.body}`);
};
"""


def main(endpoint, folder):
    client = fc2.Client(endpoint=f"http://{endpoint}", accessKeyID="local", accessKeySecret="local")
    calls = 0

    def ask(operation, *arguments, **named):
        nonlocal calls
        calls += 1
        return getattr(client, operation)(*arguments, **named)

    def refused(code, status, operation, *arguments, **named):
        try:
            ask(operation, *arguments, **named)
        except FcError as error:
            assert (error.err_code, error.status_code) == (code, status), f"{operation}: {error}"
            return
        raise AssertionError(f"{operation} was not refused")

    def conditional(operation, *arguments, etag, **named):
        """Refused when the condition fails, accepted when it is met."""
        refused("PreconditionFailed", 412, operation, *arguments, headers={"if-match": "0123"}, **named)
        return ask(operation, *arguments, headers={"if-match": etag}, **named)

    def zipped(source, name="index.py"):
        return base64.b64encode(package(source, name)).decode()

    def file_of(source, name="index.py"):
        path = os.path.join(folder, "code.zip")
        with open(path, "wb") as file:
            file.write(package(source, name))
        return path

    # The SDK logs every refusal that is asked for below.
    logging.disable(logging.ERROR)

    # Somebody else's key, and the wrong secret
    for key, secret, code in (("nobody", "x", "InvalidAccessKeyID"), ("local", "x", "SignatureNotMatch")):
        try:
            fc2.Client(endpoint=f"http://{endpoint}", accessKeyID=key, accessKeySecret=secret).list_services()
        except FcError as error:
            assert (error.err_code, error.status_code) == (code, 403), error
        else:
            raise AssertionError(code)

    # Services
    refused("ServiceNotFound", 404, "get_service", "old")
    made = ask("create_service", "old", description="d", role="acs:ram::1:role/fc", internetAccess=True,
               logConfig={"project": "p", "logstore": "l"},
               vpcConfig={"vpcId": "v", "vSwitchIds": ["w"], "securityGroupId": "g"},
               nasConfig={"userId": 1, "groupId": 1, "mountPoints": [{"serverAddr": "h:/", "mountDir": "/m"}]})
    assert ask("get_service", "old").data == made.data
    assert made.headers["Etag"] == ask("get_service", "old").headers["Etag"]
    refused("ServiceAlreadyExists", 409, "create_service", "old")
    changed = conditional("update_service", "old", description="other", etag=made.headers["Etag"])
    assert (changed.data["description"], changed.data["role"]) == ("other", "acs:ram::1:role/fc")
    assert changed.headers["Etag"] != made.headers["Etag"]
    assert [s["serviceName"] for s in ask("list_services", prefix="ol").data["services"]] == ["old"]
    arn = "acs:fc:cn-hangzhou:1000000000000001:services/old"
    ask("tag_resource", arn, {"env": "dev"})
    assert ask("get_resource_tags", arn).data["tags"] == {"env": "dev"}
    assert len(ask("list_services", tags={"env": "dev"}).data["services"]) == 1
    assert not ask("list_services", tags={"env": "prod"}).data["services"]
    ask("untag_resource", arn, ["env"])
    assert ask("get_resource_tags", arn).data["tags"] == {}
    ask("get_account_settings")
    ask("list_reserved_capacities")

    # Functions
    made = ask("create_function", "old", "fn", "python3", "index.handler", codeZipFile=file_of(EVENT),
               memorySize=512, timeout=60, environmentVariables={"K": "值 v"})
    assert (made.data["memorySize"], made.data["environmentVariables"]) == (512, {"K": "值 v"})
    assert ask("get_function", "old", "fn").data == made.data
    assert ask("get_function", "old", "fn", qualifier="LATEST").data == made.data
    refused("FunctionAlreadyExists", 409, "create_function", "old", "fn", "python3", "index.handler",
            codeZipFile=file_of(EVENT))
    refused("InvalidArgument", 400, "create_function", "old", "1st", "python3", "index.handler",
            codeZipFile=file_of(EVENT))
    assert ask("invoke_function", "old", "fn", payload=b"it ").data == b"got it old"
    changed = conditional("update_function", "old", "fn", codeZipFile=file_of(EDITED), etag=made.headers["Etag"])
    assert changed.data["codeChecksum"] != made.data["codeChecksum"] and changed.data["memorySize"] == 512
    assert ask("invoke_function", "old", "fn", payload=b"it").data == b"edited it"
    code = ask("get_function_code", "old", "fn").data
    assert base64.b64encode(urllib.request.urlopen(code["url"]).read()).decode() == zipped(EDITED)
    ask("create_function", "old", "web", "python3", "index.handler", codeZipFile=file_of(WSGI))
    ask("create_function", "old", "node", "nodejs16", "index.handler", codeZipFile=file_of(NODE, "index.js"))
    listed = ask("list_functions", "old", limit=2).data
    assert [f["functionName"] for f in listed["functions"]] == ["fn", "node"]
    listed = ask("list_functions", "old", nextToken=listed["nextToken"]).data
    assert [f["functionName"] for f in listed["functions"]] == ["web"]

    # Triggers, and requests through them
    anonymous = {"authType": "anonymous", "methods": ["GET", "POST"]}
    made = ask("create_trigger", "old", "web", "http", "http", anonymous, "", "")
    assert made.data["triggerConfig"] == {**anonymous, "disableURLInternet": False}, made.data
    assert ask("get_trigger", "old", "web", "http").data == made.data
    ask("create_trigger", "old", "node", "http", "http", {"authType": "function", "methods": ["POST"]}, "", "")
    timer = ask("create_trigger", "old", "fn", "timer", "timer",
                {"cronExpression": "@every 5m", "enable": True, "payload": "x"}, "", "")
    changed = conditional("update_trigger", "old", "fn", "timer", etag=timer.headers["Etag"],
                          triggerConfig={"cronExpression": "@every 6m", "enable": False, "payload": ""})
    assert changed.data["triggerConfig"]["cronExpression"] == "@every 6m"
    assert len(ask("list_triggers", "old", "fn").data["triggers"]) == 1
    refused("TriggerNotFound", 404, "get_trigger", "old", "fn", "none")
    answer = ask("do_http_request", "POST", "old", "web", "/a/b", body=b"it")
    assert (answer.status_code, answer.content) == (200, b"POST /a/b it"), answer.content
    answer = ask("do_http_request", "POST", "old", "node", "/a b", params={"q": "1 2"}, body=b"it")
    assert answer.status_code == 202 and answer.headers["x-own"] == "yes", (answer.status_code, answer.content)
    assert answer.content == b'POST /a%20b {"q":"1 2"} it', answer.content
    unsigned = urllib.request.Request(f"http://{endpoint}/2016-08-15/proxy/old/node/", method="POST", data=b"")
    try:
        urllib.request.urlopen(unsigned)
        raise AssertionError("a request without a signature was let in")
    except urllib.error.HTTPError as error:
        assert error.code in (400, 403), error

    # Versions and aliases
    assert ask("publish_version", "old", "v1").data["versionId"] == "1"
    ask("update_function", "old", "fn", timeout=61)
    assert ask("publish_version", "old").data["versionId"] == "2"
    assert [v["versionId"] for v in ask("list_versions", "old").data["versions"]] == ["2", "1"]
    forward = ask("list_versions", "old", direction="FORWARD", startKey="2").data["versions"]
    assert [v["versionId"] for v in forward] == ["2"]
    made = ask("create_alias", "old", "prod", "1", description="d")
    assert ask("get_alias", "old", "prod").data == made.data
    assert ask("get_function", "old", "fn", qualifier="prod").data["timeout"] == 60
    assert ask("get_service", "old", qualifier="prod").data["serviceName"] == "old"
    conditional("update_alias", "old", "prod", "2", etag=made.headers["Etag"])
    assert ask("invoke_function", "old", "fn", payload=b"it", qualifier="prod").data == b"edited it"
    assert len(ask("list_aliases", "old").data["aliases"]) == 1
    refused("VersionNotFound", 404, "get_function", "old", "fn", qualifier="9")
    refused("AliasNotFound", 404, "get_alias", "old", "none")

    # Configurations
    ask("put_function_async_invoke_config", "old", "prod", "fn", {"maxAsyncRetryAttempts": 1})
    assert ask("get_function_async_invoke_config", "old", "prod", "fn").data["maxAsyncRetryAttempts"] == 1
    assert len(ask("list_function_async_invoke_configs", "old", "fn").data["configs"]) == 1
    ask("delete_function_async_invoke_config", "old", "prod", "fn")
    refused("AsyncConfigNotExists", 404, "get_function_async_invoke_config", "old", "prod", "fn")
    ask("put_provision_config", "old", "prod", "fn", 1)
    assert ask("get_provision_config", "old", "prod", "fn").data["target"] == 1
    assert len(ask("list_provision_configs", "old", "prod").data["provisionConfigs"]) == 1
    made = ask("put_on_demand_config", "old", "prod", "fn", 0)
    refused("ResourceExhausted", 429, "invoke_function", "old", "fn", qualifier="prod")
    assert len(ask("list_on_demand_config", prefix="services/old").data["configs"]) == 1
    etag = ask("get_on_demand_config", "old", "prod", "fn").headers["Etag"]
    conditional("delete_on_demand_config", "old", "prod", "fn", etag=etag)
    refused("OnDemandConfigNotFound", 404, "get_on_demand_config", "old", "prod", "fn")

    # Custom domains
    routes = {"routes": [{"path": "/*", "serviceName": "old", "functionName": "web", "qualifier": "LATEST"}]}
    made = ask("create_custom_domain", "old.sdk.localhost", "HTTP", routes)
    assert made.data["routeConfig"]["routes"][0]["serviceName"] == "old", made.data
    assert ask("get_custom_domain", "old.sdk.localhost").data == made.data
    routes["routes"].append({"path": "/fn/*", "serviceName": "old", "functionName": "fn"})
    changed = ask("update_custom_domain", "old.sdk.localhost", routeConfig=routes)
    assert len(changed.data["routeConfig"]["routes"]) == 2
    assert len(ask("list_custom_domains", prefix="old.").data["customDomains"]) == 1
    refused("DomainNameNotFound", 404, "get_custom_domain", "none.localhost")

    # And everything goes
    ask("delete_custom_domain", "old.sdk.localhost")
    conditional("delete_alias", "old", "prod", etag=ask("get_alias", "old", "prod").headers["Etag"])
    for version in ("1", "2"):
        ask("delete_version", "old", version)
    refused("FunctionNotEmpty", 409, "delete_function", "old", "fn")
    for function, trigger in (("web", "http"), ("node", "http"), ("fn", "timer")):
        etag = ask("get_trigger", "old", function, trigger).headers["Etag"]
        conditional("delete_trigger", "old", function, trigger, etag=etag)
    refused("ServiceNotEmpty", 409, "delete_service", "old")
    for function in ("fn", "web", "node"):
        conditional("delete_function", "old", function, etag=ask("get_function", "old", function).headers["Etag"])
    conditional("delete_service", "old", etag=ask("get_service", "old").headers["Etag"])
    assert not ask("list_services", prefix="old").data["services"]
    print(f"{calls} calls, every answer as it should be")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(sys.argv[1], folder)
