use super::*;
use crate::HarnessError;
use crate::catalogue::control_titles;
use crate::console::Console;
use crate::library::{ResolvedLab, Shelf};
use crate::report::explanation;
use crate::report::words::Words;
use crate::verdict::{FORMAT, Manifest, RunEnd, RunReport, StepReport, Variant, Verdict};
use pumplab_sim::engine::{Entry, EventId, Lineage, NodeId, RecordId};
use pumplab_sim::record::{
    AttackRecord, DropReason, Flow, LabRecord, MonitoringRecord, NetworkRecord,
};
use pumplab_sim::time::{Duration, Time};
use pumplab_sim::why::trace::Trace;
use pumplab_sim::wire::Ip;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn ward() -> ResolvedLab {
    Shelf::open(None, false)
        .and_then(|shelf| shelf.lab("ward", Some("sp1800-8"), &[]))
        .expect("the ward resolves")
}

fn seconds(s: u64) -> Time {
    Time::ZERO + Duration::from_secs(s)
}

fn event(id: u64, parent: u64, node: u32, at: u64, label: &'static str) -> (EventId, Lineage) {
    let lineage = Lineage {
        parent: EventId::from_number(parent),
        because: pumplab_sim::engine::Because::default(),
        node: NodeId(node),
        time: seconds(at),
        label,
    };
    (EventId::from_number(id), lineage)
}

fn record(
    id: u64,
    event: u64,
    node: u32,
    at: u64,
    because: &[u64],
    what: LabRecord,
) -> Entry<LabRecord> {
    Entry {
        id: RecordId::from_number(id),
        time: seconds(at),
        node: NodeId(node),
        event: EventId::from_number(event),
        because: because.iter().map(|&r| RecordId::from_number(r)).collect(),
        what,
    }
}

/// An attacker in the business zone begins a step; two frames later the firewall drops what it sent; a timer ends the step. Beside it
/// stands a status message that has nothing to do with it.
fn trace(lab: &ResolvedLab) -> Trace {
    let firewall = lab
        .lab
        .routers
        .iter()
        .find(|r| r.name == "fw-business")
        .expect("the firewall of the business zone");
    let flow = Flow {
        src: Ip::new(10, 0, 60, 66),
        dst: Ip::new(10, 0, 40, 13),
        stream: true,
        port: 23,
    };
    let started = LabRecord::Attack(AttackRecord::StepStarted {
        step: 0,
        technique: "open-shell",
    });
    let dropped = LabRecord::Network(NetworkRecord::Dropped {
        why: DropReason::DefaultDeny(firewall.default.id),
        flow: Some(flow),
    });
    let ended = LabRecord::Attack(AttackRecord::StepEnded {
        step: 0,
        success: false,
        saw: "no answer",
    });
    Trace {
        entries: vec![
            record(1, 1, 0, 600, &[], started),
            record(
                2,
                9,
                2,
                601,
                &[],
                LabRecord::Monitoring(MonitoringRecord::StatusStored { pump: NodeId(3) }),
            ),
            record(3, 4, 1, 602, &[], dropped),
            record(4, 2, 0, 607, &[3], ended),
        ],
        // The timer was scheduled before the frames and fires after them.
        events: BTreeMap::from([
            event(1, 0, 0, 600, "timer"),
            event(2, 1, 0, 607, "timer"),
            event(3, 1, 2, 601, "frame"),
            event(4, 3, 1, 602, "frame"),
            event(9, 0, 2, 601, "frame"),
        ]),
        nodes: ["mallory", "fw-business", "business", "pump-03"]
            .map(str::to_owned)
            .to_vec(),
    }
}

fn words(lab: &ResolvedLab, trace: &Trace) -> Words {
    Words::new(
        trace.nodes.clone(),
        &lab.lab,
        lab.provenance.clone(),
        control_titles(),
    )
}

fn recorded(story: Story) -> Recorded {
    let step = StepReport {
        attacker: "mallory".to_owned(),
        number: 1,
        technique: "open-shell".to_owned(),
        success: Some(false),
        stage: "connect".to_owned(),
        saw: "no answer".to_owned(),
        stopped_by: Some(3),
        item: Some("fw-business default".to_owned()),
        control: Some("NET-02".to_owned()),
    };
    Recorded {
        report: RunReport {
            manifest: Manifest {
                format: FORMAT,
                pumplab: "0.1.0".to_owned(),
                seed_compatible_since: "0.1.0".to_owned(),
                scenario: "shell".to_owned(),
                called: "shell".to_owned(),
                library: None,
                costs: None,
                title: "A shell".to_owned(),
                variant: Variant::Run,
                scenario_hash: "00".to_owned(),
                seed: 7,
                defence: "sp1800-8".to_owned(),
                without: Vec::new(),
                controls: vec!["NET-02".to_owned()],
                notes: Vec::new(),
                inside_knowledge: Vec::new(),
                fingerprint: "ff".to_owned(),
                end: RunEnd::Complete,
                simulated: "1h".to_owned(),
                events: 9,
                records: 4,
            },
            verdict: Verdict {
                format: FORMAT,
                held: true,
                happened: "stopped at connect by NET-02 (fw-business default)".to_owned(),
                steps: vec![step],
                ..Verdict::default()
            },
            metrics: BTreeMap::from([("events".to_owned(), 0.1 + 0.2)]),
            wall: std::time::Duration::ZERO,
        },
        story,
    }
}

fn sample() -> (Recorded, RecordedLab) {
    let lab = ward();
    let trace = trace(&lab);
    let story = Story::of(&trace, &words(&lab, &trace));
    let recorded_lab = RecordedLab {
        lab: lab.lab,
        provenance: lab.provenance,
    };
    (recorded(story), recorded_lab)
}

fn scratch(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("pumplab-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    dir
}

fn write(root: &Path) -> PathBuf {
    let (run, lab) = sample();
    let directory = RunsDirectory::prepare(root).expect("a new directory");
    let place = directory
        .write("shell", &[(&run, &lab)])
        .expect("it is written");
    directory.finish(&["report"]).expect("it is finished");
    place
}

fn tell(tell: impl FnOnce(&mut Console<'_>) -> std::io::Result<()>) -> String {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    tell(&mut Console {
        out: &mut out,
        err: &mut err,
        color: false,
        err_color: false,
        watched: false,
        width: None,
    })
    .expect("writing to memory");
    String::from_utf8(out).expect("text")
}

#[test]
fn a_step_is_explained_from_its_first_cause_to_what_stopped_it() {
    let (run, _) = sample();
    insta::assert_snapshot!(tell(|c| explanation::run(&run, None, false, c)), @r"
    what happened   A shell: stopped at connect by NET-02 (fw-business default) (shell under sp1800-8, seed 7)
    decided by      fw-business default, configured by NET-02 Default-deny inter-zone policy with explicit allow-list
    next            pumplab run shell --defence sp1800-8 --without NET-02 --seed 7  (what if NET-02 were off)

    step 1 of mallory (open-shell) got as far as connect: no answer
            1      10 min  mallory      began step 1: open-shell
            3  10 min 2 s  fw-business  dropped 10.0.60.66 -> 10.0.40.13 (pump-03) tcp/23 (no rule permits it: fw-business default)
                                        because of fw-business default, configured by NET-02 Default-deny inter-zone policy with explicit allow-list
    ");
    insta::assert_snapshot!(tell(|c| explanation::record(&run.story, 4, c)), @r"
    1          10 min  mallory      began step 1: open-shell
                                  ... 1 frame
    3      10 min 2 s  fw-business  dropped 10.0.60.66 -> 10.0.40.13 (pump-03) tcp/23 (no rule permits it: fw-business default)
    4      10 min 7 s  mallory      step 1 failed: no answer
    ");
}

#[test]
fn the_stored_form_explains_as_the_trace_does() {
    let lab = ward();
    let trace = trace(&lab);
    let story = Story::of(&trace, &words(&lab, &trace));
    for entry in &trace.entries {
        let ours: Vec<u64> = story
            .explain(entry.id.number())
            .iter()
            .map(|hop| hop.event.id)
            .collect();
        let theirs: Vec<u64> = trace
            .explain(entry.id)
            .links
            .iter()
            .map(|link| link.event.number())
            .collect();
        assert_eq!(ours, theirs, "{}", entry.id);
    }
}

#[test]
fn effects_are_what_depends_on_a_record() {
    let (run, _) = sample();
    let effects = |id| run.story.effects(id).into_iter().collect::<Vec<_>>();
    assert_eq!(effects(1), [1, 3, 4]);
    assert_eq!(effects(3), [3, 4]);
    assert_eq!(effects(2), [2]);
    assert!(effects(99).is_empty());
}

#[test]
fn what_is_written_is_read_back() {
    let root = scratch("round-trip");
    let place = write(&root);
    let (run, lab) = sample();
    for path in [&root, &place, &place.join("run")] {
        let read = read(path, Variant::Run).expect("a run");
        assert_eq!(read.report, run.report);
        assert_eq!(read.story, run.story);
    }
    let text = fs::read_to_string(place.join("run/lab.json")).expect("the lab");
    let read: pumplab_sim::spec::LabSpec = serde_json::from_str(&text).expect("a lab");
    assert_eq!(read, lab.lab);
    assert!(matches!(
        read_problem(&place, Variant::Contrast),
        HarnessError::NotARun { .. }
    ));
    fs::remove_dir_all(root).expect("it was there");
}

fn read_problem(path: &Path, variant: Variant) -> HarnessError {
    read(path, variant).expect_err("not a run")
}

#[test]
fn runs_replace_older_ones_and_nothing_else() {
    let root = scratch("foreign");
    write(&root);
    write(&root);
    let names: Vec<_> = fs::read_dir(&root)
        .expect("it was written")
        .flatten()
        .map(|e| e.file_name())
        .filter(|n| n.to_string_lossy().starts_with('.'))
        .collect();
    assert!(names.is_empty(), "left behind: {names:?}");
    fs::remove_file(root.join("pumplab.json")).expect("the marker");
    let refused = RunsDirectory::prepare(&root).expect_err("it is foreign now");
    assert!(matches!(refused, HarnessError::ForeignDirectory(_)));
    assert!(root.join("shell/run/manifest.json").is_file());
    fs::remove_dir_all(root).expect("it was there");
}

#[test]
fn a_directory_that_is_cut_short_is_not_taken_for_a_run() {
    let root = scratch("cut");
    let place = write(&root).join("run");
    let trace = place.join("trace.jsonl");
    let text = fs::read_to_string(&trace).expect("a trace");
    let lines: Vec<&str> = text.lines().collect();
    for kept in 0..lines.len() {
        fs::write(&trace, lines[..kept].join("\n")).expect("it can be written");
        let problem = read_problem(&place, Variant::Run).to_string();
        assert!(problem.contains("trace.jsonl"), "{kept} lines: {problem}");
    }
    fs::write(&trace, text).expect("it can be written");
    let manifest = place.join("manifest.json");
    let newer = fs::read_to_string(&manifest)
        .expect("a manifest")
        .replace("\"format\": 1", "\"format\": 2");
    fs::write(&manifest, newer).expect("it can be written");
    assert!(matches!(
        read_problem(&place, Variant::Run),
        HarnessError::NewerFormat { found: 2, .. }
    ));
    fs::remove_file(&manifest).expect("a manifest");
    let problem = read_problem(&place, Variant::Run).to_string();
    assert!(problem.contains("manifest.json"), "{problem}");
    fs::remove_dir_all(root).expect("it was there");
}
