//! Programs: an attacker's plan made into something that others carry and run, and back.

use super::{Attacker, Knowledge, PlanError};
use crate::spec::{ParamValue, ProgramSpec, StepSpec};
use crate::time::Duration;
use crate::wire::Ip;
use crate::wire::program::{PlanStep, PlanValue, Program};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Makes a program of an attacker's.
///
/// # Errors
/// The first step that names no technique or has wrong parameters, and what is wrong.
pub fn make(spec: &ProgramSpec, author: &str, home: Option<Ip>) -> Result<Program, PlanError> {
    Attacker::new(&spec.steps, Knowledge::default())?;
    let step = |s: &StepSpec| PlanStep {
        after: s.after,
        technique: s.technique.clone(),
        with: packed(&s.with),
    };
    Ok(Program {
        family: spec.family.clone(),
        author: author.to_owned(),
        home,
        plan: Arc::new(spec.steps.iter().map(step).collect()),
    })
}

/// The attacker that a running program is: its plan, counted from `began`, and itself to pass on. None where its plan makes no sense.
#[must_use]
pub fn run(program: &Program, began: Duration) -> Option<Attacker> {
    let step = |s: &PlanStep| StepSpec {
        after: began + s.after,
        technique: s.technique.clone(),
        with: unpacked(&s.with),
    };
    let steps: Vec<StepSpec> = program.plan.iter().map(step).collect();
    let knowledge = Knowledge {
        programs: vec![(String::new(), program.clone())],
        ..Knowledge::default()
    };
    let attacker = Attacker::new(&steps, knowledge).ok()?;
    Some(attacker.counted_from(crate::record::PROGRAM_STEPS))
}

fn packed(with: &BTreeMap<String, ParamValue>) -> BTreeMap<String, PlanValue> {
    with.iter().map(|(k, v)| (k.clone(), pack(v))).collect()
}

fn pack(value: &ParamValue) -> PlanValue {
    match value {
        ParamValue::Bool(b) => PlanValue::Bool(*b),
        ParamValue::Integer(n) => PlanValue::Integer(*n),
        ParamValue::Float(f) => PlanValue::Float(*f),
        ParamValue::Text(t) => PlanValue::Text(t.clone()),
        ParamValue::Table(t) => PlanValue::Table(packed(t)),
        ParamValue::List(items) => PlanValue::List(items.iter().map(pack).collect()),
    }
}

fn unpacked(with: &BTreeMap<String, PlanValue>) -> BTreeMap<String, ParamValue> {
    with.iter().map(|(k, v)| (k.clone(), unpack(v))).collect()
}

fn unpack(value: &PlanValue) -> ParamValue {
    match value {
        PlanValue::Bool(b) => ParamValue::Bool(*b),
        PlanValue::Integer(n) => ParamValue::Integer(*n),
        PlanValue::Float(f) => ParamValue::Float(*f),
        PlanValue::Text(t) => ParamValue::Text(t.clone()),
        PlanValue::Table(t) => ParamValue::Table(unpacked(t)),
        PlanValue::List(items) => ParamValue::List(items.iter().map(unpack).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(after: Duration) -> ProgramSpec {
        let with = BTreeMap::from([
            ("last".to_owned(), ParamValue::Integer(9)),
            ("flaw".to_owned(), ParamValue::Text("a-flaw".to_owned())),
        ]);
        ProgramSpec {
            name: "worm".to_owned(),
            family: "smb-worm".to_owned(),
            steps: vec![StepSpec {
                after,
                technique: "spread".to_owned(),
                with,
            }],
        }
    }

    #[test]
    fn a_plan_comes_out_of_a_program_as_it_went_in() {
        let spec = spec(Duration::from_mins(1));
        let program = make(&spec, "mallory", None).expect("it makes sense");
        assert_eq!(unpacked(&program.plan[0].with), spec.steps[0].with);
        let attacker = run(&program, Duration::from_mins(7)).expect("it made sense before");
        assert_eq!(attacker.current(), crate::record::PROGRAM_STEPS);
    }

    #[test]
    fn a_program_with_a_wrong_plan_is_not_made() {
        let mut spec = spec(Duration::ZERO);
        spec.steps[0].technique = "fly".to_owned();
        assert_eq!(
            make(&spec, "mallory", None)
                .map(|_| ())
                .expect_err("no such technique")
                .step,
            0
        );
    }
}
