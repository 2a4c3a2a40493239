//! Profiles of the vendor's own command line: `~/.aliyun/config.json`.

use std::path::PathBuf;

use serde::Deserialize;

use super::{Credentials, CredentialsError, Search, Secret};

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    current: String,
    #[serde(default)]
    profiles: Vec<Profile>,
}

#[derive(Deserialize)]
struct Profile {
    #[serde(default)]
    name: String,
    #[serde(default)]
    mode: String,
    #[serde(default)]
    access_key_id: String,
    #[serde(default)]
    access_key_secret: String,
    #[serde(default)]
    sts_token: String,
}

/// Returns the key of the profile that `ALIBABA_CLOUD_PROFILE` or the file itself names.
pub(super) fn current(
    search: &Search<'_>,
    looked: &mut Vec<String>,
) -> Result<Option<Credentials>, CredentialsError> {
    if search.variable("ALIBABA_CLOUD_CLI_PROFILE_DISABLED").is_some_and(|value| value == "true") {
        return Ok(None);
    }
    let elsewhere = search.variable("ALIBABACLOUD_CONFIG").map(PathBuf::from);
    let Some(path) = elsewhere.or_else(|| Some(search.home()?.join(".aliyun").join("config.json"))) else {
        return Ok(None);
    };
    let Some(text) = search.file(&path, looked)? else {
        return Ok(None);
    };
    let malformed = |problem| CredentialsError::Malformed { place: path.display().to_string(), problem };
    let config: Config = serde_json::from_str(&text).map_err(|error| {
        malformed(format!(
            "it is no configuration of the command line (line {}, column {})",
            error.line(),
            error.column()
        ))
    })?;
    let wanted = search.variable("ALIBABA_CLOUD_PROFILE").unwrap_or(config.current);
    let Some(profile) = config.profiles.into_iter().find(|profile| profile.name == wanted) else {
        return Err(malformed(format!("it has no profile `{wanted}`")));
    };
    let place = format!("{}, profile `{wanted}`", path.display());
    let token = match profile.mode.as_str() {
        "" | "AK" => None,
        "StsToken" => Some(Secret(profile.sts_token)),
        mode => return Err(CredentialsError::NotBuilt { place, mode: mode.to_owned() }),
    };
    if profile.access_key_id.is_empty() || profile.access_key_secret.is_empty() {
        let problem = "it lacks access_key_id or access_key_secret".to_owned();
        return Err(CredentialsError::Malformed { place, problem });
    }
    Ok(Some(Credentials {
        account: None,
        key_id: profile.access_key_id,
        secret: Secret(profile.access_key_secret),
        token,
        place,
    }))
}
