//! Which instance serves which request, and when instances go.
//!
//! Every deployment has a shelf of seats; a seat is one instance, running or starting, with room for one request or,
//! in custom runtimes, for several. A request takes a free seat, puts up a new one, or waits. Seats of an older
//! generation take no new requests and are cleared when their last one is done. Instances that idle long enough are
//! retired. Whoever gives up waiting for an answer takes a built-in instance along: nobody knows what it is still doing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Notify, OnceCell};
use tokio::task::JoinSet;

use super::instance::{Instance, StartFailure};

/// How many instances one deployment may have at once.
const MOST_SEATS: usize = 10;

/// An instance that is there, is coming, or never came.
pub(super) type Cell = Arc<OnceCell<Result<Instance, StartFailure>>>;

/// Instances on their way out; dropping it ends them at once.
#[derive(Debug, Default)]
pub(super) struct Retirements(Mutex<JoinSet<()>>);

impl Retirements {
    fn add(&self, cells: Vec<Cell>) {
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        for cell in cells {
            tasks.spawn_on(async move { retire(&cell).await }, &runtime);
        }
    }

    /// Whether any is under way.
    pub(super) fn are_pending(&self) -> bool {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        !tasks.is_empty()
    }

    /// Takes those that are still under way.
    pub(super) fn take(&self) -> JoinSet<()> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn retire(cell: &Cell) {
    if let Some(Ok(instance)) = cell.get() {
        instance.retire().await;
    }
}

/// The instances of one deployment.
#[derive(Debug)]
pub(super) struct Shelf {
    state: Mutex<State>,
    freed: Notify,
    retirements: Arc<Retirements>,
    idle_timeout: Duration,
}

#[derive(Debug, Default)]
struct State {
    generation: u64,
    closed: bool,
    /// Set when the program insists on a port of its own, so that there can be but one of it.
    alone: bool,
    next_seat: u64,
    seats: Vec<Seat>,
}

#[derive(Debug)]
struct Seat {
    number: u64,
    generation: u64,
    capacity: usize,
    taken: usize,
    /// Counts requests, so that whoever looks twice knows whether it idled in between.
    uses: u64,
    /// Whether somebody waits for it to idle too long.
    watched: bool,
    cell: Cell,
}

/// What a request asks of a shelf.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub(super) generation: u64,
    /// How many requests one instance serves at once.
    pub(super) capacity: usize,
    /// Whether a second instance has to wait until the first has shown that it leaves room for others.
    pub(super) one_by_one: bool,
}

impl Shelf {
    pub(super) fn new(retirements: Arc<Retirements>, idle_timeout: Duration) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), freed: Notify::new(), retirements, idle_timeout })
    }

    /// Takes a place in an instance, waiting for one if need be; `None` once the shelf is closed.
    pub(super) async fn take(self: &Arc<Self>, wish: Wish) -> Option<Place> {
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            match self.try_take(wish) {
                Taking::Taken(place) => return Some(place),
                Taking::Closed => return None,
                Taking::Full => freed.await,
            }
        }
    }

    fn try_take(self: &Arc<Self>, wish: Wish) -> Taking {
        let mut state = self.lock();
        if state.closed {
            return Taking::Closed;
        }
        if wish.generation > state.generation {
            state.generation = wish.generation;
            state.alone = false;
            let outdated = state.remove_idle();
            self.retirements.add(outdated);
        }
        let starting = wish.one_by_one && state.seats.iter().any(|seat| seat.cell.get().is_none());
        let free = state
            .seats
            .iter_mut()
            .find(|seat| seat.generation == wish.generation && seat.taken < seat.capacity);
        let (number, cell) = if let Some(seat) = free {
            seat.taken += 1;
            seat.uses += 1;
            (seat.number, Arc::clone(&seat.cell))
        } else if !starting && state.seats.len() < if state.alone { 1 } else { MOST_SEATS } {
            let number = state.next_seat;
            let cell = Cell::default();
            state.next_seat += 1;
            state.seats.push(Seat {
                number,
                generation: wish.generation,
                capacity: wish.capacity.max(1),
                taken: 1,
                uses: 1,
                watched: false,
                cell: Arc::clone(&cell),
            });
            (number, cell)
        } else {
            return Taking::Full;
        };
        drop(state);
        Taking::Taken(Place {
            shelf: Arc::clone(self),
            number,
            cell,
            exclusive: wish.capacity <= 1,
            settled: false,
        })
    }

    /// Says that an instance has started, and whether there can be but one of it at a time.
    pub(super) fn started(&self, alone: bool) {
        self.lock().alone = alone;
        self.freed.notify_waiters();
    }

    /// Takes no more requests, and returns the idle instances; busy ones are retired when they are done.
    pub(super) fn close(&self) -> Vec<Cell> {
        let mut state = self.lock();
        state.closed = true;
        let idle = state.remove_idle();
        drop(state);
        self.freed.notify_waiters();
        idle
    }

    /// All instances, the busy ones included.
    pub(super) fn cells(&self) -> Vec<Cell> {
        self.lock().seats.iter().map(|seat| Arc::clone(&seat.cell)).collect()
    }

    /// Retires the idle instances now; they come back when they are needed.
    pub(super) async fn evict(&self) {
        let idle = self.lock().remove_idle();
        for cell in &idle {
            retire(cell).await;
        }
        self.freed.notify_waiters();
    }

    /// Whether one of its instances occupies a port of the machine.
    pub(super) fn occupies(&self, port: u16) -> bool {
        let occupied =
            |cell: &Cell| matches!(cell.get(), Some(Ok(instance)) if instance.occupied_port() == Some(port));
        self.cells().iter().any(occupied)
    }

    fn leave(self: &Arc<Self>, number: u64, dead: bool) {
        let mut state = self.lock();
        let (generation, closed) = (state.generation, state.closed);
        let Some(index) = state.seats.iter().position(|seat| seat.number == number) else {
            return;
        };
        let seat = &mut state.seats[index];
        seat.taken -= 1;
        let over = match seat.cell.get() {
            Some(Ok(instance)) => instance.is_over(),
            Some(Err(_)) => true,
            None => seat.taken == 0, // given up while it started
        };
        if dead || over {
            // Requests that still run in it hold it until they have noticed.
            state.seats.swap_remove(index);
        } else if seat.taken == 0 {
            if closed || seat.generation != generation {
                let seat = state.seats.swap_remove(index);
                self.retirements.add(vec![seat.cell]);
            } else {
                let unwatched = !std::mem::replace(&mut seat.watched, true);
                if unwatched {
                    self.watch(number);
                }
            }
        }
        drop(state);
        self.freed.notify_waiters();
    }

    /// Looks after an idle instance until it is gone: it goes between one and two idle times after its last request.
    fn watch(self: &Arc<Self>, number: u64) {
        let Ok(runtime) = Handle::try_current() else { return };
        let (here, pause): (Weak<Self>, _) = (Arc::downgrade(self), self.idle_timeout);
        runtime.spawn(async move {
            let mut seen = None;
            loop {
                {
                    let Some(here) = here.upgrade() else { return };
                    let mut state = here.lock();
                    let Some(index) = state.seats.iter().position(|seat| seat.number == number) else {
                        return;
                    };
                    let seat = &state.seats[index];
                    if seat.taken == 0 && seen == Some(seat.uses) {
                        let seat = state.seats.swap_remove(index);
                        here.retirements.add(vec![seat.cell]);
                        drop(state);
                        here.freed.notify_waiters();
                        return;
                    }
                    seen = Some(seat.uses);
                }
                tokio::time::sleep(pause).await;
            }
        });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn remove_idle(&mut self) -> Vec<Cell> {
        self.seats.extract_if(.., |seat| seat.taken == 0).map(|seat| seat.cell).collect()
    }
}

enum Taking {
    Taken(Place),
    Full,
    Closed,
}

/// A request's place in an instance, given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    shelf: Arc<Shelf>,
    number: u64,
    cell: Cell,
    /// Whether the instance is this request's alone.
    exclusive: bool,
    /// Whether the instance is known to be fit for further requests.
    settled: bool,
}

impl Place {
    /// The instance.
    pub(super) fn cell(&self) -> &Cell {
        &self.cell
    }

    /// The shelf it stands on.
    pub(super) fn shelf(&self) -> &Arc<Shelf> {
        &self.shelf
    }

    /// Gives the place back; `fit` says whether the instance may serve others.
    pub(super) fn give_back(mut self, fit: bool) {
        self.settled = fit;
        self.exclusive |= !fit;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shelf.leave(self.number, self.exclusive && !self.settled);
    }
}
