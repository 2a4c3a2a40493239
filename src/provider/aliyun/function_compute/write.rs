//! Writing: one call, and an honest word about what came of it.
//!
//! A write is answered, refused, or unknown. The client repeats it only where the first try had no effect.
//! What an answer shows is what was written: the readings that follow only wait until the function is ready,
//! because a later reading could already hold somebody else's change. A function that does not get ready was
//! written all the same.

use std::time::Duration;

use futures_util::FutureExt as _;
use reqwest::Method;
use serde_json::Value as Json;
use tokio::time::Instant;

use super::api::{Api, ToldApart};
use super::{FunctionCompute, compose, nonsense, shape};
use crate::model::{
    Call, CloudError, ErrorClass, Identity, Operation, Outcome, Package, Reading, Resource, Value,
};
use crate::provider::aliyun::client::{Answer, Failure, Request};

/// Bytes of a package that fit into a request.
const UPLOAD_LIMIT: usize = 100 << 20;
/// How long a function may take to get ready.
const READY_WITHIN: Duration = Duration::from_mins(10);
/// How long a child may wait for the service to see the parent that this run made.
const PARENT_WITHIN: Duration = Duration::from_secs(30);

impl FunctionCompute {
    /// Carries out one call; see [`crate::provider::Provider::perform`].
    pub(super) async fn carry_out(&self, operation: &Operation) -> Outcome {
        let identity = &operation.identity;
        let Some(api) = self.api(&identity.kind) else {
            return Outcome::Refused(invalid(
                "Perform",
                &format!("`{}` is no resource type of Function Compute", identity.kind),
            ));
        };
        if api.depth() != identity.depth() {
            return Outcome::Refused(invalid("Perform", &format!("{identity} is no {}", api.schema.noun)));
        }
        match &operation.call {
            Call::Create { attributes, package } => {
                if let Some(refused) = too_large(api.create, package.as_ref()) {
                    return refused;
                }
                let mut body = compose::create(api, identity, attributes, package.as_ref());
                if let Err(error) = self.complete(api, identity, &mut body).await {
                    return Outcome::Refused(error);
                }
                self.create(api, identity, body).await
            }
            Call::Update { live, set, package } => {
                if let Some(refused) = too_large(api.update, package.as_ref()) {
                    return refused;
                }
                let mut body = compose::update(api, live, set, package.as_ref());
                if let Err(error) = self.complete(api, identity, &mut body).await {
                    return Outcome::Refused(error);
                }
                if compose::is_empty(&body) {
                    return Outcome::Done(Some(live.clone()));
                }
                let mut request = api.one(api.update, Method::PUT, identity);
                request.body = Some(body);
                request.condition = live.condition.as_deref();
                match self.send(&request).await {
                    Ok(answer) => self.written(api, api.update, identity, answer).await,
                    Err(failure) => outcome(failure),
                }
            }
            Call::Delete { live } => {
                let mut request = match &api.vacant {
                    Some(vacant) => {
                        let body = Some((vacant.body)());
                        Request { body, ..api.one(api.delete, Method::PUT, identity) }
                    }
                    None => api.one(api.delete, Method::DELETE, identity),
                };
                request.condition = live.condition.as_deref();
                match self.send(&request).await {
                    Ok(_) => self.forget_new(identity),
                    // Somebody was faster, and it is what was asked for.
                    Err(failure) if api.means_absent(&failure.error.code) && !failure.unsure => {
                        self.forget_new(identity);
                    }
                    Err(failure) => return outcome(failure),
                }
                Outcome::Done(None)
            }
        }
    }

    /// Fills in what the service does not know by itself.
    async fn complete(&self, api: &Api, identity: &Identity, body: &mut Json) -> Result<(), CloudError> {
        if api.short_names && body.to_string().contains(":::") {
            let account = self.known_account().await?;
            compose::complete_names(body, &identity.region, account);
        }
        Ok(())
    }

    async fn create(&self, api: &'static Api, identity: &Identity, body: Json) -> Outcome {
        let mut request = api.new_one(identity);
        request.body = Some(body);
        let begun = Instant::now();
        let mut wait = Duration::from_millis(250);
        loop {
            match self.send(&request).await {
                Ok(answer) => {
                    self.remember_new(identity);
                    return self.written(api, api.create, identity, answer).await;
                }
                Err(failure)
                    if self.parent_is_new(api, identity, &failure) && begun.elapsed() < PARENT_WITHIN =>
                {
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(Duration::from_secs(4));
                }
                Err(failure) => return outcome(failure),
            }
        }
    }

    /// Returns whether a refusal says that the parent does not exist, which this run made.
    fn parent_is_new(&self, api: &Api, identity: &Identity, failure: &Failure) -> bool {
        let Some((parent_api, parent)) = api.parent.zip(api.parent_of(identity)) else {
            return false;
        };
        failure.error.class == ErrorClass::NotFound
            && parent_api.means_absent(&failure.error.code)
            && (self.is_new(&parent) || self.parent_is_new(parent_api, &parent, failure))
    }

    /// Reads a write's answer, and waits until what was written is ready.
    async fn written(
        &self,
        api: &'static Api,
        operation: &'static str,
        identity: &Identity,
        answer: Answer,
    ) -> Outcome {
        // What is only a name in a list has no answer of its own.
        let document = match api.told_apart {
            ToldApart::InList => shape::only_named(api, &identity.name),
            ToldApart::ByName | ToldApart::ByQualifier => answer.document,
        };
        let resource = match shape::resource(api, identity, document, answer.condition) {
            Ok(resource) => resource,
            Err(wrong) => return Outcome::Unknown(nonsense(operation, &wrong.to_string())),
        };
        match self.ready(operation, &resource).await {
            Ok(()) => Outcome::Done(Some(Box::new(resource))),
            Err(error) => Outcome::Partial { live: Box::new(resource), error },
        }
    }

    /// Waits until a function is neither being made nor being changed.
    async fn ready(&self, operation: &'static str, written: &Resource) -> Result<(), CloudError> {
        let begun = Instant::now();
        let mut wait = Duration::from_millis(200);
        let mut state = State::of(written);
        while let State::Busy(reason) = state {
            if begun.elapsed() > READY_WITHIN {
                let message = format!("the function was written and did not get ready in time: {reason}");
                return Err(nonsense(operation, &message));
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(2));
            state = match self.get(&written.identity).boxed().await {
                Reading::Present(resource) => State::of(&resource),
                Reading::Absent => State::Failed("it is gone again".to_owned()),
                Reading::Unknown(diagnostic) => State::Busy(diagnostic.message),
            };
        }
        match state {
            State::Failed(reason) => Err(nonsense(
                operation,
                &format!("the function was written and could not be made ready: {reason}"),
            )),
            State::Ready | State::Busy(_) => Ok(()),
        }
    }
}

/// Whether a function can be called. What the service does not say counts as ready.
enum State {
    Ready,
    Busy(String),
    Failed(String),
}

impl State {
    fn of(resource: &Resource) -> Self {
        let text = |field: &str| resource.document.get(field).and_then(Value::as_text).unwrap_or_default();
        let reason = |word: &str, field: &str| match text(field) {
            "" => word.to_owned(),
            reason => format!("{word}, {reason}"),
        };
        match (text("state"), text("lastUpdateStatus")) {
            ("Failed", _) => Self::Failed(reason("Failed", "stateReason")),
            (_, "Failed") => Self::Failed(reason("Failed", "lastUpdateStatusReason")),
            ("Pending", _) => Self::Busy(reason("Pending", "stateReason")),
            (_, "InProgress") => Self::Busy(reason("InProgress", "lastUpdateStatusReason")),
            _ => Self::Ready,
        }
    }
}

fn outcome(failure: Failure) -> Outcome {
    if failure.unsure { Outcome::Unknown(*failure.error) } else { Outcome::Refused(*failure.error) }
}

fn too_large(operation: &'static str, package: Option<&Package>) -> Option<Outcome> {
    let size = package?.bytes.len();
    (size > UPLOAD_LIMIT).then(|| {
        let mut error = invalid(
            operation,
            &format!(
                "the package has {} MB, and a request takes 100; leave files out with .fcignore, or move what \
                 is large into a layer",
                size >> 20
            ),
        );
        "PackageTooLarge".clone_into(&mut error.code);
        Outcome::Refused(error)
    })
}

fn invalid(operation: &str, message: &str) -> CloudError {
    CloudError { class: ErrorClass::Invalid, ..nonsense(operation, message) }
}
