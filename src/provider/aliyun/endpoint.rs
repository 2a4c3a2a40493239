//! Where the services are.

use std::fmt;
use std::net::IpAddr;

use crate::sys::http::Way;

/// Regions that keep their service under the older form of the host's name.
const OLDER_HOSTS: [&str; 4] =
    ["me-central-1", "cn-shanghai-finance-1", "cn-heyuan-acdr-1", "cn-hangzhou-finance"];

/// A scheme and a host, as in `https://fcv3.cn-hangzhou.aliyuncs.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    encrypted: bool,
    host: String,
}

/// A text that is no endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no endpoint; endpoints look like https://fcv3.cn-hangzhou.aliyuncs.com or http://127.0.0.1:9530"
)]
pub struct ParseOriginError(pub String);

impl Origin {
    /// Reads `https://host`, `http://host:port`, or a bare host.
    ///
    /// A bare host means HTTPS, except for loopback, where nobody keeps certificates. A path is cut off only
    /// where it is a single slash.
    pub fn endpoint(text: &str) -> Result<Self, ParseOriginError> {
        let error = || ParseOriginError(text.to_owned());
        let text = text.trim();
        let url = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let url = url::Url::parse(&url).map_err(|_| error())?;
        if url.path() != "/"
            || url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
        {
            return Err(error());
        }
        let mut origin = Self::of(&url).ok_or_else(error)?;
        if !text.contains("://") && origin.is_loopback() {
            origin = Self::of(&url::Url::parse(&format!("http://{text}")).map_err(|_| error())?)
                .ok_or_else(error)?;
        }
        Ok(origin)
    }

    /// Returns the origin of any address.
    pub fn parse(url: &str) -> Result<Self, ParseOriginError> {
        let error = || ParseOriginError(url.to_owned());
        Self::of(&url::Url::parse(url).map_err(|_| error())?).ok_or_else(error)
    }

    fn of(url: &url::Url) -> Option<Self> {
        let encrypted = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let host = match (url.host_str()?, url.port()) {
            (host, Some(port)) => format!("{host}:{port}"),
            (host, None) => host.to_owned(),
        };
        Some(Self { encrypted, host })
    }

    fn secure(host: String) -> Self {
        Self { encrypted: true, host }
    }

    /// Returns the host, with its port where that is not the scheme's own: the `Host` header.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        let name = match self.host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => &self.host,
        };
        let name = name.trim_start_matches('[').trim_end_matches(']');
        name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl Origin {
    /// Returns what lies between here and it.
    pub fn way(&self) -> Way {
        match (self.is_loopback(), self.encrypted) {
            (false, _) => Way::Network,
            (true, true) => Way::Loopback,
            (true, false) => Way::PlainLoopback,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http{}://{}", if self.encrypted { "s" } else { "" }, self.host)
    }
}

/// Where the calls of one run go.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// Function Compute in every region, where one was given.
    pub function_compute: Option<Origin>,
    /// The embedded cloud is there.
    pub embedded: bool,
    /// The service that knows whose a key is, where one was given.
    pub sts: Option<Origin>,
}

impl Endpoints {
    /// Returns what lies between here and all of them.
    pub fn way(&self) -> Way {
        match self.function_compute.as_ref().map_or(Way::Network, Origin::way) {
            Way::PlainLoopback if !self.embedded => Way::Loopback, // the other service is elsewhere, behind TLS
            way => way,
        }
    }

    /// Returns where Function Compute of a region is; where an account is given, at its own host.
    pub fn function_compute(&self, region: &str, account: Option<&str>) -> Origin {
        match (&self.function_compute, account) {
            (Some(origin), _) => origin.clone(),
            (None, Some(account)) => Origin::secure(format!("{account}.{region}.fc.aliyuncs.com")),
            (None, None) if OLDER_HOSTS.contains(&region) => {
                Origin::secure(format!("{region}.fc.aliyuncs.com"))
            }
            (None, None) => Origin::secure(format!("fcv3.{region}.aliyuncs.com")),
        }
    }

    /// Returns where the service is that knows whose a key is.
    pub fn sts(&self) -> Origin {
        self.sts.clone().unwrap_or_else(|| Origin::secure("sts.aliyuncs.com".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, bool)>) {
        let origin = Origin::endpoint(text).ok();
        let found = origin.as_ref().map(|origin| (origin.to_string(), origin.is_loopback()));
        assert_eq!(found, expected.map(|(text, loopback)| (text.to_owned(), loopback)), "{text}");
    }

    #[test]
    fn endpoints_are_read_in_every_form_that_people_write() {
        check("https://fc.example.com", Some(("https://fc.example.com", false)));
        check("http://127.0.0.1:9530/", Some(("http://127.0.0.1:9530", true)));
        check("127.0.0.1:9530", Some(("http://127.0.0.1:9530", true)));
        check("http://[::1]:9530", Some(("http://[::1]:9530", true)));
        check("localhost", Some(("http://localhost", true)));
        check("fc.example.com:8443", Some(("https://fc.example.com:8443", false)));
        check("https://fc.example.com:443", Some(("https://fc.example.com", false)));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "ftp://x", "https://", "https://x/path", "https://me@x", "https://x?y"] {
            check(text, None);
        }
    }

    #[test]
    fn every_region_has_its_host() {
        let endpoints = Endpoints { function_compute: None, embedded: false, sts: None };
        let host = |region| endpoints.function_compute(region, None).to_string();
        assert_eq!(host("cn-hangzhou"), "https://fcv3.cn-hangzhou.aliyuncs.com");
        assert_eq!(host("me-central-1"), "https://me-central-1.fc.aliyuncs.com");
        let own = endpoints.function_compute("cn-hangzhou", Some("123")).to_string();
        assert_eq!(own, "https://123.cn-hangzhou.fc.aliyuncs.com");
    }
}
