//! Planning from memory: how long it takes, and what it allocates. It has to grow with the number of resources, and no
//! faster.

#[path = "project.rs"]
mod project;

use project::{Project, project};

#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

fn plan(bencher: divan::Bencher<'_, '_>, project: &Project) {
    bencher.with_inputs(|| project.clone()).bench_values(Project::plan);
}

#[divan::bench(args = [1_000, 5_000], sample_count = 10)]
fn unchanged(bencher: divan::Bencher<'_, '_>, resources: usize) {
    plan(bencher, &project(resources, true));
}

#[divan::bench(args = [1_000, 5_000], sample_count = 10)]
fn creates(bencher: divan::Bencher<'_, '_>, resources: usize) {
    plan(bencher, &project(resources, false));
}

#[divan::bench(args = [1_000, 5_000], sample_count = 10)]
fn deletes(bencher: divan::Bencher<'_, '_>, resources: usize) {
    let mut project = project(resources, true);
    project.desired.clear();
    plan(bencher, &project);
}
