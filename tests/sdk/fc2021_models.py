"""Drives the embedded cloud with the vendor's own Python SDK for FC 2.0, version 2021-04-06 of the API.

Usage: python fc2021_models.py HOST:PORT   (needs alibabacloud_fc_open20210406, and alibabacloud_fc20230330)

Every answer has to arrive in the SDK's typed model without losing a field that the model declares, and
without a field that it does not know; every refusal has to arrive as the exception that programs catch.
"""

import base64
import io
import json
import sys
import urllib.request

from alibabacloud_fc20230330 import models as m3
from alibabacloud_fc20230330.client import Client as Client3
from alibabacloud_fc_open20210406 import models as m
from alibabacloud_fc_open20210406.client import Client
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.runtime import RuntimeOptions
from session import Recording, Session, package


class Recorded(Recording, Client):
    pass


class Third(Recording, Client3):
    pass


WSGI = """\
def handler(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [environ['REQUEST_METHOD'].encode(), b' ', environ['PATH_INFO'].encode()]
"""


def conditional(session, operation, names, headers, request, etag):
    """Calls an operation under a condition: refused when it fails, and accepted when it is met."""
    run = operation + "_with_options"
    arguments = (*names, request) if request is not None else names
    failing = headers(if_match="0123")
    session.refused("PreconditionFailed", 412, run, *arguments, failing, RuntimeOptions())
    return session.answer(run, *arguments, headers(if_match=etag), RuntimeOptions())


def main(endpoint):
    session = Session(Recorded(Config(
        endpoint=endpoint, protocol="http", access_key_id="local", access_key_secret="local",
        region_id="cn-hangzhou")))
    ask, answer, refused = session.ask, session.answer, session.refused
    event = base64.b64encode(package("def handler(event, context):\n    return b'got ' + event\n")).decode()
    web = base64.b64encode(package(WSGI)).decode()

    # Services
    refused("ServiceNotFound", 404, "get_service", "svc", m.GetServiceRequest())
    create = m.CreateServiceRequest(
        service_name="svc", description="d", role="acs:ram::1:role/fc", internet_access=True,
        log_config=m.LogConfig(project="p", logstore="l", enable_request_metrics=True),
        vpc_config=m.VPCConfig(vpc_id="vpc-1", v_switch_ids=["vsw-1"], security_group_id="sg-1"),
        nas_config=m.NASConfig(user_id=10003, group_id=10003, mount_points=[
            m.NASConfigMountPoints(server_addr="host:/path", mount_dir="/mnt/nas")]),
        tracing_config=m.TracingConfig(type="Jaeger", params={"endpoint": "http://e"}))
    made, headers = answer("create_service", create)
    assert made.service_name == "svc" and made.service_id, made
    assert ask("get_service", "svc", m.GetServiceRequest()).to_map() == made.to_map()
    refused("ServiceAlreadyExists", 409, "create_service", create)
    _, changed = conditional(session, "update_service", ("svc",), m.UpdateServiceHeaders,
                             m.UpdateServiceRequest(description="other"), headers["etag"])
    assert changed["etag"] != headers["etag"]
    ask("create_service", m.CreateServiceRequest(service_name="svd"))
    first = ask("list_services", m.ListServicesRequest(prefix="sv", limit=1))
    assert [s.service_name for s in first.services] == ["svc"]
    second = ask("list_services", m.ListServicesRequest(prefix="sv", limit=1, next_token=first.next_token))
    assert [s.service_name for s in second.services] == ["svd"] and not second.next_token
    started = ask("list_services", m.ListServicesRequest(start_key="svd"))
    assert [s.service_name for s in started.services] == ["svd"]
    ask("create_vpc_binding", "svc", m.CreateVpcBindingRequest(vpc_id="vpc-2"))
    assert ask("list_vpc_bindings", "svc").vpc_ids == ["vpc-2"]
    ask("delete_vpc_binding", "svc", "vpc-2")
    arn = "acs:fc:cn-hangzhou:1000000000000001:services/svc"
    ask("tag_resource", m.TagResourceRequest(resource_arn=arn, tags={"env": "dev", "team": "a b"}))
    assert ask("get_resource_tags", m.GetResourceTagsRequest(resource_arn=arn)).tags["team"] == "a b"
    assert len(ask("list_tagged_resources", m.ListTaggedResourcesRequest()).resources) == 1
    ask("untag_resource", m.UntagResourceRequest(resource_arn=arn, tag_keys=["env"]))
    assert ask("get_resource_tags", m.GetResourceTagsRequest(resource_arn=arn)).tags == {"team": "a b"}

    # Functions
    create = m.CreateFunctionRequest(
        function_name="fn", runtime="python3", handler="index.handler", memory_size=512, timeout=60,
        environment_variables={"K": "值 v"}, code=m.Code(zip_file=event), instance_concurrency=1,
        initializer="", layers=["acs:fc:cn-hangzhou:official:layers/Python310/versions/1"],
        instance_lifecycle_config=m.InstanceLifecycleConfig(
            pre_freeze=m.LifecycleHook(handler="index.freeze", timeout=5)),
        custom_dns=m.CustomDNS(name_servers=["1.1.1.1"], searches=[], dns_options=[
            m.DNSOption(name="timeout", value="1")]))
    made, headers = answer("create_function", "svc", create)
    assert made.layers == ["acs:fc:cn-hangzhou:official:layers/Python310/versions/1"], made
    get = m.GetFunctionRequest(qualifier="LATEST")
    assert ask("get_function", "svc", "fn", get).to_map() == made.to_map()
    refused("FunctionAlreadyExists", 409, "create_function", "svc", create)
    refused("FunctionNotFound", 404, "get_function", "svc", "none", get)
    refused("ServiceNotFound", 404, "create_function", "none", create)
    update = m.UpdateFunctionRequest(memory_size=1024, description="", instance_concurrency=1)
    changed, headers = conditional(session, "update_function", ("svc", "fn"), m.UpdateFunctionHeaders, update,
                                   headers["etag"])
    assert (changed.memory_size, changed.timeout) == (1024, 60)
    ask("create_function", "svc", m.CreateFunctionRequest(
        function_name="web", runtime="python3", handler="index.handler", code=m.Code(zip_file=web)))
    ask("create_function", "svc", m.CreateFunctionRequest(
        function_name="own", runtime="custom", handler="handler", ca_port=8080, code=m.Code(zip_file=event),
        custom_runtime_config=m.CustomRuntimeConfig(command=["./serve"], args=["-v"]),
        custom_health_check_config=m.CustomHealthCheckConfig(http_get_url="/health")))
    ask("create_function", "svc", m.CreateFunctionRequest(
        function_name="image", runtime="custom-container", handler="handler",
        custom_container_config=m.CustomContainerConfig(image="i", command='["/run"]', args='["a"]')))
    listed = ask("list_functions", "svc", m.ListFunctionsRequest(prefix="i", limit=10))
    assert [f.function_name for f in listed.functions] == ["image"]
    code = ask("get_function_code", "svc", "fn", m.GetFunctionCodeRequest())
    assert base64.b64encode(urllib.request.urlopen(code.url).read()).decode() == event
    assert code.checksum == made.code_checksum
    refused("InvalidArgument", 400, "update_function_with_options", "svc", "fn",
            m.UpdateFunctionRequest(code=m.Code(zip_file=event)),
            m.UpdateFunctionHeaders(x_fc_code_checksum="1"), RuntimeOptions())
    invoked = session.client.invoke_function("svc", "fn", m.InvokeFunctionRequest(body=b"it"))
    assert (invoked.body, invoked.status_code) == (b"got it", 200), invoked

    # The same functions as 3.0 shows them, read by its SDK
    third = Session(Third(Config(
        endpoint=endpoint, protocol="http", access_key_id="local", access_key_secret="local",
        region_id="cn-hangzhou")))
    listed = third.ask("list_functions", m3.ListFunctionsRequest(fc_version="v2")).functions
    assert [f.function_name for f in listed] == ["svc$fn", "svc$image", "svc$own", "svc$web"]
    for function in listed:
        shown = third.ask("get_function", function.function_name, m3.GetFunctionRequest())
        assert (shown.role, shown.vpc_config.vpc_id, shown.state) == ("acs:ram::1:role/fc", "vpc-1", "Active"), shown
    assert third.ask("get_function_code", "svc$fn", m3.GetFunctionCodeRequest()).checksum == made.code_checksum
    invoked = third.client.invoke_function("svc$fn", m3.InvokeFunctionRequest(body=io.BytesIO(b"it")))
    assert invoked.body.read() == b"got it"

    # Triggers
    for name, function, kind, config in [
        ("http", "web", "http", {"authType": "anonymous", "methods": ["GET", "POST"]}),
        ("timer", "fn", "timer", {"cronExpression": "0 0 4 * * *", "enable": True, "payload": "x"}),
        ("oss", "fn", "oss", {"events": ["oss:ObjectCreated:*"], "filter": {"key": {"prefix": "", "suffix": ""}}}),
    ]:
        trigger, headers = answer("create_trigger", "svc", function, m.CreateTriggerRequest(
            trigger_name=name, trigger_type=kind, trigger_config=json.dumps(config),
            source_arn="acs:oss:cn-hangzhou:1:b" if kind == "oss" else None))
        assert ask("get_trigger", "svc", function, name).to_map() == trigger.to_map()
    _, headers = conditional(session, "update_trigger", ("svc", "fn", "oss"), m.UpdateTriggerHeaders,
                             m.UpdateTriggerRequest(description="d"), headers["etag"])
    http = ask("get_trigger", "svc", "web", "http")
    for url in (http.url_internet, f"http://{endpoint}/2016-08-15/proxy/svc/web"):
        assert urllib.request.urlopen(url.rstrip("/") + "/a/b").read() == b"GET /a/b"
    assert len(ask("list_triggers", "svc", "fn", m.ListTriggersRequest()).triggers) == 2
    refused("TriggerNotFound", 404, "get_trigger", "svc", "fn", "none")
    refused("FunctionNotEmpty", 409, "delete_function", "svc", "fn")
    refused("ServiceNotEmpty", 409, "delete_service", "svc")

    # Versions and aliases
    etag = answer("get_service", "svc", m.GetServiceRequest())[1]["etag"]
    version, _ = conditional(session, "publish_service_version", ("svc",), m.PublishServiceVersionHeaders,
                             m.PublishServiceVersionRequest(description="v1"), etag)
    assert version.version_id == "1"
    ask("update_function", "svc", "fn", m.UpdateFunctionRequest(timeout=61))
    ask("publish_service_version", "svc", m.PublishServiceVersionRequest())
    versions = ask("list_service_versions", "svc", m.ListServiceVersionsRequest())
    assert [v.version_id for v in versions.versions] == ["2", "1"]
    made, headers = answer("create_alias", "svc", m.CreateAliasRequest(
        alias_name="prod", version_id="1", additional_version_weight={"2": 0.0}))
    assert ask("get_alias", "svc", "prod").to_map() == made.to_map()
    assert ask("get_function", "svc", "fn", m.GetFunctionRequest(qualifier="prod")).timeout == 60
    assert ask("get_function", "svc", "fn", m.GetFunctionRequest(qualifier="2")).timeout == 61
    at = m.ListFunctionsRequest(qualifier="prod")
    assert len(ask("list_functions", "svc", at).functions) == 4
    _, headers = conditional(session, "update_alias", ("svc", "prod"), m.UpdateAliasHeaders,
                             m.UpdateAliasRequest(version_id="2", additional_version_weight={}), headers["etag"])
    assert ask("get_function", "svc", "fn", m.GetFunctionRequest(qualifier="prod")).timeout == 61
    invoked = session.client.invoke_function("svc", "fn", m.InvokeFunctionRequest(body=b"it", qualifier="prod"))
    assert invoked.body == b"got it", invoked
    assert len(ask("list_aliases", "svc", m.ListAliasesRequest()).aliases) == 1
    refused("VersionNotFound", 404, "get_function", "svc", "fn", m.GetFunctionRequest(qualifier="9"))
    refused("AliasNotFound", 404, "get_alias", "svc", "none")

    # Configurations
    put = m.PutFunctionAsyncInvokeConfigRequest(
        qualifier="prod", max_async_retry_attempts=1, stateful_invocation=True, destination_config=m.DestinationConfig(
            on_success=m.Destination(destination="acs:fc:cn-hangzhou:1000000000000001:services/svc/functions/own")))
    config = ask("put_function_async_invoke_config", "svc", "fn", put)
    assert (config.service, config.function, config.qualifier) == ("svc", "fn", "prod")
    get = m.GetFunctionAsyncInvokeConfigRequest(qualifier="prod")
    assert ask("get_function_async_invoke_config", "svc", "fn", get).to_map() == config.to_map()
    listed = ask("list_function_async_invoke_configs", "svc", "fn", m.ListFunctionAsyncInvokeConfigsRequest())
    assert len(listed.configs) == 1
    ask("delete_function_async_invoke_config", "svc", "fn", m.DeleteFunctionAsyncInvokeConfigRequest(qualifier="prod"))
    refused("AsyncConfigNotExists", 404, "get_function_async_invoke_config", "svc", "fn", get)
    ask("put_provision_config", "svc", "fn", m.PutProvisionConfigRequest(qualifier="prod", target=2))
    provision = ask("get_provision_config", "svc", "fn", m.GetProvisionConfigRequest(qualifier="prod"))
    assert (provision.target, provision.resource) == (2, "1000000000000001#svc#prod#fn")
    listed = ask("list_provision_configs", m.ListProvisionConfigsRequest(service_name="svc", qualifier="prod"))
    assert len(listed.provision_configs) == 1
    on_demand = m.PutFunctionOnDemandConfigRequest(qualifier="prod", maximum_instance_count=3)
    config, headers_of_config = answer("put_function_on_demand_config", "svc", "fn", on_demand)
    assert config.resource == "services/svc.prod/functions/fn"
    get = m.GetFunctionOnDemandConfigRequest(qualifier="prod")
    assert ask("get_function_on_demand_config", "svc", "fn", get).to_map() == config.to_map()
    _, headers_of_config = conditional(
        session, "put_function_on_demand_config", ("svc", "fn"), m.PutFunctionOnDemandConfigHeaders,
        m.PutFunctionOnDemandConfigRequest(qualifier="prod", maximum_instance_count=4), headers_of_config["etag"])
    assert len(ask("list_on_demand_configs", m.ListOnDemandConfigsRequest(prefix="services/svc")).configs) == 1
    conditional(session, "delete_function_on_demand_config", ("svc", "fn"), m.DeleteFunctionOnDemandConfigHeaders,
                m.DeleteFunctionOnDemandConfigRequest(qualifier="prod"), headers_of_config["etag"])
    refused("OnDemandConfigNotFound", 404, "get_function_on_demand_config", "svc", "fn", get)
    ask("get_account_settings")
    refused("PathNotSupported", 400, "list_layers", m.ListLayersRequest())

    # Custom domains
    routes = [m.PathConfig(path="/*", service_name="svc", function_name="web", qualifier="LATEST"),
              m.PathConfig(path="/fn", service_name="svc", function_name="fn", methods=["GET"])]
    shown = ask("create_custom_domain", m.CreateCustomDomainRequest(
        domain_name="www.sdk2.localhost", protocol="HTTP", route_config=m.RouteConfig(routes=routes)))
    assert shown.route_config.routes[0].service_name == "svc", shown
    assert ask("get_custom_domain", "www.sdk2.localhost").to_map() == shown.to_map()
    request = urllib.request.Request(f"http://{endpoint}/a", headers={"host": "www.sdk2.localhost"})
    assert urllib.request.urlopen(request).read() == b"GET /a"
    ask("update_custom_domain", "www.sdk2.localhost", m.UpdateCustomDomainRequest(
        route_config=m.RouteConfig(routes=routes[:1])))
    assert len(ask("list_custom_domains", m.ListCustomDomainsRequest()).custom_domains) == 1
    refused("DomainNameNotFound", 404, "get_custom_domain", "none.localhost")

    # And everything goes, under conditions where the API has them
    ask("delete_custom_domain", "www.sdk2.localhost")
    etag = answer("get_alias", "svc", "prod")[1]["etag"]
    conditional(session, "delete_alias", ("svc", "prod"), m.DeleteAliasHeaders, None, etag)
    for version in ("1", "2"):
        ask("delete_service_version", "svc", version)
    for function, trigger in (("web", "http"), ("fn", "timer"), ("fn", "oss")):
        etag = answer("get_trigger", "svc", function, trigger)[1]["etag"]
        conditional(session, "delete_trigger", ("svc", function, trigger), m.DeleteTriggerHeaders, None, etag)
    for function in ("fn", "web", "own", "image"):
        etag = answer("get_function", "svc", function, m.GetFunctionRequest())[1]["etag"]
        conditional(session, "delete_function", ("svc", function), m.DeleteFunctionHeaders, None, etag)
    for service in ("svc", "svd"):
        etag = answer("get_service", service, m.GetServiceRequest())[1]["etag"]
        conditional(session, "delete_service", (service,), m.DeleteServiceHeaders, None, etag)
    assert not ask("list_services", m.ListServicesRequest(prefix="sv")).services
    print(f"{session.calls} calls, every answer in its model")


if __name__ == "__main__":
    main(sys.argv[1])
