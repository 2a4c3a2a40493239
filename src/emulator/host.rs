//! What a `Host` header asks for.
//!
//! A page in somebody's browser can point a name of its own at a loopback address; so only names that
//! cannot be anybody's are taken for the API. Functions are reached under names of their own.

use std::net::IpAddr;

use super::console;

/// What a host name means before the declared custom domains are looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// The API, with the region when the name holds one.
    Api(Option<String>),
    /// The console.
    Console,
    /// An HTTP trigger's own name, by its first label.
    Label(String),
    /// Perhaps a custom domain. `local` names are the API's when they are none.
    Name {
        /// In lower case, without the port.
        name: String,
        /// Whether it ends in `.localhost`.
        local: bool,
    },
}

/// Reads a `Host` header.
pub fn read(header: &str) -> Host {
    // One SDK sends the scheme along when its endpoint was given with one.
    let header = header.trim().trim_start_matches("http://").trim_start_matches("https://");
    let name = without_port(header).trim_end_matches('.').to_ascii_lowercase();
    if name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()) {
        return Host::Api(None);
    }
    if name == console::HOST {
        return Host::Console;
    }
    let labels: Vec<&str> = name.split('.').collect();
    match labels.as_slice() {
        [label, _, "fcapp", "localhost"] => Host::Label((*label).to_owned()),
        ["fcv3", region, "aliyuncs", "com"]
        | [_, region, "fc", "aliyuncs", "com"]
        | [region, "fc", "aliyuncs", "com"] => {
            Host::Api(Some(region.trim_end_matches("-internal").to_owned()))
        }
        [.., "localhost"] => Host::Name { name, local: true },
        _ => Host::Name { name, local: false },
    }
}

/// The region in `{region}.localhost`, if that is what a name is.
pub fn region_of_local(name: &str) -> Option<String> {
    let label = name.strip_suffix(".localhost")?;
    let (area, _) = label.split_once('-')?;
    let looks_like_one = area.len() == 2
        && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    looks_like_one.then(|| label.to_owned())
}

fn without_port(header: &str) -> &str {
    if let Some(rest) = header.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default();
    }
    header.split(':').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, expected: &Host) {
        assert_eq!(&read(header), expected);
    }

    fn api(region: &str) -> Host {
        Host::Api(Some(region.to_owned()))
    }

    #[test]
    fn loopback_names_are_the_api() {
        for header in ["127.0.0.1:9530", "127.0.0.1", "LocalHost:1", "[::1]:9530", "http://127.0.0.1:9530"] {
            check(header, &Host::Api(None));
        }
    }

    #[test]
    fn the_services_own_names_hold_the_region() {
        check("fcv3.cn-shanghai.aliyuncs.com", &api("cn-shanghai"));
        check("1000000000000001.eu-west-1.fc.aliyuncs.com:9530", &api("eu-west-1"));
        check("1000000000000001.eu-west-1-internal.fc.aliyuncs.com", &api("eu-west-1"));
    }

    #[test]
    fn other_names_are_not_the_api() {
        check("x-abcdefghij.cn-hangzhou.fcapp.localhost:9530", &Host::Label("x-abcdefghij".to_owned()));
        check("www.localhost", &Host::Name { name: "www.localhost".to_owned(), local: true });
        for header in ["evil.example.com:9530", "127.0.0.1.evil.example.com", "10.0.0.1", ""] {
            assert!(matches!(read(header), Host::Name { local: false, .. }), "{header}");
        }
    }

    #[test]
    fn the_console_has_a_name_of_its_own() {
        check("console.localhost:9530", &Host::Console);
        check("CONSOLE.localhost.", &Host::Console);
        for header in ["console.localhost.evil.example.com", "x.console.localhost"] {
            assert_ne!(read(header), Host::Console, "{header}");
        }
    }

    #[test]
    fn a_region_may_stand_before_localhost() {
        assert_eq!(region_of_local("cn-shanghai.localhost").as_deref(), Some("cn-shanghai"));
        assert_eq!(region_of_local("www.localhost"), None);
    }
}
