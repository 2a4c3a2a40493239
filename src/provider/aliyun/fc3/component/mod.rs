//! The component `fc3`: from one entry of `s.yaml` to a function, its triggers and its route of a domain.
//!
//! The schemas say what each key holds; here stands what a schema cannot say: which keys name things, what the
//! tool's words such as `auto` mean, and what one entry declares beyond its function. Defaults are not filled
//! in: what is not declared is the schema's business, except for what the service asks for in any case.

mod domain;
mod function;
mod output;
mod place;
#[cfg(test)]
mod tests;
mod trigger;

use super::schema::{CUSTOM_DOMAIN_SCHEMA, FUNCTION, FUNCTION_SCHEMA, TRIGGER_SCHEMA};
use crate::config::component::{Component, Draft, Entry, Lowering};
use crate::config::typing::{Keys, Typing};
use crate::model::{Address, Path};
use crate::provider::aliyun::entry::{region, role};

/// The component.
pub static FC3: Component = Component {
    names: &["fc3", "devsapp/fc3"],
    schemas: &[&FUNCTION_SCHEMA, &TRIGGER_SCHEMA, &CUSTOM_DOMAIN_SCHEMA],
    own: &FUNCTION_SCHEMA,
    lower,
    output: output::output,
    place: place::place,
};

/// Keys of `props` that are read here and not by the schema.
const HANDLED: &[&str] = &["region", "functionName", "triggers", "customDomain"];

/// Keys of `props` that the component has and that are not built yet. A key that its schema lists is never
/// looked up here, so this list need not shrink in step with the schema.
const UNBUILT: &[&str] = &[
    "annotations",
    "asyncInvokeConfig",
    "concurrencyConfig",
    "customContainerConfig",
    "customDNS",
    "endpoint",
    "gpuConfig",
    "instanceLifecycleConfig",
    "instanceType",
    "juiceFsConfig",
    "layers",
    "logConfig",
    "microSandboxConfig",
    "modelConfig",
    "nasConfig",
    "ossMountConfig",
    "polarFsConfig",
    "provisionConfig",
    "resourceGroupId",
    "scalingConfig",
    "sessionAffinityConfig",
    "supplement",
    "tags",
    "tracingConfig",
    "vpcBinding",
    "vpcConfig",
];

/// Returns whether the component has this key of `props` and triform does not build it yet.
fn is_unbuilt(key: &str) -> bool {
    UNBUILT.contains(&key) && !FUNCTION_SCHEMA.attributes.iter().any(|attribute| attribute.name == key)
}

fn lower(entry: Entry, lowering: &mut Lowering) {
    let Entry { name, place, mut props } = entry;
    let region = region(&props, &place, lowering);
    let function_name = function::function_name(&props, &place, lowering);
    let image = function::runtime(&mut props, lowering);
    role(&props, "role", lowering);
    let code = function::code(&props, lowering);
    function::disk_size(&props, lowering);

    let handled: &[&str] = if image {
        &["region", "functionName", "triggers", "customDomain", "code", "handler"]
    } else {
        HANDLED
    };
    let mut typing = Typing::new(lowering.diagnostics(), Keys { handled, unbuilt: UNBUILT, spelled: &[] });
    typing.object(FUNCTION_SCHEMA.attributes, &props, &place, &Path::root(), "");
    let declared = typing.declared;

    let address = Address::new(FUNCTION, &name);
    let function = match (region, function_name) {
        (Some(region), Some((live, named_at))) => {
            let draft = Draft {
                region: region.clone(),
                name: live.clone(),
                place: named_at,
                parent: None,
                declared,
                code,
                points_at: Vec::new(),
                links: Vec::new(),
            };
            lowering.declare(&FUNCTION_SCHEMA, address.clone(), draft);
            Some(Function { entry: name, address, region, live })
        }
        _ => None, // what is missing is reported; what hangs on it is checked all the same
    };
    if let Some(pair) = props.pair("triggers") {
        trigger::triggers(pair, function.as_ref(), lowering);
    }
    if let Some(pair) = props.pair("customDomain") {
        domain::custom_domain(pair, function.as_ref(), lowering);
    }
}

/// The function that an entry declares.
struct Function {
    entry: String,
    address: Address,
    region: String,
    live: String,
}
