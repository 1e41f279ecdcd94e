//! Properties of the controller under random commands and random facts.

use proptest::prelude::*;

use super::*;

const HARD_MAX: f64 = 120.0;

#[derive(Clone, Copy, Debug)]
enum Op {
    Air(bool),
    ChangeRate(f64, bool),
    Door(bool),
    NewBag(f64),
    Occluded(bool),
    Pause,
    Plugged(bool),
    PowerOff,
    PowerOn,
    Programme(f64, f64, bool),
    Resume,
    Silence,
    Start,
    Stop,
    SystemError,
    Unchecked(f64),
    Wait,
}

impl Op {
    /// Does it; a refusal is an answer like another.
    fn apply(self, pump: &mut Delivery, now: Time) -> Events {
        let outcome =
            |result: Result<ProgrammeOutcome, Refusal>| result.map(|outcome| outcome.events);
        let result = match self {
            Self::Air(true) => Ok(pump.air_in_line(now)),
            Self::Air(false) => Ok(pump.clear_air(now)),
            Self::ChangeRate(rate, soft) => outcome(pump.change_rate(now, &library(), rate, soft)),
            Self::Door(true) => Ok(pump.open_door(now)),
            Self::Door(false) => Ok(pump.close_door(now)),
            Self::NewBag(volume) => pump.new_bag(now, volume),
            Self::Occluded(true) => Ok(pump.occlude(now)),
            Self::Occluded(false) => Ok(pump.clear_occlusion(now)),
            Self::Pause => pump.pause(now),
            Self::Plugged(true) => Ok(pump.plug_in(now)),
            Self::Plugged(false) => Ok(pump.unplug(now)),
            Self::PowerOff => pump.power_off(now),
            Self::PowerOn => pump.power_on(now),
            Self::Programme(rate, volume, soft) => {
                outcome(pump.programme(now, &library(), programme(rate, volume), soft))
            }
            Self::Resume => pump.resume(now),
            Self::Silence => pump.silence(now),
            Self::Start => pump.start(now),
            Self::Stop => pump.stop(now),
            Self::SystemError => Ok(pump.system_error(now)),
            Self::Unchecked(rate) => pump.set_rate_unchecked(now, rate),
            Self::Wait => Ok(Events::new()),
        };
        result.unwrap_or_else(|refusal| refusal.events)
    }
}

fn any_rate() -> impl Strategy<Value = f64> {
    prop_oneof![8 => 0.05_f64..300.0, 1 => Just(HARD_MAX), 1 => Just(f64::INFINITY), 1 => Just(-1.0)]
}

fn any_op() -> impl Strategy<Value = Op> {
    prop_oneof![
        1 => any::<bool>().prop_map(Op::Air),
        3 => (any_rate(), any::<bool>()).prop_map(|(rate, soft)| Op::ChangeRate(rate, soft)),
        1 => any::<bool>().prop_map(Op::Door),
        2 => (0.0_f64..400.0).prop_map(Op::NewBag),
        2 => any::<bool>().prop_map(Op::Occluded),
        2 => Just(Op::Pause),
        2 => any::<bool>().prop_map(Op::Plugged),
        1 => Just(Op::PowerOff),
        3 => Just(Op::PowerOn),
        4 => (any_rate(), 0.0_f64..200.0, any::<bool>()).prop_map(|(r, v, soft)| Op::Programme(r, v, soft)),
        3 => Just(Op::Resume),
        1 => Just(Op::Silence),
        6 => Just(Op::Start),
        1 => Just(Op::Stop),
        1 => Just(Op::SystemError),
        1 => any_rate().prop_map(Op::Unchecked),
        3 => Just(Op::Wait),
    ]
}

/// What happens and when; often at once or at the very next deadline.
fn any_ops() -> impl Strategy<Value = Vec<(Gap, Op)>> {
    let gap = prop_oneof![
        2 => Just(Gap::None),
        1 => Just(Gap::ToDeadline),
        3 => (0_u64..7_200_000_000_000).prop_map(Gap::Nanos),
    ];
    proptest::collection::vec((gap, any_op()), 0..60)
}

#[derive(Clone, Copy, Debug)]
enum Gap {
    Nanos(u64),
    None,
    ToDeadline,
}

impl Gap {
    fn after(self, now: Time, pump: &Delivery) -> Time {
        match self {
            Self::Nanos(nanos) => now + Duration::from_nanos(nanos),
            Self::None => now,
            Self::ToDeadline => pump.next_deadline(now).unwrap_or(now),
        }
    }
}

fn any_config() -> impl Strategy<Value = DeliveryConfig> {
    (
        0.0_f64..300.0,
        -0.05_f64..=0.05,
        any::<bool>(),
        0.0_f64..=0.02,
    )
        .prop_map(
            |(bag_ml, flow_error, battery, compliance_ml_per_kpa)| DeliveryConfig {
                bag_ml,
                flow_error,
                battery: battery.then(BatteryConfig::default),
                occlusion: OcclusionConfig {
                    compliance_ml_per_kpa,
                    ..OcclusionConfig::default()
                },
                ..DeliveryConfig::default()
            },
        )
}

/// An infusion under way, so that most runs see flow.
fn running(config: DeliveryConfig) -> Delivery {
    let mut pump = on(config);
    pump.programme(Time::ZERO, &library(), programme(50.0, 60.0), false)
        .unwrap();
    let _ = pump.start(Time::ZERO);
    pump
}

/// Every deadline before `now`, one by one, as an engine would.
fn meet_before(
    pump: &mut Delivery,
    from: Time,
    now: Time,
    mut each: impl FnMut(Time, &Delivery, &Events),
) {
    let mut last = from;
    while let Some(due) = pump.next_deadline(last).filter(|due| *due < now) {
        let events = pump.on_deadline(due);
        each(due, pump, &events);
        last = due;
    }
}

/// Integrates, outside the controller, what it says about its flow and its boluses.
struct Integral {
    since: Time,
    flow: f64,
    volume: f64,
}

impl Integral {
    fn note(&mut self, at: Time, pump: &Delivery, events: &Events) {
        self.volume += self.flow / 3600.0 * (at - self.since).as_secs_f64();
        for event in events {
            if let Event::PostOcclusionBolus { volume_ml } = event {
                self.volume += volume_ml;
            }
        }
        (self.since, self.flow) = (at, pump.flow_now());
    }
}

/// What the state promises about the flow.
fn check_flow(pump: &Delivery) -> Result<(), TestCaseError> {
    let programmed = pump
        .current_programme()
        .map(|programme| programme.rate_ml_per_h);
    match pump.state() {
        State::Infusing => prop_assert_eq!(Some(pump.rate_now()), programmed),
        State::Kvo => prop_assert!(pump.rate_now() > 0.0),
        _ => prop_assert_eq!(pump.rate_now(), 0.0),
    }
    let expected = if pump.is_occluded() {
        0.0
    } else {
        pump.rate_now() * (1.0 + pump.config.flow_error)
    };
    prop_assert_eq!(pump.flow_now(), expected);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn infused_volume_is_monotone_and_is_the_integral_of_the_flow(config in any_config(), ops in any_ops()) {
        let (mut pump, mut now, mut infused) = (running(config), Time::ZERO, 0.0);
        let mut integral = Integral { since: now, flow: pump.flow_now(), volume: 0.0 };
        for (gap, op) in ops {
            let at = gap.after(now, &pump);
            meet_before(&mut pump, now, at, |due, pump, events| integral.note(due, pump, events));
            let before = pump.infused_ml(at);
            let events = op.apply(&mut pump, at);
            integral.note(at, &pump, &events);
            check_flow(&pump)?;
            prop_assert!(before >= infused && pump.infused_ml(at) >= before);
            infused = pump.infused_ml(at);
            prop_assert!((infused - integral.volume).abs() <= 1e-9 * (1.0 + infused));
            now = at;
        }
    }

    #[test]
    fn no_fluid_appears_or_vanishes(config in any_config(), ops in any_ops()) {
        let (mut pump, mut now, mut hung) = (running(config), Time::ZERO, config.bag_ml);
        for (gap, op) in ops {
            let at = gap.after(now, &pump);
            meet_before(&mut pump, now, at, |_, _, _| ());
            let thrown_away = pump.bag_ml(at);
            op.apply(&mut pump, at);
            if let Op::NewBag(volume) = op {
                hung += volume - thrown_away;
            }
            let found = pump.infused_ml(at) + pump.flow.stored_ml(at) + pump.bag_ml(at);
            prop_assert!((found - hung).abs() <= 1e-8 * (1.0 + hung), "{} of {}", found, hung);
            now = at;
        }
    }

    #[test]
    fn deadlines_never_lie(config in any_config(), ops in any_ops()) {
        let (mut pump, mut now) = (running(config), Time::ZERO);
        for (gap, op) in ops {
            let at = gap.after(now, &pump);
            pump.on_deadline(at);
            op.apply(&mut pump, at);
            now = at;
            let Some(due) = pump.next_deadline(now) else {
                let mut later = pump.clone();
                prop_assert!(later.on_deadline(Time::LIMIT).is_empty());
                prop_assert_eq!(&later, &pump);
                continue;
            };
            prop_assert!(due >= now);
            if due > now {
                let mut early = pump.clone();
                prop_assert!(early.on_deadline(due - Duration::from_nanos(1)).is_empty());
                prop_assert_eq!(&early, &pump);
                let moved = pump.infused_ml(due) - pump.infused_ml(now);
                let expected = pump.flow_now() * (due - now).as_secs_f64() / 3600.0;
                prop_assert!((moved - expected).abs() <= 1e-9 * (1.0 + expected));
            }
            let mut met = pump.clone();
            prop_assert!(!met.on_deadline(due).is_empty());
            prop_assert!(met.next_deadline(due).is_none_or(|next| next > due));
        }
    }

    #[test]
    fn a_caller_cannot_change_delivery_by_being_late(config in any_config(), ops in any_ops()) {
        let (mut prompt, mut late, mut now) = (running(config), running(config), Time::ZERO);
        for (gap, op) in ops {
            let at = gap.after(now, &prompt);
            let mut missed = Events::new();
            meet_before(&mut prompt, now, at, |_, _, events| missed.extend(events.iter().copied()));
            prop_assert_eq!(prompt.infused_ml(at), late.infused_ml(at));
            if matches!(op, Op::Wait) {
                missed.extend(prompt.on_deadline(at));
                prop_assert_eq!(late.on_deadline(at), missed);
            } else {
                missed.extend(op.apply(&mut prompt, at));
                prop_assert_eq!(op.apply(&mut late, at), missed);
            }
            prop_assert_eq!(&late, &prompt);
            now = at;
        }
    }

    #[test]
    fn nothing_runs_above_a_hard_limit_but_by_the_weak_door(config in any_config(), ops in any_ops()) {
        let (mut pump, mut now) = (running(config), Time::ZERO);
        for (gap, op) in ops.into_iter().filter(|(_, op)| !matches!(op, Op::Unchecked(_))) {
            let at = gap.after(now, &pump);
            pump.on_deadline(at);
            let events = op.apply(&mut pump, at);
            prop_assert!(pump.rate_now() <= HARD_MAX);
            if let Some(running) = pump.current_programme() {
                let verdict = library().check("ICU", "propofol", running.rate_ml_per_h);
                prop_assert!(!matches!(verdict, LimitVerdict::Hard { .. }), "{:?}", verdict);
            }
            // Beyond a soft limit only with a record of who let it pass.
            if let Op::Programme(rate, ..) | Op::ChangeRate(rate, _) = op {
                let soft = matches!(library().check("ICU", "propofol", rate), LimitVerdict::Soft { .. });
                let taken = events.iter().any(|e| matches!(e, Event::Programmed | Event::RateChanged { .. }));
                let logged = events.iter().any(|e| matches!(e, Event::SoftLimitOverridden { .. }));
                prop_assert_eq!(logged, soft && taken);
            }
            now = at;
        }
    }

    #[test]
    fn without_an_event_nothing_changes(config in any_config(), ops in any_ops()) {
        let (mut pump, mut now) = (running(config), Time::ZERO);
        for (gap, op) in ops {
            let at = gap.after(now, &pump);
            pump.on_deadline(at);
            let before = pump.clone();
            let events = op.apply(&mut pump, at);
            let refused = events.iter().any(|event| matches!(event, Event::ProgrammeRefused { .. }));
            if refused {
                prop_assert_eq!(&pump, &before);
            }
            if events.is_empty() {
                prop_assert_eq!(pump.state(), before.state());
                prop_assert_eq!(pump.rate_now(), before.rate_now());
                prop_assert_eq!(pump.current_programme(), before.current_programme());
                // What flows to the patient changes unheard by the pump only with the line itself.
                prop_assert!(matches!(op, Op::Occluded(_)) || pump.flow_now() == before.flow_now());
            }
            now = at;
        }
    }
}
