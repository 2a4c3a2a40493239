//! An apply's events, line by line.

use super::out::Out;
use crate::apply::Event;
use crate::plan::Plan;
use crate::render::human;
use crate::render::text::Label;

/// Tells one event.
pub fn tell(out: &Out, plan: &Plan, event: &Event) {
    match event {
        Event::Started(id) => {
            if let Some(step) = plan.steps.get(*id) {
                out.progress(&human::step_started(step));
            }
        }
        Event::Ended { step, end, took } => {
            if let Some(step) = plan.steps.get(*step) {
                let doc = human::step_ended(step, end, *took, out.width());
                if end.is_good() { out.progress(&doc) } else { out.note(&doc) }
            }
        }
        Event::Elsewhere { address, differences, modified } => {
            out.say(Label::Drift, "Moved since the plan was made, and not touched by it:");
            let rows = std::iter::once((address, differences.as_slice(), modified.as_deref()));
            out.note(&human::stale(rows, out.width()));
        }
        Event::NotStarted(_) => {} // counted and named at the end
        Event::Stopping => {
            out.say(Label::Bad, "Stopping: no new step starts; what is in flight is finished and recorded. Interrupt again to leave at once.");
        }
    }
}
