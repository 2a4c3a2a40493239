//! Ten times the changes cost ten times the work: counted in allocations, which no busy machine can distort.

use super::{many, schemas};
use crate::plan::Document;
use crate::render::human::{self, View};
use crate::render::{Part, RENDERERS, Shown};

/// How much more than in proportion the number of allocations may grow.
const SLACK: f64 = 1.1;

/// The same for bytes: a buffer that doubles when it is full is up to twice as large as what is in it.
const SLACK_IN_BYTES: f64 = 2.0;

/// Demands that some work grows with a plan, and no faster.
fn grows_linearly(what: &str, small: &Document, large: &Document, work: &dyn Fn(&Document) -> String) {
    let count = |document: &Document| {
        let measured = allocation_counter::measure(|| drop(work(document)));
        #[expect(clippy::cast_precision_loss, reason = "some millions")]
        (measured.count_total as f64, measured.bytes_total as f64, measured.bytes_max as f64)
    };
    let (few, many) = (count(small), count(large));
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let times = large.plan.changes.len() as f64 / small.plan.changes.len() as f64;
    for (unit, few, many, slack) in [
        ("allocations", few.0, many.0, SLACK),
        ("bytes", few.1, many.1, SLACK_IN_BYTES),
        ("bytes at once", few.2, many.2, SLACK_IN_BYTES),
    ] {
        assert!(many <= few * times * slack, "{what}: {many} {unit} for {times} times as much as {few}");
    }
}

#[test]
fn no_rendering_grows_faster_than_its_plan() {
    let schemas = schemas();
    let changes = super::plan("whole").plan.changes.len();
    let (small, large) = (many(1_000_usize.div_ceil(changes)), many(10_000_usize.div_ceil(changes)));
    assert!(small.plan.changes.len() >= 1_000 && large.plan.changes.len() >= 10_000);
    for renderer in RENDERERS {
        grows_linearly(renderer.name, &small, &large, &|document| {
            (renderer.render)(&Shown { document, schemas: &schemas, part: Part::Whole })
        });
    }
    for compact in [false, true] {
        grows_linearly("human", &small, &large, &|document| {
            let content = |digest| document.content(digest);
            let view = View {
                width: 80,
                schemas: &schemas,
                content: &content,
                secrets: &document.secrets,
                diff_lines: 40,
                compact,
            };
            human::plan(&document.plan, &view, Part::Whole).paint(false)
        });
    }
}
