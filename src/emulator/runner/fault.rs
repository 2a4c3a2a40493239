//! How a call of a function can fail, and what the caller reads then.
//!
//! The service answers 200 to an event call whose function failed: the error type header alone tells, and the body is a
//! JSON object with `errorMessage` and, where the runtime knew more, `errorType` and `stackTrace`.

use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

/// A call that ended without the function's own answer.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// The function failed and its runtime reported how.
    Reported {
        /// The error body.
        body: Bytes,
        /// Whether the function said so itself, by an error passed to its callback.
        handled: bool,
    },
    /// It did not answer within this time, and was ended.
    TimedOut(Duration),
    /// Its process ended before it answered.
    Exited,
    /// What it answered to an HTTP request is no HTTP response, for this reason.
    BadResponse(String),
}

impl Fault {
    /// The value of `X-Fc-Error-Type`.
    pub(super) fn error_type(&self) -> &'static str {
        match self {
            Self::Reported { handled: true, .. } => "HandledInvocationError",
            Self::Reported { .. } | Self::TimedOut(_) | Self::Exited => "UnhandledInvocationError",
            Self::BadResponse(_) => "FCCommonError",
        }
    }

    /// Whether the instance lives on.
    pub(super) fn spares_the_instance(&self) -> bool {
        matches!(self, Self::Reported { .. } | Self::BadResponse(_))
    }

    /// The error body.
    pub(super) fn body(&self, duration: Duration, memory_mb: f64) -> Bytes {
        match self {
            Self::Reported { body, .. } => body.clone(),
            Self::TimedOut(_) | Self::Exited | Self::BadResponse(_) => {
                Bytes::from(json!({ "errorMessage": self.message(duration, memory_mb) }).to_string())
            }
        }
    }

    /// One line for the log.
    pub(super) fn message(&self, duration: Duration, memory_mb: f64) -> String {
        match self {
            Self::Reported { .. } => "Unhandled function error".to_owned(),
            Self::BadResponse(reason) => format!("the function's answer is no HTTP response: {reason}"),
            Self::TimedOut(limit) => {
                format!("Function time out after {} seconds", limit.as_secs_f64())
            }
            Self::Exited => format!(
                "Process exited unexpectedly before completing request (duration: {}ms, maxMemoryUsage: {memory_mb}MB)",
                duration.as_millis()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Fault;

    #[test]
    fn bodies_are_the_services() {
        let body = |fault: Fault| {
            String::from_utf8(fault.body(Duration::from_millis(12), 0.0).to_vec()).expect("text")
        };
        assert_eq!(
            body(Fault::Exited),
            r#"{"errorMessage":"Process exited unexpectedly before completing request (duration: 12ms, maxMemoryUsage: 0MB)"}"#
        );
        assert_eq!(
            body(Fault::TimedOut(Duration::from_secs(3))),
            r#"{"errorMessage":"Function time out after 3 seconds"}"#
        );
    }
}
