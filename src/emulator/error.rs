//! What the service answers when it refuses.
//!
//! Every SDK generation reads other keys of an error body, so all of them are sent: `Code`, `Message` and
//! `RequestId` for 2021 and later, `ErrorCode` and `ErrorMessage` for 2016. The constructors below are the
//! service's vocabulary; a handler names what is wrong and never a number.

use serde_json::{Value, json};

/// A refusal in the words of the service: status, code and message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// Such as `FunctionNotFound`; programs read it.
    pub code: String,
    /// For people.
    pub message: String,
    /// Milliseconds for the `x-acs-retry-after` header, which tells SDKs that they are being throttled.
    pub retry_after: Option<u64>,
}

impl ApiError {
    /// A refusal with any status and code.
    pub fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), retry_after: None }
    }

    /// 400: something about the request itself.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidArgument", message)
    }

    /// 400: no such operation.
    pub fn no_such_path(method: &str, path: &str) -> Self {
        Self::new(400, "PathNotSupported", format!("'{path}' against '{method}' is not supported"))
    }

    /// 400: the body is larger than the operation takes.
    pub fn too_large(limit: usize) -> Self {
        Self::new(400, "EntityTooLarge", format!("payload size exceeds maximum allowed size ({limit} bytes)"))
    }

    /// 404: `code` names the kind, `what` the thing, as in `function 'a'`.
    pub fn not_found(code: &str, what: impl std::fmt::Display) -> Self {
        Self::new(404, code, format!("{what} does not exist"))
    }

    /// 409: the name is taken.
    pub fn exists(code: &str, what: impl std::fmt::Display) -> Self {
        Self::new(409, code, format!("{what} already exists"))
    }

    /// 500: the cloud itself failed; never the caller's fault.
    pub fn internal(why: impl std::fmt::Display) -> Self {
        Self::new(500, "InternalServerError", format!("the embedded cloud could not do this: {why}"))
    }

    /// The JSON body.
    pub fn body(&self, request_id: &str) -> Value {
        json!({
            "Code": self.code,
            "Message": self.message,
            "RequestId": request_id,
            "ErrorCode": self.code,
            "ErrorMessage": self.message,
        })
    }
}
