//! The one place that makes HTTP clients.
//!
//! A client that speaks TLS needs a provider of cryptography to be installed in the process, and panics
//! without one, whichever test or command comes first. So everything that reaches a network takes its client
//! from here, and a lint points anybody else to it.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::redirect::Policy;

/// What lies between here and the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Proxies as the environment says, and TLS under the machine's own root certificates.
    Network,
    /// This machine, with TLS: no proxy.
    Loopback,
    /// This machine, without TLS: no proxy, and no root certificates, whose reading takes tens of milliseconds.
    PlainLoopback,
}

/// How many redirects are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redirects {
    /// None: the answer is the redirect itself. For signed calls, whose signature is for one host.
    None,
    /// A few, for plain downloads.
    Few,
}

/// Returns a client that waits this long for a connection; it sets no other time-out.
pub fn client(way: Way, redirects: Redirects, connect: Duration) -> Result<reqwest::Client, reqwest::Error> {
    /// Servers close idle connections, mostly after a minute; a write on one of those would be lost.
    const IDLE: Duration = Duration::from_secs(20);
    static CRYPTOGRAPHY: OnceLock<()> = OnceLock::new();
    CRYPTOGRAPHY.get_or_init(|| {
        // An error means that somebody installed one before, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("triform/", env!("CARGO_PKG_VERSION")))
        .referer(false)
        .connect_timeout(connect)
        .pool_idle_timeout(IDLE)
        .redirect(match redirects {
            Redirects::None => Policy::none(),
            Redirects::Few => Policy::limited(5),
        });
    if way != Way::Network {
        builder = builder.no_proxy();
    }
    if way == Way::PlainLoopback {
        builder = builder.tls_certs_only([]);
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_can_be_gone() {
        for way in [Way::Network, Way::Loopback, Way::PlainLoopback] {
            let made = client(way, Redirects::None, Duration::from_secs(1));
            // A machine without root certificates may refuse the first; nothing may panic.
            assert!(made.is_ok() || way != Way::PlainLoopback, "{made:?}");
        }
    }
}
