//! Names of resources: in the project (addresses) and in the cloud (identities).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The stable name of a resource in a project.
///
/// `fc3_function.hello`, `fc3_trigger.hello["http"]`, `fc3_custom_domain["www.example.com"]`. Addresses
/// order every map and listing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The resource type, such as `fc3_function`.
    pub kind: String,
    /// The entry of the project that declares it; shared resources have none.
    pub name: Option<String>,
    /// What tells several resources of one entry apart.
    pub key: Option<String>,
}

impl Address {
    /// Returns `kind.name`.
    pub fn new(kind: &str, name: &str) -> Self {
        Self { kind: kind.to_owned(), name: Some(name.to_owned()), key: None }
    }

    /// Returns `kind.name["key"]`.
    pub fn keyed(kind: &str, name: &str, key: &str) -> Self {
        Self { kind: kind.to_owned(), name: Some(name.to_owned()), key: Some(key.to_owned()) }
    }

    /// Returns `kind["key"]`, the address of a resource that several entries share.
    pub fn shared(kind: &str, key: &str) -> Self {
        Self { kind: kind.to_owned(), name: None, key: Some(key.to_owned()) }
    }

    /// Returns the address under which a resource is remembered that lost this one to another and still exists:
    /// `fc3_function.hello["cn-hangzhou/hello-old"]`. No configuration declares it.
    #[must_use]
    pub fn parked(&self, identity: &Identity) -> Self {
        Self { kind: self.kind.clone(), name: self.name.clone(), key: Some(identity.to_string()) }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        if let Some(name) = &self.name {
            write!(f, ".{name}")?;
        }
        if let Some(key) = &self.key {
            write!(f, "[{}]", super::path::quoted(key))?;
        }
        Ok(())
    }
}

/// A text that is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no address; addresses look like fc3_function.hello or fc3_trigger.hello[\"http\"]")]
pub struct ParseAddressError(pub String);

impl FromStr for Address {
    type Err = ParseAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseAddressError(text.to_owned());
        let (front, key) = match text.find('[') {
            Some(at) => {
                let inner =
                    text[at..].strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).ok_or_else(error)?;
                (&text[..at], Some(super::path::unquoted(inner).ok_or_else(error)?))
            }
            None => (text, None),
        };
        let (kind, name) = match front.split_once('.') {
            Some((kind, name)) => (kind, Some(name)),
            None => (front, None),
        };
        let word = |text: &str| !text.is_empty() && !text.contains(['"', ']', '[', ':', ' ']);
        if !word(kind) || name.is_some_and(|name| !word(name)) || (name.is_none() && key.is_none()) {
            return Err(error());
        }
        Ok(Self { kind: kind.to_owned(), name: name.map(str::to_owned), key })
    }
}

/// What a cloud knows a resource by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Which cloud: `embedded` or `aliyun`.
    pub cloud: String,
    /// The account's number.
    pub account: String,
    /// Such as `cn-hangzhou`.
    pub region: String,
    /// The resource type, such as `fc3_trigger`.
    pub kind: String,
    /// The live name of the resource that it belongs to, such as a trigger's function; where that belongs to another
    /// in turn, behind that one's name: `shop/hello`. No live name of a parent has a slash in it.
    pub parent: Option<String>,
    /// Its live name.
    pub name: String,
}

impl Identity {
    /// Returns its live name behind those of what it belongs to, as what belongs to it calls it: `shop/hello`.
    pub fn full_name(&self) -> String {
        match &self.parent {
            Some(parent) => format!("{parent}/{}", self.name),
            None => self.name.clone(),
        }
    }

    /// Returns the identity of the resource of this type that it belongs to.
    pub fn parent_of_kind(&self, kind: &str) -> Option<Self> {
        let parent = self.parent.as_deref()?;
        let (above, name) = match parent.rsplit_once('/') {
            Some((above, name)) => (Some(above.to_owned()), name),
            None => (None, parent),
        };
        Some(Self { kind: kind.to_owned(), parent: above, name: name.to_owned(), ..self.clone() })
    }

    /// Returns how many resources stand above it.
    pub fn depth(&self) -> usize {
        self.parent.as_ref().map_or(0, |parent| 1 + parent.matches('/').count())
    }
}

impl fmt::Display for Identity {
    /// Writes what people need to find it: `cn-hangzhou/hello/http`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.region)?;
        if let Some(parent) = &self.parent {
            write!(f, "{parent}/")?;
        }
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, Option<&str>, Option<&str>)>) {
        let parsed = text.parse::<Address>().ok();
        let expected = expected.map(|(kind, name, key)| Address {
            kind: kind.to_owned(),
            name: name.map(str::to_owned),
            key: key.map(str::to_owned),
        });
        assert_eq!(parsed, expected);
        if let Some(address) = parsed {
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn addresses_read_as_they_are_written() {
        check("fc3_function.hello", Some(("fc3_function", Some("hello"), None)));
        check("fc3_trigger.hello[\"http\"]", Some(("fc3_trigger", Some("hello"), Some("http"))));
        check(
            "fc3_custom_domain[\"www.example.com\"]",
            Some(("fc3_custom_domain", None, Some("www.example.com"))),
        );
        check("fc3_trigger.a[\"quo\\\"te\"]", Some(("fc3_trigger", Some("a"), Some("quo\"te"))));
    }

    #[test]
    fn what_belongs_to_another_in_turn_is_called_by_both() {
        let identity = |kind: &str, parent: Option<&str>, name: &str| Identity {
            cloud: "aliyun".to_owned(),
            account: "1".to_owned(),
            region: "cn-hangzhou".to_owned(),
            kind: kind.to_owned(),
            parent: parent.map(str::to_owned),
            name: name.to_owned(),
        };
        let trigger = identity("fc_trigger", Some("shop/hello"), "http");
        let function = identity("fc_function", Some("shop"), "hello");
        let service = identity("fc_service", None, "shop");
        assert_eq!(trigger.to_string(), "cn-hangzhou/shop/hello/http");
        assert_eq!(trigger.parent_of_kind("fc_function"), Some(function.clone()));
        assert_eq!(function.parent_of_kind("fc_service"), Some(service.clone()));
        assert_eq!(service.parent_of_kind("anything"), None);
        assert_eq!(trigger.parent, Some(function.full_name()));
        assert_eq!([service.depth(), function.depth(), trigger.depth()], [0, 1, 2]);
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "fc3_function", ".x", "a.", "a.b[", "a.b[http]", "a.b[\"x\"]y", "a b.c"] {
            check(text, None);
        }
    }
}
