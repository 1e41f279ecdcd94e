//! A ward hour under each defence, the whole run with the building of the lab; and a fork of a ward in full work.

use criterion::{Criterion, criterion_group, criterion_main};
use pumplab_scenarios::Library;
use pumplab_sim::engine::End;
use pumplab_sim::run::{Live, run};
use pumplab_sim::time::{Duration, Time};
use std::hint::black_box;

fn ward_hour(c: &mut Criterion) {
    let library = Library::embedded();
    let mut group = c.benchmark_group("ward hour");
    group.sample_size(20);
    for defence in ["legacy", "sp1800-8"] {
        let config = pumplab_benches::ward_hour(&library, defence).expect("the library has it");
        group.bench_function(defence, |b| {
            b.iter(|| {
                black_box(
                    run(black_box(&config))
                        .expect("the ward fits together")
                        .events,
                )
            });
        });
    }
    group.finish();
}

fn fork(c: &mut Criterion) {
    let library = Library::embedded();
    let config = pumplab_benches::ward_hour(&library, "sp1800-8").expect("the library has it");
    let mut live = Live::new(&config).expect("the ward fits together");
    let end = live.run_until(Time::ZERO + Duration::from_mins(30));
    assert_eq!(end, End::Horizon);
    c.bench_function("fork of a ward", |b| b.iter(|| black_box(live.fork())));
}

criterion_group!(benches, ward_hour, fork);
criterion_main!(benches);
