//! Reading: few calls, side by side, and no guess.
//!
//! Many functions of a region are read by list, as long as the pages pay: an account may hold thousands that
//! the project does not know. Whatever the pages did not show is read by itself, so that a name that is
//! missing from a list is never taken for absent on the list's word. Children come by one list for each
//! parent that is there. What is not the service's own "not found" for that very resource, or for its
//! parent, is unknown, and says what to do about it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use tokio::time::Instant;

use super::FunctionCompute;
use super::api::{Api, ToldApart};
use super::shape;
use crate::diag::Diagnostic;
use crate::model::{CloudError, ErrorClass, Identity, Reading, Resource, Value};
use crate::provider::Readings;
use crate::provider::aliyun::client::{Answer, Failure};

/// Up to this many are read one by one at once: that takes no longer than a list, and shows more.
const FEW: usize = 4;
/// A list goes on for one page, and one more for every so many names that are asked for.
const NAMES_FOR_A_PAGE: usize = 50;
/// Items of a page at most, the service's own limit.
const PAGE: &str = "100";
/// Pages of one resource's children at most: far beyond what the service allows.
const CHILD_PAGES: usize = 50;
/// How long something that this run made may stay invisible.
const NOT_YET: Duration = Duration::from_secs(30);

/// Items of a list by live name: the whole of each, as the service shows it.
type Items = BTreeMap<String, BTreeMap<String, Value>>;

/// Children of one type that are asked for, by what they belong to.
type Families<'a> = BTreeMap<(Identity, &'static str), BTreeSet<&'a Identity>>;

impl FunctionCompute {
    /// Reads all targets, from the top down; see [`crate::provider::Provider::read`].
    pub(super) async fn read_all(&self, targets: &[Identity], children: bool) -> Readings {
        let mut found = Readings::default();
        let mut groups: BTreeMap<(&str, &str), BTreeSet<&Identity>> = BTreeMap::new();
        let mut levels: BTreeMap<usize, Families<'_>> = BTreeMap::new();
        for target in targets {
            match self.api(&target.kind).filter(|api| api.depth() == target.depth()) {
                Some(api) => match api.parent_of(target) {
                    Some(parent) => {
                        let level = levels.entry(target.depth()).or_default();
                        level.entry((parent, api.schema.kind)).or_default().insert(target);
                    }
                    None => drop(groups.entry((&target.kind, &target.region)).or_default().insert(target)),
                },
                None => drop(found.readings.insert(target.clone(), strange(target))),
            }
        }
        let groups = groups.into_values().map(|group| self.read_group(group));
        for readings in join_all(groups).await {
            found.readings.extend(readings);
        }
        let deepest = self.apis.iter().map(|api| api.depth()).max().unwrap_or_default();
        for depth in 1..=deepest {
            let mut level = levels.remove(&depth).unwrap_or_default();
            if children {
                let above = found.readings.iter().filter(|(identity, _)| identity.depth() + 1 == depth);
                for (identity, _) in above.filter(|(_, reading)| matches!(reading, Reading::Present(_))) {
                    for api in self.child_apis(&identity.kind).filter(|api| !api.list.is_empty()) {
                        level.entry((identity.clone(), api.schema.kind)).or_default();
                    }
                }
            }
            let reads = level.into_iter().filter_map(|((parent, kind), wanted)| {
                let reading = found.readings.get(&parent).cloned();
                Some(self.read_children(self.api(kind)?, parent, reading, wanted, children))
            });
            for read in join_all(reads).await {
                let ChildrenOf { parent, readings, children: listed, unlisted } = read;
                found.readings.extend(readings);
                if let Some(reading) = unlisted {
                    found.readings.insert(parent, reading);
                } else if let Some(listed) = listed {
                    found.children.entry(parent).or_default().extend(listed);
                }
            }
        }
        for listed in found.children.values_mut() {
            listed.sort_by(|one, other| one.identity.cmp(&other.identity));
        }
        found
    }

    /// Reads resources of one type and region that belong to no other.
    async fn read_group(&self, group: BTreeSet<&Identity>) -> BTreeMap<Identity, Reading> {
        let mut readings = BTreeMap::new();
        let Some(first) = group.first().copied() else {
            return readings;
        };
        let Some(api) = self.api(&first.kind) else {
            return readings;
        };
        if group.len() > FEW {
            match self.list_some(api, &first.region, &group).await {
                Ok(mut items) => {
                    for &target in &group {
                        if let Some(document) = items.remove(&target.name) {
                            readings.insert(target.clone(), bare(self.shown(api, target, document, None)));
                        }
                    }
                }
                Err(failure) if failure.unreachable => {
                    let readings = group
                        .into_iter()
                        .map(|target| (target.clone(), self.unknown(target, &failure.error)));
                    return readings.collect();
                }
                Err(_) => {} // each is asked for by itself, and gets its own answer
            }
        }
        let rest = group.into_iter().filter(|target| !readings.contains_key(*target));
        let rest = join_all(rest.map(|target| async { (target.clone(), self.get(target).await) })).await;
        readings.extend(rest);
        readings
    }

    /// Lists until every wanted name was seen, the list ends, or further pages do not pay.
    async fn list_some(
        &self,
        api: &'static Api,
        region: &str,
        wanted: &BTreeSet<&Identity>,
    ) -> Result<Items, Failure> {
        let prefix = common_prefix(wanted.iter().map(|identity| identity.name.as_str()));
        let mut missing: BTreeSet<&str> = wanted.iter().map(|identity| identity.name.as_str()).collect();
        let mut found = Items::new();
        let mut token = None::<String>;
        for _ in 0..=wanted.len() / NAMES_FOR_A_PAGE {
            let mut request = api.all(api.list, Method::GET, region, None);
            request.query.push(("limit", PAGE));
            request.query.extend(api.list_query);
            if !prefix.is_empty() {
                request.query.push(("prefix", &prefix));
            }
            if let Some(token) = &token {
                request.query.push(("nextToken", token));
            }
            let mut page = self.send(&request).await?.document;
            for (name, item) in items(api, &mut page) {
                missing.remove(name.as_str());
                found.insert(name, item);
            }
            token = next_token(&page);
            if missing.is_empty() || token.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// Lists every child of one type.
    async fn list_children(&self, api: &'static Api, parent: &Identity) -> Result<Items, Failure> {
        let name = parent.full_name();
        let mut found = Items::new();
        let mut token = None::<String>;
        for _ in 0..CHILD_PAGES {
            let mut request = api.all(api.list, Method::GET, &parent.region, Some(&name));
            request.query.push(("limit", PAGE));
            request.query.extend(api.list_query);
            if let Some(token) = &token {
                request.query.push(("nextToken", token));
            }
            let mut page = self.send(&request).await?.document;
            found.extend(items(api, &mut page));
            token = next_token(&page);
            if token.is_none() {
                break;
            }
        }
        // Another product's triggers, shown here for information: they have no place in this API.
        found.retain(|name, _| !name.contains('|'));
        Ok(found)
    }

    /// Reads children of one type and one parent.
    async fn read_children(
        &self,
        api: &'static Api,
        parent: Identity,
        reading: Option<Reading>,
        wanted: BTreeSet<&Identity>,
        children: bool,
    ) -> ChildrenOf {
        let all = |reading: &Reading| -> BTreeMap<Identity, Reading> {
            wanted.iter().map(|&target| (target.clone(), reading.clone())).collect()
        };
        let done = |readings| ChildrenOf { parent: parent.clone(), readings, children: None, unlisted: None };
        if matches!(reading, Some(Reading::Absent)) {
            return done(all(&Reading::Absent));
        }
        if api.list.is_empty() {
            let each = wanted.iter().map(|&target| async { (target.clone(), self.get(target).await) });
            return done(join_all(each).await.into_iter().collect());
        }
        let mut items = match self.list_children(api, &parent).await {
            Ok(items) => items,
            Err(failure) => {
                let present = matches!(reading, Some(Reading::Present(_)));
                let gone = failure.error.class == ErrorClass::NotFound
                    && api.parent.is_some_and(|above| above.means_absent(&failure.error.code))
                    && !self.is_new(&parent);
                if gone && !present {
                    return done(all(&Reading::Absent));
                }
                let readings = if failure.unreachable {
                    wanted
                        .iter()
                        .map(|&target| (target.clone(), self.unknown(target, &failure.error)))
                        .collect()
                } else {
                    let each =
                        wanted.iter().map(|&target| async { (target.clone(), self.get(target).await) });
                    join_all(each).await.into_iter().collect()
                };
                // Whoever asked for the children may be about to delete the parent: it must not look childless.
                let unlisted = (children && present).then(|| self.unknown(&parent, &failure.error));
                return ChildrenOf { parent, readings, children: None, unlisted };
            }
        };
        let mut readings = BTreeMap::new();
        let mut listed = Vec::new();
        let mut missing = Vec::new();
        for target in wanted {
            match items.remove(&target.name) {
                Some(document) => {
                    readings.insert(target.clone(), bare(self.shown(api, target, document, None)));
                }
                None => missing.push(target),
            }
        }
        readings.extend(
            join_all(missing.into_iter().map(|target| async { (target.clone(), self.get(target).await) }))
                .await,
        );
        for (name, document) in items {
            let kind = api.schema.kind.to_owned();
            let identity = Identity { kind, parent: Some(parent.full_name()), name, ..parent.clone() };
            if let Ok(mut child) = shape::resource(api, &identity, document, None) {
                child.document = BTreeMap::new();
                listed.push(child);
            }
        }
        listed.extend(readings.values().filter_map(|reading| match reading {
            Reading::Present(resource) => Some(Resource::clone(resource)),
            _ => None,
        }));
        ChildrenOf { parent, readings, children: children.then_some(listed), unlisted: None }
    }

    /// Reads one resource by itself.
    pub(super) async fn get(&self, target: &Identity) -> Reading {
        let Some(api) = self.api(&target.kind).filter(|api| api.depth() == target.depth()) else {
            return strange(target);
        };
        let begun = Instant::now();
        let mut wait = Duration::from_millis(250);
        loop {
            let asked = match api.told_apart {
                ToldApart::InList => self.named(api, target).await,
                ToldApart::ByName | ToldApart::ByQualifier => {
                    self.send(&api.one(api.get, Method::GET, target)).await.map(Some)
                }
            };
            match asked {
                Ok(Some(answer)) => match self.shown(api, target, answer.document, answer.condition) {
                    Reading::Present(resource) if api.is_vacant(&resource) => {}
                    reading => return reading,
                },
                Err(Failure { error, .. })
                    if error.class == ErrorClass::NotFound && api.means_absent(&error.code) =>
                {
                    // What this run made a moment ago is not gone, it is not there yet.
                    if !self.is_new(target) {
                        return Reading::Absent;
                    }
                    if begun.elapsed() + wait > NOT_YET {
                        return self.unknown(target, &error);
                    }
                }
                Err(failure) => return self.unknown(target, &failure.error),
                Ok(None) => {}
            }
            if !self.is_new(target) || begun.elapsed() + wait > NOT_YET {
                return Reading::Absent;
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(4));
        }
    }

    /// Looks for a name in the list that is all there is to know.
    async fn named(&self, api: &'static Api, target: &Identity) -> Result<Option<Answer>, Failure> {
        let request = api.all(api.get, Method::GET, &target.region, target.parent.as_deref());
        let mut answer = self.send(&request).await?;
        let document = items(api, &mut answer.document).remove(&target.name);
        Ok(document.map(|document| Answer { document, condition: None }))
    }

    fn shown(
        &self,
        api: &'static Api,
        target: &Identity,
        document: BTreeMap<String, Value>,
        condition: Option<String>,
    ) -> Reading {
        match shape::resource(api, target, document, condition) {
            Ok(resource) => Reading::Present(Box::new(resource)),
            Err(wrong) => self.unknown(target, &super::nonsense(api.get, &wrong.to_string())),
        }
    }

    fn unknown(&self, target: &Identity, error: &CloudError) -> Reading {
        let (code, help) = match error.class {
            ErrorClass::Denied => (
                "E0401",
                format!(
                    "check the access key from {}, and that its policy allows fc:{} there",
                    self.client.credentials.place, error.operation
                ),
            ),
            ErrorClass::Throttled => (
                "E0402",
                "the account makes more calls than the service allows: run again in a moment".to_owned(),
            ),
            ErrorClass::Unavailable if error.status.is_none() => {
                ("E0403", "check the network, the region's name, and the endpoint if one is given".to_owned())
            }
            ErrorClass::Unavailable => (
                "E0403",
                "the service failed, or something on the way answered in its place: run again in a moment"
                    .to_owned(),
            ),
            ErrorClass::NotFound => (
                "E0404",
                "this run made it and the service does not show it yet: run again in a moment".to_owned(),
            ),
            ErrorClass::AlreadyExists | ErrorClass::Changed | ErrorClass::Invalid => {
                ("E0405", "the service does not take the question: check the name".to_owned())
            }
        };
        let noun = self.api(&target.kind).map_or("resource", |api| api.schema.noun);
        let message = format!("could not read {noun} {target}: {error}");
        Reading::Unknown(Box::new(Diagnostic::error(code, message).help(help)))
    }
}

/// What the children of one resource are.
struct ChildrenOf {
    parent: Identity,
    readings: BTreeMap<Identity, Reading>,
    children: Option<Vec<Resource>>,
    /// What the parent's own reading becomes where its children could not be listed.
    unlisted: Option<Reading>,
}

/// Returns the reading of something that this provider does not know.
fn strange(target: &Identity) -> Reading {
    let message =
        format!("could not read {target}: `{}` is no resource type of Function Compute", target.kind);
    Reading::Unknown(Box::new(Diagnostic::error("E0406", message)))
}

/// Takes the items out of a page.
fn items(api: &Api, page: &mut BTreeMap<String, Value>) -> Items {
    let Some(Value::List(items)) = page.remove(api.items) else {
        return Items::new();
    };
    items
        .into_iter()
        .filter_map(|item| match item {
            Value::Map(item) => Some((shape::name(api, &item)?.to_owned(), item)),
            Value::Text(name) if api.told_apart == ToldApart::InList => {
                Some((name.clone(), shape::only_named(api, &name)))
            }
            _ => None,
        })
        .collect()
}

fn next_token(page: &BTreeMap<String, Value>) -> Option<String> {
    page.get("nextToken")?.as_text().filter(|token| !token.is_empty()).map(str::to_owned)
}

/// Returns what all names begin with.
fn common_prefix<'a>(mut names: impl Iterator<Item = &'a str>) -> String {
    let mut prefix = names.next().unwrap_or_default();
    for name in names {
        let same = prefix.char_indices().zip(name.chars()).find(|((_, one), other)| one != other);
        let length = same.map_or(prefix.len().min(name.len()), |((at, _), _)| at);
        prefix = &prefix[..length];
    }
    prefix.to_owned()
}

/// Drops the answer that a reading of many keeps for nothing: what is written is composed over a reading of one.
fn bare(reading: Reading) -> Reading {
    match reading {
        Reading::Present(mut resource) => {
            resource.document = BTreeMap::new();
            Reading::Present(resource)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(names: &[&str], expected: &str) {
        assert_eq!(common_prefix(names.iter().copied()), expected);
    }

    #[test]
    fn what_all_names_begin_with() {
        check(&["shop-a", "shop-b", "shop"], "shop");
        check(&["a", "b"], "");
        check(&["é1", "é2"], "é");
        check(&["only"], "only");
        check(&[], "");
    }
}
