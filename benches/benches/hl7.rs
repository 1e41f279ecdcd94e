//! A PCD-01 message: taken apart, put together and read, against splitting its text into strings.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pumplab_sim::wire::hl7::pcd::{Header, Observation, Party, read};
use pumplab_sim::wire::hl7::{Message, SegmentId, Stamp};
use pumplab_sim::wire::pump::PumpStatus;
use std::hint::black_box;

/// What a pump says about itself, as the lab writes it.
fn observation() -> (Header, Observation) {
    let party = |application: &str| Party {
        application: application.to_owned(),
        facility: "WARD".to_owned(),
    };
    let at = Stamp::from_unix(1_700_000_000).expect("in range");
    let header = Header::new(party("PUMPS"), party("EHR"), "M1", at);
    let status = PumpStatus {
        infusing: true,
        rate_ml_per_h: 12.5,
        infused_ml: 17.25,
        library_version: 4,
    };
    (header, Observation::of(42, "pump-3", &status, at))
}

/// How one would begin: every level into strings.
fn naive(text: &str) -> Vec<Vec<Vec<Vec<String>>>> {
    let parts = |field: &str| field.split('^').map(str::to_owned).collect();
    let repetitions = |field: &str| field.split('~').map(parts).collect();
    text.split_terminator('\r')
        .map(|line| line.split('|').map(repetitions).collect())
        .collect()
}

fn pcd01(c: &mut Criterion) {
    let (header, observation) = observation();
    let bytes = observation.write(&header).expect("finite numbers");
    let text = std::str::from_utf8(&bytes).expect("our messages are UTF-8");
    let message = Message::parse(&bytes).expect("what is written parses");
    let obx = SegmentId::new(*b"OBX").expect("a name");
    let mut group = c.benchmark_group("PCD-01");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("parse", |b| {
        b.iter(|| black_box(Message::parse(black_box(&bytes)).is_ok()));
    });
    group.bench_function("parse, and look at every component", |b| {
        b.iter(|| {
            let message = Message::parse(black_box(&bytes)).expect("it parses");
            let fields = message.segments().flat_map(|s| s.fields());
            let repetitions = fields.flat_map(|f| f.repetitions());
            black_box(repetitions.flat_map(|r| r.components()).count())
        });
    });
    group.bench_function("parse, and read the values of all OBX", |b| {
        b.iter(|| {
            let message = Message::parse(black_box(&bytes)).expect("it parses");
            let values = message.named(obx).map(|s| s.field(5).text().len());
            black_box(values.sum::<usize>())
        });
    });
    group.bench_function("parse and read as an observation", |b| {
        b.iter(|| {
            let message = Message::parse(black_box(&bytes)).expect("it parses");
            black_box(read(&message).is_ok())
        });
    });
    group.bench_function("write back", |b| {
        let mut out = Vec::with_capacity(bytes.len());
        b.iter(|| {
            out.clear();
            black_box(&message).write(&mut out);
            black_box(out.len())
        });
    });
    group.bench_function("build from an observation", |b| {
        b.iter(|| black_box(observation.write(black_box(&header)).is_ok()));
    });
    group.bench_function("split into strings", |b| {
        b.iter(|| black_box(naive(black_box(text)).len()));
    });
    group.finish();
}

criterion_group!(benches, pcd01);
criterion_main!(benches);
