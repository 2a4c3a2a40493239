//! Where the access key comes from.
//!
//! The first of these that has one:
//!
//! 1. the alias that `--access` names, and no other place: who names one wants that one;
//! 2. `AccountID`, `AccessKeyID` and `AccessKeySecret` (and `SecurityToken`) in the environment, all three:
//!    pipelines that deploy with `s` set them, and there they win over the project's alias too;
//! 3. the alias that the project file's `access` names;
//! 4. `ALIBABA_CLOUD_ACCESS_KEY_ID` and `ALIBABA_CLOUD_ACCESS_KEY_SECRET` (and `ALIBABA_CLOUD_SECURITY_TOKEN`);
//! 5. the default alias of `~/.s/access.yaml`, then the current profile of the vendor's own command line;
//!    both only where the project names no alias but `default`, so that a project that wants `prod` never
//!    lands in whatever account happens to be somebody's default.
//!
//! An alias is an entry of `~/.s/access.yaml`, a variable whose name ends in `_serverless_devs_key`, or
//! `${aliyun-cli}`. Everything is a pure function of the search's two look-ups. Not here yet: roles, OIDC, the
//! metadata service, and the vendor's INI file.

mod aliases;
mod cli;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text, for the one place that needs it: the signature.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// An access key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The account's number, where the place that had the key says it.
    pub account: Option<String>,
    /// The key's id.
    pub key_id: String,
    /// The key's secret.
    pub secret: Secret,
    /// The token of a temporary key.
    pub token: Option<Secret>,
    /// The place it was found, for messages.
    pub place: String,
}

impl Credentials {
    /// Returns a key that is known already.
    pub fn fixed(key_id: &str, secret: &str, token: Option<&str>) -> Self {
        Self {
            account: None,
            key_id: key_id.to_owned(),
            secret: Secret::new(secret),
            token: token.map(Secret::new),
            place: "given".to_owned(),
        }
    }

    /// Returns the key that the embedded cloud accepts.
    pub fn embedded() -> Self {
        let mut credentials = Self::fixed("local", "local", None);
        credentials.account = Some(super::EMBEDDED_ACCOUNT.to_owned());
        "the embedded cloud".clone_into(&mut credentials.place);
        credentials
    }
}

/// Why there is no access key.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// No place has one.
    #[error(
        "found no access key for Alibaba Cloud; looked at {}; set ALIBABA_CLOUD_ACCESS_KEY_ID and \
         ALIBABA_CLOUD_ACCESS_KEY_SECRET, or use --local for the embedded cloud",
        looked.join("; ")
    )]
    NotFound {
        /// Every place that was looked at, in order.
        looked: Vec<String>,
    },
    /// No place knows the alias.
    #[error("found no access key under the alias `{alias}`; looked at {}", looked.join("; "))]
    NoSuchAlias {
        /// The alias that was asked for.
        alias: String,
        /// Every place that was looked at, in order.
        looked: Vec<String>,
    },
    /// A file is there and cannot be read.
    #[error("could not read the credentials file `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// A place holds something else than credentials.
    #[error("could not understand the credentials in {place}: {problem}")]
    Malformed {
        /// The place.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A place has credentials of a kind that triform does not know yet.
    #[error(
        "the profile in {place} has the mode `{mode}`, which triform does not support yet; it reads AK and \
         StsToken, so put a key or a temporary key of that identity into ALIBABA_CLOUD_ACCESS_KEY_ID, \
         ALIBABA_CLOUD_ACCESS_KEY_SECRET and ALIBABA_CLOUD_SECURITY_TOKEN"
    )]
    NotBuilt {
        /// The place.
        place: String,
        /// The kind.
        mode: String,
    },
}

/// What a search may use.
pub struct Search<'a> {
    /// The alias that `--access` names.
    pub access: Option<&'a str>,
    /// The alias that the project file names.
    pub declared: Option<&'a str>,
    /// Looks a variable up.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// Reads a file.
    pub read: &'a dyn Fn(&Path) -> io::Result<String>,
}

impl fmt::Debug for Search<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search").field("access", &self.access).field("declared", &self.declared).finish()
    }
}

/// Returns the first access key of the chain.
pub fn find(search: &Search<'_>) -> Result<Credentials, CredentialsError> {
    let mut looked = Vec::new();
    if let Some(alias) = search.access {
        return search
            .alias(alias, &mut looked)?
            .ok_or_else(|| CredentialsError::NoSuchAlias { alias: alias.to_owned(), looked });
    }
    if let Some(found) = search.incumbent_variables(&mut looked) {
        return Ok(found);
    }
    let override_ = search.variable("serverless_devs_access_cicd_alias_name");
    let declared = override_.as_deref().or(search.declared);
    if let Some(alias) = declared
        && let Some(found) = search.alias(alias, &mut looked)?
    {
        return Ok(found);
    }
    if let Some(found) = search.vendor_variables(&mut looked) {
        return Ok(found);
    }
    if declared.is_none_or(|alias| alias == "default") {
        if let Some(found) = search.default_alias(&mut looked)? {
            return Ok(found);
        }
        if let Some(found) = search.cli_profile(&mut looked)? {
            return Ok(found);
        }
    }
    Err(match declared {
        Some(alias) if alias != "default" => {
            CredentialsError::NoSuchAlias { alias: alias.to_owned(), looked }
        }
        _ => CredentialsError::NotFound { looked },
    })
}

impl Search<'_> {
    fn alias(&self, alias: &str, looked: &mut Vec<String>) -> Result<Option<Credentials>, CredentialsError> {
        if alias == "${aliyun-cli}" {
            return self.cli_profile(looked);
        }
        aliases::named(self, alias, looked)
    }

    fn default_alias(&self, looked: &mut Vec<String>) -> Result<Option<Credentials>, CredentialsError> {
        aliases::default(self, looked)
    }

    fn cli_profile(&self, looked: &mut Vec<String>) -> Result<Option<Credentials>, CredentialsError> {
        cli::current(self, looked)
    }

    fn incumbent_variables(&self, looked: &mut Vec<String>) -> Option<Credentials> {
        look(looked, "the variables AccountID, AccessKeyID and AccessKeySecret");
        Some(Credentials {
            account: Some(self.variable("AccountID")?),
            key_id: self.variable("AccessKeyID")?,
            secret: Secret(self.variable("AccessKeySecret")?),
            token: self.variable("SecurityToken").map(Secret),
            place: "the variables AccountID, AccessKeyID and AccessKeySecret".to_owned(),
        })
    }

    fn vendor_variables(&self, looked: &mut Vec<String>) -> Option<Credentials> {
        const PLACE: &str = "the variables ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET";
        look(looked, PLACE);
        Some(Credentials {
            account: None,
            key_id: self.variable("ALIBABA_CLOUD_ACCESS_KEY_ID")?,
            secret: Secret(self.variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET")?),
            token: self.variable("ALIBABA_CLOUD_SECURITY_TOKEN").map(Secret),
            place: PLACE.to_owned(),
        })
    }

    /// Returns a variable that is set and not empty.
    fn variable(&self, name: &str) -> Option<String> {
        (self.environment)(name).filter(|value| !value.is_empty())
    }

    fn home(&self) -> Option<PathBuf> {
        self.variable("HOME").or_else(|| self.variable("USERPROFILE")).map(PathBuf::from)
    }

    /// Reads a file that may be missing, and notes that it was looked at.
    fn file(&self, path: &Path, looked: &mut Vec<String>) -> Result<Option<String>, CredentialsError> {
        look(looked, &path.display().to_string());
        match (self.read)(path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(CredentialsError::Unreadable { path: path.to_owned(), source }),
        }
    }
}

/// Notes a place, once.
fn look(looked: &mut Vec<String>, place: &str) {
    if !looked.iter().any(|known| known == place) {
        looked.push(place.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// What a machine has: variables and files.
    #[derive(Default)]
    struct Machine<'a> {
        access: Option<&'a str>,
        declared: Option<&'a str>,
        variables: &'a [(&'a str, &'a str)],
        files: &'a [(&'a str, &'a str)],
    }

    fn found(machine: &Machine<'_>) -> Result<Credentials, CredentialsError> {
        let variables: BTreeMap<_, _> = machine.variables.iter().copied().collect();
        let environment = |name: &str| match name {
            "HOME" => Some("/home/me".to_owned()),
            name => variables.get(name).map(|&value| value.to_owned()),
        };
        let read = |path: &Path| {
            machine
                .files
                .iter()
                .find(|(name, _)| Path::new(name) == path)
                .map(|(_, text)| (*text).to_owned())
                .ok_or_else(|| io::ErrorKind::NotFound.into())
        };
        let Machine { access, declared, .. } = machine;
        find(&Search { access: *access, declared: *declared, environment: &environment, read: &read })
    }

    #[track_caller]
    fn check(machine: &Machine<'_>, expected: &str) {
        let credentials = found(machine).expect("credentials");
        let account = credentials.account.as_deref().unwrap_or("-");
        let token = credentials.token.as_ref().map_or("-", Secret::reveal);
        let (id, secret) = (&credentials.key_id, credentials.secret.reveal());
        assert_eq!(format!("{account} {id} {secret} {token}"), expected);
    }

    #[track_caller]
    fn check_refused(machine: &Machine<'_>, expected: &[&str]) {
        let message = found(machine).expect_err("no credentials").to_string();
        for piece in expected {
            assert!(message.contains(piece), "{message}\nlacks {piece}");
        }
    }

    const ACCESS: (&str, &str) = (
        "/home/me/.s/access.yaml",
        "prod: {AccountID: '1', AccessKeyID: U2FsdGVkX18BAgMEBQYHCCXTmcVhQ/7kTILN0HobOYg=, AccessKeySecret: s1}\n\
         mine: {AccountID: '2', AccessKeyID: id2, AccessKeySecret: s2, SecurityToken: t2, __default: 'true'}\n",
    );
    const CLI: (&str, &str) = (
        "/home/me/.aliyun/config.json",
        r#"{"current": "work", "profiles": [
            {"name": "work", "mode": "StsToken", "access_key_id": "id9", "access_key_secret": "s9", "sts_token": "t9"},
            {"name": "role", "mode": "RamRoleArn"}]}"#,
    );
    const INCUMBENT: &[(&str, &str)] =
        &[("AccountID", "3"), ("AccessKeyID", "id3"), ("AccessKeySecret", "s3")];
    const VENDOR: &[(&str, &str)] = &[
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", "id4"),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "s4"),
        ("ALIBABA_CLOUD_SECURITY_TOKEN", "t4"),
    ];

    #[test]
    fn an_alias_that_is_named_wins_over_everything() {
        check(
            &Machine { access: Some("prod"), variables: INCUMBENT, files: &[ACCESS], ..Machine::default() },
            "1 testid s1 -",
        );
    }

    #[test]
    fn the_incumbents_variables_win_over_the_projects_alias() {
        check(
            &Machine { declared: Some("prod"), variables: INCUMBENT, files: &[ACCESS], ..Machine::default() },
            "3 id3 s3 -",
        );
    }

    #[test]
    fn the_projects_alias_wins_over_the_vendors_variables() {
        check(
            &Machine { declared: Some("prod"), variables: VENDOR, files: &[ACCESS], ..Machine::default() },
            "1 testid s1 -",
        );
        check(
            &Machine { declared: Some("gone"), variables: VENDOR, files: &[ACCESS], ..Machine::default() },
            "- id4 s4 t4",
        );
    }

    #[test]
    fn defaults_serve_projects_that_name_none() {
        check(&Machine { files: &[ACCESS, CLI], ..Machine::default() }, "2 id2 s2 t2");
        check(&Machine { declared: Some("default"), files: &[ACCESS], ..Machine::default() }, "2 id2 s2 t2");
        check(&Machine { files: &[CLI], ..Machine::default() }, "- id9 s9 t9");
    }

    #[test]
    fn a_project_that_names_one_never_gets_a_default() {
        check_refused(
            &Machine { declared: Some("gone"), files: &[ACCESS, CLI], ..Machine::default() },
            &["`gone`", "/home/me/.s/access.yaml"],
        );
    }

    #[test]
    fn aliases_in_the_environment_and_in_the_vendors_command_line() {
        let key = r#"{"AccountID": "5", "AccessKeyID": "id5", "AccessKeySecret": "s5"}"#;
        let alias = "ci_serverless_devs_key";
        check(
            &Machine { access: Some(alias), variables: &[(alias, key)], ..Machine::default() },
            "5 id5 s5 -",
        );
        check(
            &Machine { declared: Some("${aliyun-cli}"), files: &[CLI], ..Machine::default() },
            "- id9 s9 t9",
        );
    }

    #[test]
    fn the_folder_of_the_incumbent_can_be_elsewhere() {
        let file = ("/ci/.s/access.yaml", ACCESS.1);
        let variables = [("serverless_devs_config_home", "/ci")];
        check(
            &Machine { access: Some("prod"), variables: &variables, files: &[file], ..Machine::default() },
            "1 testid s1 -",
        );
    }

    #[test]
    fn a_refusal_names_every_place() {
        check_refused(
            &Machine::default(),
            &[
                "AccessKeyID",
                "ALIBABA_CLOUD_ACCESS_KEY_ID",
                "/home/me/.s/access.yaml",
                "/home/me/.aliyun/config.json",
                "--local",
            ],
        );
        check_refused(
            &Machine { access: Some("x"), variables: VENDOR, ..Machine::default() },
            &["`x`", "access.yaml"],
        );
    }

    #[test]
    fn modes_that_are_not_built_say_so() {
        let variables = [("ALIBABA_CLOUD_PROFILE", "role")];
        check_refused(
            &Machine { variables: &variables, files: &[CLI], ..Machine::default() },
            &["`RamRoleArn`", "does not support yet"],
        );
    }

    #[test]
    fn half_a_key_is_refused_and_never_shown() {
        let file = ("/home/me/.s/access.yaml", "prod: {AccessKeyID: id, SecurityToken: hush}\n");
        check_refused(
            &Machine { access: Some("prod"), files: &[file], ..Machine::default() },
            &["`prod`", "AccessKeySecret"],
        );
        let credentials = Credentials::fixed("id", "hush", Some("hush"));
        assert!(!format!("{credentials:?}").contains("hush"));
    }
}
