//! What needs what, drawn.
//!
//! Resources stand in layers: each to the right of everything that it needs, by the longest way. Within a layer they
//! are sorted once by where what they need stands. That takes time as the number of resources and dependencies does.
//! Those that need nothing and are needed by nothing stand in rows below. More than [`MOST`] are not drawn: then only
//! those that move are, and of these the first.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use maud::{Markup, html};

use super::tone;
use crate::model::Address;
use crate::plan::{Change, Plan};
use crate::render::text::plain;
use crate::render::view::{Mark, PlanView, plural};

/// The most resources in a drawing.
const MOST: usize = 120;

const WIDTH: usize = 252;
const HEIGHT: usize = 34;
const COLUMN: usize = WIDTH + 72;
const ROW: usize = HEIGHT + 14;
const MARGIN: usize = 10;
/// Characters of an address in its box.
const LETTERS: usize = 27;
/// Columns of those that stand alone.
const ALONE: usize = 3;

/// Returns the drawing, and what is to be known about it.
pub(super) fn section(plan: &Plan, view: &PlanView, numbers: &BTreeMap<&str, usize>) -> Markup {
    let (shown, note) = chosen(plan);
    let graph = Graph::of(&shown);
    let (width, height) = graph.size();
    let marks: BTreeMap<&str, Mark> =
        view.resources.iter().map(|resource| (resource.address.as_str(), resource.mark)).collect();
    html! {
        @if !shown.is_empty() {
            section #graph aria-labelledby="graph-title" {
                h2 #graph-title { "Dependencies" }
                p .how { "A line leads from what must stand first to what needs it." @if let Some(note) = note { " " (note) } }
                div .drawing role="region" aria-label="drawing of the dependencies" tabindex="0" {
                    svg width=(width) height=(height) viewBox=(format!("0 0 {width} {height}")) role="group"
                        aria-label=(format!("{} {}", shown.len(), plural(shown.len(), "resource"))) {
                        @for (from, to) in &graph.lines { path .edge d=(curve(graph.spots[*from], graph.spots[*to])) {} }
                        @for (change, spot) in shown.iter().zip(&graph.spots) {
                            @let address = plain(&change.address.to_string());
                            @let mark = marks.get(address.as_str()).copied().unwrap_or(Mark::Same);
                            @match numbers.get(address.as_str()) {
                                Some(number) => a href=(format!("#r{number}")) { (node(&address, mark, *spot)) },
                                None => g { (node(&address, mark, *spot)) },
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Returns the resources that are drawn, and what is to be said about the others.
fn chosen(plan: &Plan) -> (Vec<&Change>, Option<String>) {
    let all = plan.changes.len();
    if all <= MOST {
        return (plan.changes.values().collect(), None);
    }
    let mut moving: Vec<&Change> = plan.moving().collect();
    let count = moving.len();
    moving.truncate(MOST);
    let which = if count > MOST {
        format!("the first {MOST} of the {count} that move")
    } else {
        format!("the {count} that move")
    };
    (moving, Some(format!("Of {all} resources only {which} are drawn.")))
}

/// Where a box stands: its upper left corner.
type Spot = (usize, usize);

struct Graph {
    spots: Vec<Spot>,
    lines: Vec<(usize, usize)>,
}

impl Graph {
    fn of(shown: &[&Change]) -> Self {
        let numbers: BTreeMap<&Address, usize> =
            shown.iter().enumerate().map(|(at, change)| (&change.address, at)).collect();
        let lines: Vec<(usize, usize)> = shown
            .iter()
            .enumerate()
            .flat_map(|(to, change)| {
                let needs: BTreeSet<&Address> = change.depends_on.iter().chain(&change.parent).collect();
                needs
                    .into_iter()
                    .filter_map(|from| numbers.get(from))
                    .map(move |from| (*from, to))
                    .collect::<Vec<_>>()
            })
            .collect();
        let mut needs: Vec<Vec<usize>> = vec![Vec::new(); shown.len()];
        let mut needed: Vec<Vec<usize>> = vec![Vec::new(); shown.len()];
        for (from, to) in &lines {
            needs[*to].push(*from);
            needed[*from].push(*to);
        }
        let layers = layers(&needs, &needed);
        let mut spots = vec![(MARGIN, MARGIN); shown.len()];
        let mut columns: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut alone = Vec::new();
        for (at, layer) in layers.into_iter().enumerate() {
            if needs[at].is_empty() && needed[at].is_empty() {
                alone.push(at);
            } else {
                columns.entry(layer).or_default().push(at);
            }
        }
        for (layer, column) in &mut columns {
            column.sort_by_key(|at| {
                let rows = needs[*at].iter().map(|from| spots[*from].1);
                (rows.sum::<usize>() / needs[*at].len().max(1), *at)
            });
            for (row, at) in column.iter().enumerate() {
                spots[*at] = (MARGIN + layer * COLUMN, MARGIN + row * ROW);
            }
        }
        let below = columns.values().map(|column| column.len() * ROW + ROW / 2).max().unwrap_or_default();
        for (number, at) in alone.into_iter().enumerate() {
            let (row, column) = (number / ALONE, number % ALONE);
            spots[at] = (MARGIN + column * COLUMN, MARGIN + below + row * ROW);
        }
        Self { spots, lines }
    }

    fn size(&self) -> (usize, usize) {
        let right = self.spots.iter().map(|spot| spot.0).max().unwrap_or_default();
        let bottom = self.spots.iter().map(|spot| spot.1).max().unwrap_or_default();
        (right + WIDTH + MARGIN, bottom + HEIGHT + MARGIN)
    }
}

/// Returns the length of the longest way to each, over everything that it needs.
fn layers(needs: &[Vec<usize>], needed: &[Vec<usize>]) -> Vec<usize> {
    let mut layers = vec![0; needs.len()];
    let mut missing: Vec<usize> = needs.iter().map(Vec::len).collect();
    let mut ready: VecDeque<usize> = (0..needs.len()).filter(|at| missing[*at] == 0).collect();
    let mut seen = BTreeSet::new();
    while let Some(at) = ready.pop_front() {
        if !seen.insert(at) {
            continue;
        }
        for next in &needed[at] {
            layers[*next] = layers[*next].max(layers[at] + 1);
            missing[*next] -= 1;
            if missing[*next] == 0 {
                ready.push_back(*next);
            }
        }
    }
    layers
}

fn curve(from: Spot, to: Spot) -> String {
    let (start, end) = ((from.0 + WIDTH, from.1 + HEIGHT / 2), (to.0, to.1 + HEIGHT / 2));
    let bend = 36;
    format!(
        "M{} {} C{} {} {} {} {} {}",
        start.0,
        start.1,
        start.0 + bend,
        start.1,
        end.0 - bend,
        end.1,
        end.0,
        end.1
    )
}

fn node(address: &str, mark: Mark, (x, y): Spot) -> Markup {
    let short = if address.chars().count() > LETTERS {
        address.chars().take(LETTERS - 1).chain(['…']).collect()
    } else {
        address.to_owned()
    };
    html! {
        g .node .(tone(mark)) {
            title { (address) }
            rect x=(x) y=(y) width=(WIDTH) height=(HEIGHT) rx="8" {}
            text .sign x=(x + 12) y=(y + 22) { (mark.sign()) }
            text x=(x + 40) y=(y + 22) { (short) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_stands_right_of_what_it_needs() {
        let needs = vec![vec![], vec![0], vec![0, 1], vec![], vec![2, 3]];
        let needed = vec![vec![1, 2], vec![2], vec![4], vec![4], vec![]];
        assert_eq!(layers(&needs, &needed), [0, 1, 2, 0, 3]);
    }
}
