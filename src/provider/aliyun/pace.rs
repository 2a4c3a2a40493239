//! How often, how long, and how many at a time.
//!
//! A request is repeated only where a repeat cannot do harm: it was never sent, or the service turned it away
//! before any effect, or it only reads. Waits grow exponentially with full jitter, so that many tasks that
//! were turned away together do not come back together; the service's own advice comes first. Both the tries
//! and the time are bounded. Reads in flight are limited; the limit is halved when the service complains, and
//! grows again with every round of answers.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// What went wrong with one try, as far as a repeat cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No connection: nothing was sent.
    NotSent,
    /// The service had too many calls, and did nothing.
    Throttled,
    /// Two writes met, and this one did nothing.
    Concurrent,
    /// The service failed, the connection broke or time ran out: what came of it is unknown.
    Broken,
    /// The service gave an answer that a repeat will not change.
    Settled,
}

impl Trouble {
    /// Returns how often a request is tried in all.
    fn tries(self, only_reads: bool) -> usize {
        match self {
            Self::NotSent => 3,
            Self::Throttled => 10,
            Self::Concurrent => 6,
            Self::Broken if only_reads => 4,
            Self::Broken | Self::Settled => 1,
        }
    }
}

/// How long to go on.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The first wait, at most.
    pub first: Duration,
    /// The longest wait that triform chooses by itself.
    pub longest: Duration,
    /// No wait is begun that would end later than this after the first try.
    pub total: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(300),
            longest: Duration::from_secs(15),
            total: Duration::from_secs(90),
        }
    }
}

/// Tries something until it succeeds or patience ends; returns the last failure.
///
/// `judge` says what a failure is and how long the service asks to wait. `chance` gives numbers from 0 to 1.
pub async fn repeat<T, E, F: Future<Output = Result<T, E>>>(
    patience: Patience,
    only_reads: bool,
    chance: impl Fn() -> f64,
    mut attempt: impl FnMut() -> F,
    judge: impl Fn(&E) -> (Trouble, Option<Duration>),
) -> Result<T, E> {
    let mut waits = ExponentialBuilder::new()
        .with_min_delay(patience.first)
        .with_max_delay(patience.longest)
        .with_factor(2.0)
        .without_max_times()
        .build();
    let begun = Instant::now();
    let mut tries = 0;
    loop {
        let failure = match attempt().await {
            Ok(value) => return Ok(value),
            Err(failure) => failure,
        };
        tries += 1;
        let (trouble, advised) = judge(&failure);
        let ceiling = waits.next().unwrap_or(patience.longest);
        let wait = advised.unwrap_or_default() + ceiling.mul_f64(chance().clamp(0.0, 1.0));
        if tries >= trouble.tries(only_reads) || begun.elapsed() + wait > patience.total {
            return Err(failure);
        }
        tokio::time::sleep(wait).await;
    }
}

/// Returns an identity that was never drawn before.
#[expect(clippy::disallowed_methods, reason = "a nonce and a jitter decide nothing that a person could see")]
pub fn lot() -> uuid::Uuid {
    uuid::Uuid::new_v4()
}

/// Returns a number from 0 to 1, another one each time.
pub fn chance() -> f64 {
    let (high, _) = lot().as_u64_pair();
    let bits = u32::try_from(high >> 32).expect("the upper half of 64 bits is 32 bits");
    f64::from(bits) / f64::from(u32::MAX)
}

/// The gate that every read goes through.
#[derive(Debug)]
pub struct Gate {
    permits: Semaphore,
    state: Mutex<State>,
    most: usize,
}

#[derive(Debug)]
struct State {
    /// How many may be in flight.
    limit: usize,
    /// Permits that are still out and must not come back.
    owed: usize,
    /// Moves with each halving, so that one burst of complaints halves once.
    era: u64,
    /// Answers since the limit last changed.
    answers: usize,
}

/// One read's way through the gate.
#[derive(Debug)]
pub struct Pass<'a> {
    gate: &'a Gate,
    permit: Option<SemaphorePermit<'a>>,
    era: u64,
}

impl Gate {
    /// Lets this many through at a time.
    pub fn new(most: usize) -> Self {
        let state = State { limit: most, owed: 0, era: 0, answers: 0 };
        Self { permits: Semaphore::new(most), state: Mutex::new(state), most }
    }

    /// Waits for a place.
    pub async fn enter(&self) -> Pass<'_> {
        let permit = self.permits.acquire().await.ok();
        Pass { gate: self, permit, era: self.state().era }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass<'_> {
    /// Gives the place back, and says whether the service complained about the pace.
    pub fn leave(self, throttled: bool) {
        let mut state = self.gate.state();
        if throttled {
            if self.era == state.era {
                let halved = (state.limit / 2).max(1);
                state.owed += state.limit - halved;
                state.limit = halved;
                state.era += 1;
                state.answers = 0;
            }
        } else {
            state.answers += 1;
            if state.answers >= state.limit && state.limit < self.gate.most {
                state.limit += 1;
                state.answers = 0;
                if state.owed > 0 {
                    state.owed -= 1;
                } else {
                    self.gate.permits.add_permits(1);
                }
            }
        }
        let free = self.gate.permits.forget_permits(state.owed);
        state.owed -= free;
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut state = self.gate.state();
        if state.owed > 0
            && let Some(permit) = self.permit.take()
        {
            state.owed -= 1;
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs scripted failures; returns how many tries there were and the time they took.
    async fn run(
        only_reads: bool,
        failures: &[(Trouble, Option<Duration>)],
    ) -> (usize, Result<(), ()>, Duration) {
        let mut tries = 0;
        let begun = Instant::now();
        let attempt = || {
            tries += 1;
            std::future::ready(failures.get(tries - 1).map_or(Ok(()), |failure| Err(*failure)))
        };
        let result = repeat(Patience::default(), only_reads, || 1.0, attempt, |failure| *failure).await;
        (tries, result.map_err(|_| ()), begun.elapsed())
    }

    #[track_caller]
    fn check(only_reads: bool, trouble: Trouble, failures: usize, expected: (usize, Result<(), ()>)) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        let (tries, result, _) = runtime.block_on(run(only_reads, &vec![(trouble, None); failures]));
        assert_eq!((tries, result), expected);
    }

    #[test]
    fn what_was_turned_away_is_tried_again_even_when_it_writes() {
        check(false, Trouble::Throttled, 3, (4, Ok(())));
        check(false, Trouble::Concurrent, 3, (4, Ok(())));
        check(false, Trouble::NotSent, 1, (2, Ok(())));
    }

    #[test]
    fn what_may_have_had_an_effect_is_tried_again_only_when_it_reads() {
        check(true, Trouble::Broken, 2, (3, Ok(())));
        check(false, Trouble::Broken, 1, (1, Err(())));
    }

    #[test]
    fn a_refusal_is_final() {
        check(true, Trouble::Settled, 1, (1, Err(())));
        check(false, Trouble::Settled, 1, (1, Err(())));
    }

    #[test]
    fn every_trouble_ends() {
        check(true, Trouble::Broken, 100, (4, Err(())));
        check(true, Trouble::NotSent, 100, (3, Err(())));
        check(false, Trouble::Concurrent, 100, (6, Err(())));
        check(false, Trouble::Throttled, 100, (10, Err(())));
    }

    #[tokio::test(start_paused = true)]
    async fn the_services_advice_is_kept_and_time_is_bounded() {
        let advice = Some(Duration::from_secs(20));
        let (tries, result, took) = run(false, &[(Trouble::Throttled, advice)]).await;
        assert_eq!((tries, result), (2, Ok(())));
        assert_eq!(took, Duration::from_millis(20_300));
        let (tries, result, took) = run(false, &[(Trouble::Throttled, advice); 50]).await;
        assert_eq!((tries, result), (5, Err(())));
        assert!(took <= Patience::default().total, "{took:?}");
    }

    #[tokio::test]
    async fn a_complaint_halves_the_gate_once_and_answers_open_it_again() {
        let gate = Gate::new(8);
        let mut burst = Vec::new();
        for _ in 0..8 {
            burst.push(gate.enter().await);
        }
        for pass in burst {
            pass.leave(true);
        }
        assert_eq!((gate.state().limit, gate.permits.available_permits()), (4, 4), "halved once");
        for _ in 0..100 {
            gate.enter().await.leave(false);
        }
        assert_eq!((gate.state().limit, gate.permits.available_permits()), (8, 8), "restored");
    }

    #[tokio::test]
    async fn a_read_that_is_given_up_gives_its_place_back() {
        let gate = Gate::new(1);
        drop(gate.enter().await);
        assert_eq!(gate.permits.available_permits(), 1);
        gate.enter().await.leave(true);
        assert_eq!(gate.permits.available_permits(), 1, "one is the least");
    }
}
