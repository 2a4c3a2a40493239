"""Drives the embedded cloud with the vendor's own Python SDK for FC 3.0.

Usage: python fc3_models.py HOST:PORT   (needs alibabacloud_fc20230330)

Every answer has to arrive in the SDK's typed model without losing a field that the model declares, and
without a field that it does not know; every refusal has to arrive as the exception that programs catch.
"""

import base64
import io
import json
import sys
import urllib.request

from alibabacloud_fc20230330 import models as m
from alibabacloud_fc20230330.client import Client
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.runtime import RuntimeOptions
from session import Recording, Session, package


class Recorded(Recording, Client):
    pass


def main(endpoint):
    session = Session(Recorded(Config(
        endpoint=endpoint, protocol="http", access_key_id="local", access_key_secret="local",
        region_id="cn-hangzhou")))
    ask, refused = session.ask, session.refused
    zipped = base64.b64encode(package("def handler(event, context):\n    return b'got ' + event\n")).decode()

    # Functions
    refused("FunctionNotFound", 404, "get_function", "sdk_fn", m.GetFunctionRequest())
    create = m.CreateFunctionRequest(body=m.CreateFunctionInput(
        function_name="sdk_fn", runtime="python3.10", handler="index.handler", memory_size=512, cpu=0.35,
        timeout=60, environment_variables={"K": "值 v"}, tags=[m.Tag(key="env", value="dev")],
        layers=["acs:fc:cn-hangzhou:official:layers/Python310/versions/1"],
        code=m.InputCodeLocation(zip_file=zipped),
        log_config=m.LogConfig(project="p", logstore="l"),
        vpc_config=m.VPCConfig(vpc_id="vpc-1", v_switch_ids=["vsw-1"], security_group_id="sg-1"),
        nas_config=m.NASConfig(user_id=0, group_id=0, mount_points=[
            m.NASMountConfig(server_addr="host:/path", mount_dir="/mnt/nas")]),
        instance_lifecycle_config=m.InstanceLifecycleConfig(
            pre_stop=m.LifecycleHook(handler="index.stop", timeout=10)),
        custom_dns=m.CustomDNS(name_servers=["1.1.1.1"], searches=[], dns_options=[
            m.DNSOption(name="timeout", value="1")]),
    ))
    made = ask("create_function", create)
    assert made.state == "Active" and made.layers[0].arn.endswith("versions/1"), made
    assert ask("get_function", "sdk_fn", m.GetFunctionRequest()).to_map() == made.to_map()
    refused("FunctionAlreadyExists", 409, "create_function", create)
    changed = ask("update_function", "sdk_fn", m.UpdateFunctionRequest(
        body=m.UpdateFunctionInput(memory_size=1024, description="")))
    assert (changed.memory_size, changed.timeout) == (1024, 60)
    ask("create_function", m.CreateFunctionRequest(body=m.CreateFunctionInput(
        function_name="sdk_web", runtime="custom.debian10", handler="handler",
        custom_runtime_config=m.CustomRuntimeConfig(command=["./serve"], port=9000,
            health_check_config=m.CustomHealthCheckConfig(http_get_url="/health")),
        code=m.InputCodeLocation(zip_file=zipped))))
    first = ask("list_functions", m.ListFunctionsRequest(prefix="sdk_", limit=1))
    assert [f.function_name for f in first.functions] == ["sdk_fn"] and first.functions[0].state is None
    second = ask("list_functions", m.ListFunctionsRequest(prefix="sdk_", limit=1, next_token=first.next_token))
    assert [f.function_name for f in second.functions] == ["sdk_web"] and not second.next_token
    tagged = ask("list_functions", m.ListFunctionsRequest(tags=[m.Tag(key="env", value="dev")], fc_version="v3"))
    assert [f.function_name for f in tagged.functions] == ["sdk_fn"]
    code = ask("get_function_code", "sdk_fn", m.GetFunctionCodeRequest())
    assert base64.b64encode(urllib.request.urlopen(code.url).read()).decode() == zipped
    assert code.checksum == made.code_checksum
    refused("InvalidArgument", 400, "update_function", "sdk_fn", m.UpdateFunctionRequest(
        body=m.UpdateFunctionInput(memory_size=100)))
    refused("PreconditionFailed", 412, "update_function_with_options", "sdk_fn", m.UpdateFunctionRequest(
        body=m.UpdateFunctionInput(memory_size=512)), {"If-Match": '"0000"'}, RuntimeOptions())

    # Invocation
    answer = session.client.invoke_function("sdk_fn", m.InvokeFunctionRequest(body=io.BytesIO(b"it")))
    assert answer.body.read() == b"got it" and answer.status_code == 200

    # Triggers
    for kind, config in [
        ("http", {"authType": "anonymous", "methods": ["GET", "POST"]}),
        ("timer", {"cronExpression": "0 0 4 * * *", "enable": True, "payload": "x"}),
        ("oss", {"events": ["oss:ObjectCreated:*"], "filter": {"key": {"prefix": "", "suffix": ""}}}),
    ]:
        trigger = ask("create_trigger", "sdk_fn", m.CreateTriggerRequest(body=m.CreateTriggerInput(
            trigger_name=kind, trigger_type=kind, trigger_config=json.dumps(config), qualifier="LATEST",
            source_arn="acs:oss:cn-hangzhou:1:b" if kind == "oss" else None)))
        assert ask("get_trigger", "sdk_fn", kind).to_map() == trigger.to_map()
    http = ask("get_trigger", "sdk_fn", "http")
    assert http.http_trigger.url_internet.startswith("http://")
    ask("update_trigger", "sdk_fn", "timer", m.UpdateTriggerRequest(body=m.UpdateTriggerInput(description="d")))
    assert len(ask("list_triggers", "sdk_fn", m.ListTriggersRequest()).triggers) == 3
    refused("TriggerNotFound", 404, "get_trigger", "sdk_fn", "none")
    refused("FunctionNotEmpty", 409, "delete_function", "sdk_fn")

    # Versions and aliases
    version = ask("publish_function_version", "sdk_fn", m.PublishFunctionVersionRequest(
        body=m.PublishVersionInput(description="v1")))
    assert version.version_id == "1"
    ask("publish_function_version", "sdk_fn", m.PublishFunctionVersionRequest(body=m.PublishVersionInput()))
    listed = ask("list_function_versions", "sdk_fn", m.ListFunctionVersionsRequest())
    assert [v.version_id for v in listed.versions] == ["2", "1"]
    ask("create_alias", "sdk_fn", m.CreateAliasRequest(body=m.CreateAliasInput(
        alias_name="prod", version_id="1", additional_version_weight={"2": 0.5})))
    ask("update_alias", "sdk_fn", "prod", m.UpdateAliasRequest(body=m.UpdateAliasInput(description="d")))
    assert ask("get_alias", "sdk_fn", "prod").version_id == "1"
    assert len(ask("list_aliases", "sdk_fn", m.ListAliasesRequest()).aliases) == 1
    ask("get_function", "sdk_fn", m.GetFunctionRequest(qualifier="prod"))
    refused("VersionNotFound", 404, "get_function", "sdk_fn", m.GetFunctionRequest(qualifier="9"))
    refused("AliasNotFound", 404, "get_alias", "sdk_fn", "none")

    # Custom domains
    domain = m.CreateCustomDomainInput(
        domain_name="www.sdk.localhost", protocol="HTTP",
        route_config=m.RouteConfig(routes=[m.PathConfig(path="/*", function_name="sdk_fn", qualifier="LATEST")]))
    shown = ask("create_custom_domain", m.CreateCustomDomainRequest(body=domain))
    assert ask("get_custom_domain", "www.sdk.localhost").to_map() == shown.to_map()
    ask("update_custom_domain", "www.sdk.localhost", m.UpdateCustomDomainRequest(
        body=m.UpdateCustomDomainInput(cors_config=m.CORSConfig(allow_origins=["*"], max_age=60))))
    ask("list_custom_domains", m.ListCustomDomainsRequest())
    refused("DomainNameNotFound", 404, "get_custom_domain", "none.localhost")

    # Tags
    arn = made.function_arn
    ask("tag_resources", m.TagResourcesRequest(body=m.TagResourcesInput(
        resource_id=[arn], resource_type="function", tag=[m.Tag(key="team", value="a b")])))
    tags = ask("list_tag_resources", m.ListTagResourcesRequest(resource_id=[arn], resource_type="function"))
    assert sorted(t.tag_key for t in tags.tag_resources) == ["env", "team"]
    ask("untag_resources", m.UntagResourcesRequest(resource_id=[arn], resource_type="function", tag_key=["env"]))
    tags = ask("list_tag_resources", m.ListTagResourcesRequest(resource_id=[arn], resource_type="function"))
    assert [(t.tag_key, t.tag_value) for t in tags.tag_resources] == [("team", "a b")]

    # Configurations
    ask("put_concurrency_config", "sdk_fn", m.PutConcurrencyConfigRequest(
        body=m.PutConcurrencyInput(reserved_concurrency=5)))
    assert ask("get_concurrency_config", "sdk_fn").reserved_concurrency == 5
    ask("list_concurrency_configs", m.ListConcurrencyConfigsRequest(function_name="sdk_fn"))
    ask("delete_concurrency_config", "sdk_fn")
    refused("OnDemandConfigNotFound", 404, "get_concurrency_config", "sdk_fn")
    ask("put_provision_config", "sdk_fn", m.PutProvisionConfigRequest(
        qualifier="LATEST", body=m.PutProvisionConfigInput(default_target=1)))
    assert ask("get_provision_config", "sdk_fn", m.GetProvisionConfigRequest(qualifier="LATEST")).target == 1
    ask("delete_provision_config", "sdk_fn", m.DeleteProvisionConfigRequest(qualifier="LATEST"))
    assert ask("get_provision_config", "sdk_fn", m.GetProvisionConfigRequest(qualifier="LATEST")).target == 0
    ask("put_async_invoke_config", "sdk_fn", m.PutAsyncInvokeConfigRequest(
        body=m.PutAsyncInvokeConfigInput(max_async_retry_attempts=1)))
    ask("get_async_invoke_config", "sdk_fn", m.GetAsyncInvokeConfigRequest())
    ask("delete_async_invoke_config", "sdk_fn", m.DeleteAsyncInvokeConfigRequest())
    refused("AsyncConfigNotExists", 404, "get_async_invoke_config", "sdk_fn", m.GetAsyncInvokeConfigRequest())
    ask("put_scaling_config", "sdk_fn", m.PutScalingConfigRequest(
        body=m.PutScalingConfigInput(min_instances=1)))
    ask("get_scaling_config", "sdk_fn", m.GetScalingConfigRequest())
    ask("delete_scaling_config", "sdk_fn", m.DeleteScalingConfigRequest())
    ask("describe_regions", m.DescribeRegionsRequest())
    refused("PathNotSupported", 400, "list_layers", m.ListLayersRequest())

    # And everything goes
    ask("delete_custom_domain", "www.sdk.localhost")
    for trigger in ("http", "timer", "oss"):
        ask("delete_trigger", "sdk_fn", trigger)
    ask("delete_alias", "sdk_fn", "prod")
    ask("delete_function_version", "sdk_fn", "1")
    for function in ("sdk_fn", "sdk_web"):
        ask("delete_function", function)
    assert not ask("list_functions", m.ListFunctionsRequest(prefix="sdk_")).functions
    print(f"{session.calls} calls, every answer in its model")


if __name__ == "__main__":
    main(sys.argv[1])
