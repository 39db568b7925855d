//! The algebra against brute force: sets over eight bits (protocol), and over a few bits of several fields.

use proptest::prelude::*;

use super::*;

/// A set as text of operations, so that proptest can shrink it.
#[derive(Clone, Debug)]
enum Term {
    Range(u8, u8, u8),
    Mask(u8, u8, u8),
    Not(Box<Term>),
    And(Box<Term>, Box<Term>),
    Or(Box<Term>, Box<Term>),
    Xor(Box<Term>, Box<Term>),
    If(Box<Term>, Box<Term>, Box<Term>),
}

// Three fields of eight bits, apart in the order; each value is used with four bits, spread over the field.
const FIELDS: [Field; 3] = [Field::Protocol, Field::IcmpType, Field::TcpFlags];

fn universe() -> impl Iterator<Item = [u8; 3]> {
    (0..4096u16).map(|n| [(n >> 8) as u8 * 17, (n >> 4 & 15) as u8 * 17, (n & 15) as u8 * 17])
}

fn point(values: [u8; 3]) -> Point {
    FIELDS.iter().zip(values).fold(Point::default(), |point, (field, value)| point.with(*field, value.into()))
}

fn holds(term: &Term, v: [u8; 3]) -> bool {
    match term {
        Term::Range(f, a, b) => (*a.min(b)..=*a.max(b)).contains(&v[usize::from(*f)]),
        Term::Mask(f, value, mask) => v[usize::from(*f)] & mask == value & mask,
        Term::Not(a) => !holds(a, v),
        Term::And(a, b) => holds(a, v) && holds(b, v),
        Term::Or(a, b) => holds(a, v) || holds(b, v),
        Term::Xor(a, b) => holds(a, v) != holds(b, v),
        Term::If(a, b, c) => {
            if holds(a, v) {
                holds(b, v)
            } else {
                holds(c, v)
            }
        }
    }
}

fn build(d: &mut Diagram, term: &Term) -> Set {
    match term {
        Term::Range(f, a, b) => {
            d.ranges(FIELDS[usize::from(*f)], &[((*a.min(b)).into(), (*a.max(b)).into())]).unwrap()
        }
        Term::Mask(f, value, mask) => {
            d.masked(FIELDS[usize::from(*f)], (*value).into(), (*mask).into()).unwrap()
        }
        Term::Not(a) => build(d, a).complement(),
        Term::And(a, b) => {
            let (a, b) = (build(d, a), build(d, b));
            d.and(a, b).unwrap()
        }
        Term::Or(a, b) => {
            let (a, b) = (build(d, a), build(d, b));
            d.or(a, b).unwrap()
        }
        Term::Xor(a, b) => {
            let (a, b) = (build(d, a), build(d, b));
            d.xor(a, b).unwrap()
        }
        Term::If(a, b, c) => {
            let (a, b, c) = (build(d, a), build(d, b), build(d, c));
            d.if_then_else(a, b, c).unwrap()
        }
    }
}

fn terms() -> impl Strategy<Value = Term> {
    let leaf = prop_oneof![
        (0..3u8, any::<u8>(), any::<u8>()).prop_map(|(f, a, b)| Term::Range(f, a, b)),
        (0..3u8, any::<u8>(), any::<u8>()).prop_map(|(f, a, b)| Term::Mask(f, a, b)),
    ];
    leaf.prop_recursive(5, 24, 3, |inner| {
        let two = (inner.clone().prop_map(Box::new), inner.clone().prop_map(Box::new));
        prop_oneof![
            inner.clone().prop_map(|a| Term::Not(Box::new(a))),
            two.clone().prop_map(|(a, b)| Term::And(a, b)),
            two.clone().prop_map(|(a, b)| Term::Or(a, b)),
            two.clone().prop_map(|(a, b)| Term::Xor(a, b)),
            (two.0, two.1, inner.prop_map(Box::new)).prop_map(|(a, b, c)| Term::If(a, b, c)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sets_hold_what_their_terms_hold(a in terms(), b in terms()) {
        let mut d = Diagram::new();
        let (x, y) = (build(&mut d, &a), build(&mut d, &b));
        let implied = universe().all(|v| !holds(&a, v) || holds(&b, v));
        for v in universe() {
            prop_assert_eq!(d.contains(x, &point(v)), holds(&a, v), "{:?}", v);
        }
        // The universe samples each field, so that an implication can only be refuted by it.
        if d.implies(x, y).unwrap() {
            prop_assert!(implied);
        }
        let both = d.and(x, y).unwrap();
        let again = d.and(y, x).unwrap();
        prop_assert_eq!(both, again);
        let neither = d.or(x, y).unwrap().complement();
        let de_morgan = d.and(x.complement(), y.complement()).unwrap();
        prop_assert_eq!(neither, de_morgan);
    }

    #[test]
    fn quantifying_and_rewriting_agree_with_trying_every_value(a in terms(), value: u8, mask: u8, keep: u8) {
        let mut d = Diagram::new();
        let x = build(&mut d, &a);
        let some = d.some(x, Field::IcmpType).unwrap();
        let every = d.every(x, Field::IcmpType).unwrap();
        let set = d.after_setting(x, Field::IcmpType, value.into(), mask.into()).unwrap();
        let flipped = d.after_flipping(x, Field::IcmpType, keep.into(), value.into()).unwrap();
        let copied = d.after_copying(x, Field::IcmpType, Field::TcpFlags, mask.into()).unwrap();
        for v in universe().step_by(7) {
            let with = |middle: u8| [v[0], middle, v[2]];
            prop_assert_eq!(d.contains(some, &point(v)), (0..=255).any(|m| holds(&a, with(m))));
            prop_assert_eq!(d.contains(every, &point(v)), (0..=255).all(|m| holds(&a, with(m))));
            prop_assert_eq!(d.contains(set, &point(v)), holds(&a, with(v[1] & !mask | value & mask)));
            prop_assert_eq!(d.contains(flipped, &point(v)), holds(&a, with(v[1] & keep ^ value)));
            prop_assert_eq!(d.contains(copied, &point(v)), holds(&a, with(v[1] & !mask | v[2] & mask)));
        }
    }

    #[test]
    fn boxes_cover_the_set_exactly_once(a in terms()) {
        let mut d = Diagram::new();
        let x = build(&mut d, &a);
        let list = d.boxes(x, &FIELDS, 100_000).unwrap();
        prop_assert!(!list.truncated);
        for v in universe() {
            let covering = list.boxes.iter().filter(|item| {
                item.ranges.iter().zip(v).all(|(ranges, v)| {
                    ranges.iter().any(|(first, last)| (*first..=*last).contains(&v.into()))
                })
            });
            prop_assert_eq!(covering.count(), usize::from(holds(&a, v)), "{:?}", v);
        }
    }

    #[test]
    fn boundary_points_lie_on_both_sides(a in terms(), bits: Vec<bool>) {
        let mut d = Diagram::new();
        let x = build(&mut d, &a);
        let mut bits = bits.into_iter().cycle();
        let Some(inside) = d.pick(x, || bits.next().unwrap_or(true)) else {
            prop_assert!(x.is_empty());
            return Ok(());
        };
        prop_assert!(d.contains(x, &inside));
        let found = d.boundary_points(x, &inside, &FIELDS).unwrap();
        for pair in found.chunks(2) {
            prop_assert!(d.contains(x, &pair[0]));
            prop_assert!(!d.contains(x, &pair[1]));
        }
        prop_assert_eq!(found.is_empty(), FIELDS.iter().all(|field| {
            d.line_through(x, &inside, *field).unwrap().is_all()
        }));
    }

    #[test]
    fn imported_sets_are_the_same(a in terms(), b in terms()) {
        let mut d = Diagram::new();
        build(&mut d, &b);
        let x = build(&mut d, &a);
        let mut other = Diagram::new();
        let copy = other.import(&d, x, &mut ahash::AHashMap::new()).unwrap();
        let direct = build(&mut other, &a);
        prop_assert_eq!(copy, direct);
        prop_assert_eq!(d.size(x), other.size(copy));
    }
}

#[test]
fn the_node_limit_is_an_answer_not_a_crash() {
    let mut d = Diagram::with_limit(200);
    let first = d.equal(Field::Destination, v4_value(0x0a00_0001)).unwrap();
    assert_eq!(first, d.equal(Field::Destination, v4_value(0x0a00_0001)).unwrap());
    let error = d.equal(Field::Source, 1).unwrap_err();
    assert_eq!(error, SetError::TooLarge { limit: 200 });
    // What was there before still answers.
    assert!(d.contains(first, &Point::default().with(Field::Destination, v4_value(0x0a00_0001))));
}

#[test]
fn the_layout_is_dense_and_ordered() {
    let mut level = 0;
    for (at, field) in Field::ALL.into_iter().enumerate() {
        assert_eq!(field as usize, at);
        assert_eq!(field.first_level(), level);
        level = field.end_level();
    }
    assert_eq!(Field::Source.value_max(), u128::MAX);
    assert_eq!(Field::SourcePort.value_max(), 65_535);
}

#[test]
fn lists_that_would_be_endless_are_cut_and_say_so() {
    let mut d = Diagram::new();
    let odd = d.masked(Field::Destination, 1 << 96, 1 << 96).unwrap();
    let list = d.boxes(odd, &[Field::Destination], 10).unwrap();
    assert!(list.truncated);
    assert_eq!(list.boxes.len(), 1);
    assert_eq!(list.boxes[0].ranges[0].len(), INTERVALS_MAX);
}
