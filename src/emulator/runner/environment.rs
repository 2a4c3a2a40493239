//! The environment that a function's process gets.
//!
//! Only what the service gives, what the user declared, and the little that programs need to live on this machine. The
//! operator's own environment, credentials above all, stays out; `HOME` is an empty folder of the instance's own.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use super::Deployment;
use super::interpreter::Family;

/// Where version managers keep their programs: without them their stubs on `PATH` find nothing. No credentials in them.
const VERSION_MANAGERS: [&str; 8] = [
    "PYENV_ROOT",
    "NVM_DIR",
    "NODENV_ROOT",
    "VOLTA_HOME",
    "ASDF_DIR",
    "ASDF_DATA_DIR",
    "MISE_DATA_DIR",
    "RUSTUP_HOME",
];

/// The keys of a function that has a role: they open nothing.
pub(super) const DUMMY_KEYS: [&str; 3] = ["STS.local", "local", "local"];

/// Where an instance lives.
pub(super) struct Place<'a> {
    /// The unpacked package.
    pub(super) code: &'a Path,
    /// An empty folder of the instance's own.
    pub(super) home: &'a Path,
    /// The instance's id.
    pub(super) instance_id: &'a str,
    /// The port of a custom runtime's server; that which is configured for built-in ones.
    pub(super) port: u16,
}

/// Access key id, secret and token of the function's role; empty without one.
pub(super) fn keys(deployment: &Deployment) -> [&'static str; 3] {
    if deployment.role.is_empty() { [""; 3] } else { DUMMY_KEYS }
}

/// Composes the environment; `operator` is asked for the few variables that are inherited.
pub(super) fn environment(
    deployment: &Deployment,
    family: Family,
    place: &Place<'_>,
    operator: impl Fn(&str) -> Option<OsString>,
) -> BTreeMap<String, OsString> {
    let mut variables = BTreeMap::new();
    let mut set = |name: &str, value: OsString| {
        variables.insert(name.to_owned(), value);
    };

    for name in VERSION_MANAGERS {
        if let Some(value) = operator(name) {
            set(name, value);
        }
    }
    let bin = place.code.join("node_modules/.bin");
    let inherited = operator("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
    set("PATH", joined(&[place.code.into(), bin.into(), inherited.clone()]));
    set("LD_LIBRARY_PATH", joined(&[place.code.into(), place.code.join("lib").into()]));
    set("HOME", place.home.into());
    set("TMPDIR", place.home.into());
    set("LANG", "C.UTF-8".into());
    // Instances of the service run in UTC wherever they are, and so do these.
    set("TZ", "UTC".into());

    for (name, value) in &deployment.environment {
        if !name.starts_with("FC_") && is_settable(name, value) {
            set(name, user_value(name, value, place.code));
        }
    }
    // A declared PATH names the service's own folders (`/var/fc/lang/…`); this machine's interpreters come after them.
    if let Some(path) = deployment.environment.get("PATH") {
        set("PATH", joined(&[user_value("PATH", path, place.code), inherited]));
    }

    set("FC_FUNC_CODE_PATH", place.code.into());
    set("FC_FUNCTION_NAME", deployment.function_name.as_str().into());
    set("FC_FUNCTION_HANDLER", deployment.handler.as_str().into());
    set("FC_FUNCTION_MEMORY_SIZE", deployment.memory_size.to_string().into());
    if let Some(service) = &deployment.service {
        set("FC_SERVICE_NAME", service.name.as_str().into());
        set("FC_QUALIFIER", deployment.qualifier.as_str().into());
    }
    set("FC_REGION", deployment.region.as_str().into());
    set("FC_ACCOUNT_ID", deployment.account_id.as_str().into());
    set("FC_INSTANCE_ID", place.instance_id.into());
    let version = if deployment.version_id.is_empty() { "LATEST" } else { &deployment.version_id };
    let version_name = match deployment.runtime.as_str() {
        "custom.debian11" | "custom.debian12" | "nodejs18" | "nodejs20" | "python3.12" => {
            "FC_FUNCTION_VERSION"
        }
        _ => "FC_VER_ID",
    };
    set(version_name, version.into());
    set("FC_CUSTOM_LISTEN_PORT", place.port.to_string().into());
    if family == Family::Custom {
        set("FC_SERVER_PORT", place.port.to_string().into());
        if !deployment.environment.contains_key("PORT") {
            set("PORT", place.port.to_string().into());
        }
    }
    if !deployment.role.is_empty() {
        let names = [
            "ALIBABA_CLOUD_ACCESS_KEY_ID",
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
            "ALIBABA_CLOUD_SECURITY_TOKEN",
        ];
        for (name, value) in names.into_iter().zip(DUMMY_KEYS) {
            set(name, value.into());
        }
    }
    variables
}

/// Whether the system can carry the variable at all.
fn is_settable(name: &str, value: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0']) && !value.contains('\0')
}

/// A word of a command with the real code root for a leading `/code`.
pub(super) fn below_code(word: &str, code: &Path) -> OsString {
    match word.strip_prefix("/code") {
        Some("") => code.into(),
        Some(rest) if rest.starts_with('/') => code.join(rest.trim_start_matches('/')).into(),
        _ => word.into(),
    }
}

/// The value of a user's variable; in search paths (`PYTHONPATH` and its like) `/code` is the real code root.
fn user_value(name: &str, value: &str, code: &Path) -> OsString {
    if !name.ends_with("PATH") {
        return value.into();
    }
    joined(&value.split(':').map(|part| below_code(part, code)).collect::<Vec<_>>())
}

fn joined(parts: &[OsString]) -> OsString {
    parts.join(std::ffi::OsStr::new(":"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::sample;
    use super::{Family, Place, environment};

    #[test]
    fn the_operators_environment_stays_out() {
        let mut deployment = sample("python3.10", "index.handler");
        deployment.environment.insert("FC_REGION".into(), "mine".into());
        deployment.environment.insert("HOME".into(), "/elsewhere".into());
        deployment.environment.insert("PYTHONPATH".into(), "/code/lib:/codes:/code".into());
        let place = Place { code: Path::new("/c"), home: Path::new("/h"), instance_id: "c-1", port: 9000 };
        let found = environment(&deployment, Family::Python, &place, |name| {
            ["PATH", "ALIBABA_CLOUD_ACCESS_KEY_ID", "PYENV_ROOT"].contains(&name).then(|| "theirs".into())
        });
        let get = |name: &str| found.get(name).and_then(|value| value.to_str());
        assert_eq!(get("PATH"), Some("/c:/c/node_modules/.bin:theirs"));
        assert_eq!(get("PYENV_ROOT"), Some("theirs"));
        assert_eq!(get("ALIBABA_CLOUD_ACCESS_KEY_ID"), None);
        assert_eq!(get("FC_REGION"), Some("cn-hangzhou"));
        assert_eq!(get("FC_VER_ID"), Some("LATEST"));
        assert_eq!(get("FC_SERVER_PORT"), None);
        assert_eq!(get("HOME"), Some("/elsewhere"));
        assert_eq!(get("PYTHONPATH"), Some("/c/lib:/codes:/c"));
    }

    #[test]
    fn a_declared_path_still_finds_the_machines_interpreters() {
        let mut deployment = sample("custom", "x");
        deployment.environment.insert("PATH".into(), "/var/fc/lang/python3.10/bin:/code/bin".into());
        let place = Place { code: Path::new("/c"), home: Path::new("/h"), instance_id: "c-1", port: 9000 };
        let found = environment(&deployment, Family::Custom, &place, |_| Some("/usr/bin".into()));
        assert_eq!(found["PATH"], "/var/fc/lang/python3.10/bin:/c/bin:/usr/bin");
    }

    #[test]
    fn a_role_brings_keys_that_open_nothing() {
        let mut deployment = sample("custom.debian12", "x");
        deployment.role = "acs:ram::1:role/r".into();
        let place = Place { code: Path::new("/c"), home: Path::new("/h"), instance_id: "c-1", port: 40123 };
        let found = environment(&deployment, Family::Custom, &place, |_| None);
        let get = |name: &str| found.get(name).and_then(|value| value.to_str());
        assert_eq!(get("ALIBABA_CLOUD_ACCESS_KEY_ID"), Some("STS.local"));
        assert_eq!((get("FC_SERVER_PORT"), get("PORT")), (Some("40123"), Some("40123")));
        assert_eq!(get("FC_FUNCTION_VERSION"), Some("LATEST"));
    }
}
