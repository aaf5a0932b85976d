//! A small programme with everything in it, random registers, and a plain way from
//! them to the contents of a bundle.

#![allow(dead_code, reason = "every test uses a part")]

use std::collections::BTreeMap;

use minsheng_bundle::{
    Certificate, Contents, DrawSeal, FORMAT, IndicatorValue, MECHANISM, RegisterSeal, facts_hash,
    hex, rows_root,
};
use minsheng_lottery as lottery;
use minsheng_model::{
    ApplicantRow, ChoiceRow, Door, DoorRow, DrawUnit, Measure, Order, Placement, ProviderRow,
    Rules, Scope, TieMethod, Unused, Value, Verdict,
};
use minsheng_spec::expr::Row;
use minsheng_spec::market::{Assignment, Seats, Wish, choose};
use minsheng_spec::rules::Compiled;
use minsheng_verify::RegisterRows;

/// A small generator of numbers that are the same everywhere (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap()
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// Bundles are synced to the disk when they are written; in memory that is free.
pub fn folder() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

/// What varies of the programme.
#[derive(Debug, Clone, Copy, Default)]
pub struct Variant {
    pub notice: bool,
    pub secret: bool,
    pub high_first: bool,
    pub multiple: bool,
    pub family: bool,
    pub hard: bool,
    pub roots: bool,
    /// Places are offered in rounds; silence keeps them, what is owed is the first
    /// place that becomes free.
    pub offers: bool,
    pub silent: bool,
    pub first: bool,
    /// Places with fewer than two people do not open; no seat is kept, and everything
    /// that seats follow from is published.
    pub minimum: bool,
}

impl Variant {
    pub fn of(bits: usize) -> Self {
        let bit = |i: usize| bits >> i & 1 == 1;
        Self {
            notice: bit(0),
            secret: !bit(1),
            high_first: bit(2),
            multiple: bit(3),
            family: bit(4),
            hard: bit(5),
            ..Self::default()
        }
    }

    pub fn programme(self) -> String {
        let mut text = include_str!("fixture.toml").to_owned();
        let mut put = |on: bool, from: &str, to: &str| {
            if on {
                text = text.replace(from, to);
            }
        };
        put(self.notice, "#NOTICE ", "");
        put(self.secret, "#SECRET ", "");
        put(self.high_first, "\"low-first\" #ORDER", "\"high-first\"");
        put(self.multiple, "\"single\" #METHOD", "\"multiple\"");
        put(
            self.family,
            "\"applicant\" #UNIT",
            "\"family\"\nfamily = \"family\"",
        );
        put(self.hard, "\"open\" #UNUSED", "\"empty\"");
        put(self.offers, "#OFFERS ", "");
        put(self.silent, "\"lapse\" #SILENCE", "\"keep\"");
        put(self.first, "\"extra\" #OWED", "\"first\"");
        put(self.minimum, "current = \"stays\"\n", "");
        put(
            self.minimum,
            "seats = 'seats'\n",
            "seats = 'seats'\nminimum = '2'\ncite = \"law\"\n",
        );
        for column in ["seats", "first", "second", "most"] {
            put(
                self.minimum,
                &format!("\n{column} = {{ type = \"integer\","),
                &format!("\n{column} = {{ type = \"integer\", publish = true,"),
            );
        }
        put(self.roots, "\"rows\" #MODE", "\"roots\"");
        text
    }
}

#[derive(Debug, Clone)]
pub struct Table {
    pub rows: Vec<Vec<Option<Value>>>,
    pub sha256: String,
}

impl Table {
    pub fn new(rows: Vec<Vec<Option<Value>>>) -> Self {
        let digest = minsheng_bundle::leaf_hash(format!("{rows:?}").as_bytes());
        Self {
            rows,
            sha256: hex(&digest),
        }
    }
}

impl RegisterRows for Table {
    fn len(&self) -> usize {
        self.rows.len()
    }
    fn value(&self, row: usize, column: usize) -> Option<Value> {
        self.rows[row][column].clone()
    }
    fn sha256(&self) -> &str {
        &self.sha256
    }
}

/// The three registers.
#[derive(Debug, Clone)]
pub struct City(pub [Table; 3]);

impl City {
    pub fn rows(&self) -> [&dyn RegisterRows; 3] {
        [&self.0[0], &self.0[1], &self.0[2]]
    }
}

fn text(words: &str) -> Option<Value> {
    Some(Value::Text(words.to_owned()))
}

fn number(n: usize) -> Option<Value> {
    Some(Value::Integer(i64::try_from(n).unwrap()))
}

/// Returns random registers of so many people and places.
pub fn city(dice: &mut Dice, people: usize, places: usize) -> City {
    let areas = ["north", "south"];
    let mut kept = vec![0; places];
    let mut seats: Vec<usize> = (0..places).map(|_| dice.below(5)).collect();
    let mut people_rows = Vec::new();
    let mut wishes = Vec::new();
    for person in 0..people {
        let ticket = format!("T{person:03}");
        let stays = dice
            .one_in(8)
            .then(|| dice.below(places))
            .filter(|p| kept[*p] < 2);
        if let Some(place) = stays {
            kept[place] += 1;
        }
        people_rows.push(vec![
            text(&ticket),
            text(&format!("s{}", dice.below(1000))),
            text(&format!("F{}", dice.below(people / 2 + 1))),
            (!dice.one_in(9)).then(|| Value::Integer(i64::try_from(dice.below(11)).unwrap())),
            (!dice.one_in(6)).then(|| Value::Boolean(dice.one_in(2))),
            (!dice.one_in(7)).then(|| Value::Text(areas[dice.below(2)].to_owned())),
            text(["a", "b", "c", "d", "e", "f"][dice.below(6)]),
            stays.and_then(|p| text(&format!("P{p}"))),
            Some(Value::Date(
                minsheng_model::Date::from_ymd(2024, 8, 1).unwrap(),
            )),
        ]);
        let mut order: Vec<usize> = (0..places).collect();
        for i in (1..places).rev() {
            order.swap(i, dice.below(i + 1));
        }
        order.truncate(dice.below(places + 1));
        for (i, place) in order.into_iter().enumerate() {
            let distance = (!dice.one_in(10))
                .then(|| Value::Integer(i64::try_from(dice.below(1000)).unwrap()));
            wishes.push(vec![
                text(&ticket),
                number(i + 1),
                text(&format!("P{place}")),
                distance,
            ]);
        }
    }
    for (own, kept) in seats.iter_mut().zip(&kept) {
        *own = (*own).max(*kept);
    }
    let places_rows = (0..places)
        .map(|p| {
            let area = (!dice.one_in(5)).then(|| Value::Text(areas[dice.below(2)].to_owned()));
            vec![
                text(&format!("P{p}")),
                area,
                number(seats[p]),
                number(dice.below(3)),
                number(dice.below(3)),
                number(dice.below(3)),
            ]
        })
        .collect();
    City([
        Table::new(people_rows),
        Table::new(places_rows),
        Table::new(wishes),
    ])
}

struct At<'a>(&'a City, [Option<usize>; 3]);

impl Row for At<'_> {
    fn value(&self, table: Scope, column: usize) -> Option<Value> {
        let index = match table {
            Scope::Applicant => 0,
            Scope::Provider => 1,
            Scope::Choice => 2,
        };
        self.0.0[index].rows[self.1[index]?][column].clone()
    }
}

fn words(value: &Option<Value>) -> Option<String> {
    value.as_ref().map(ToString::to_string)
}

pub fn rules(variant: Variant) -> Rules {
    let loaded = minsheng_programme::load_str("fixture.toml", &variant.programme());
    loaded
        .rules
        .unwrap_or_else(|| panic!("{:?}", loaded.diagnostics))
}

/// A cycle before anybody has a place: rows, keys and seats.
pub struct Cycle {
    pub contents: Contents,
    pub seats: Vec<Seats>,
    /// One per applicant: usable entries, with their choice rows.
    pub wishes: Vec<Vec<Wish>>,
    pub row_of: Vec<Vec<usize>>,
    pub keys: Vec<(u8, i64, u32)>,
    ceilings: Vec<Vec<u32>>,
}

/// The facts on an applicant's receipt.
pub fn facts(rules: &Rules, city: &City, row: usize) -> (String, BTreeMap<String, Option<String>>) {
    let columns = rules.applicants.columns.iter().zip(&city.0[0].rows[row]);
    let mut facts: BTreeMap<_, _> = columns.map(|(c, v)| (c.name.clone(), words(v))).collect();
    let secret = rules
        .secret
        .as_ref()
        .and_then(|s| facts.remove(s))
        .flatten();
    (secret.unwrap_or_default(), facts)
}

/// Evaluates the rules and holds the draw.
pub fn cycle(variant: Variant, city: &City) -> Cycle {
    let rules = rules(variant);
    let compiled = Compiled::new(&rules).unwrap();
    let [people, places, entries] = &city.0;
    let provider_of = |name: &str| {
        u32::try_from(
            places
                .rows
                .iter()
                .position(|p| words(&p[0]).as_deref() == Some(name))
                .unwrap(),
        )
        .unwrap()
    };
    let mut applicants = Vec::new();
    let mut choices: Vec<ChoiceRow> = Vec::new();
    for (index, person) in people.rows.iter().enumerate() {
        let found = compiled
            .applicant(&At(city, [Some(index), None, None]))
            .unwrap();
        let ticket = words(&person[0]).unwrap();
        let draw_ticket = if rules.tie_break.unit == DrawUnit::Applicant {
            ticket.clone()
        } else {
            words(&person[2]).unwrap()
        };
        let (secret, facts) = facts(&rules, city, index);
        applicants.push(ApplicantRow {
            ticket: ticket.clone(),
            draw_ticket,
            holds: found.holds,
            unknown: found.unknown,
            verdict: found.verdict,
            placement: None,
            facts_hash: rules
                .secret
                .as_ref()
                .map_or_else(String::new, |_| facts_hash(&secret, &facts)),
            groups: vec![words(&person[5])],
        });
        let stays = words(&person[7]).filter(|_| !variant.minimum);
        let stays = stays.map(|p| provider_of(&p));
        let (mut last, mut there) = (0, false);
        for (row, entry) in entries
            .rows
            .iter()
            .enumerate()
            .filter(|(_, e)| words(&e[0]).as_ref() == Some(&ticket))
        {
            let provider = provider_of(&words(&entry[2]).unwrap());
            let kept = stays == Some(provider);
            let found = compiled
                .choice(
                    &At(city, [Some(index), Some(provider as usize), Some(row)]),
                    kept,
                )
                .unwrap();
            last += 1;
            there |= kept;
            choices.push(ChoiceRow {
                applicant: u32::try_from(index).unwrap(),
                position: last,
                provider,
                holds: found.masks.holds,
                unknown: found.masks.unknown,
                tier_holds: found.tier_holds,
                tier_unknown: found.tier_unknown,
                score: found.score,
                reserves: found.reserves,
                ceilings: found.ceilings,
                tier: found.tier,
                verdict: found.masks.verdict,
                kept,
            });
        }
        if let (Some(provider), false) = (stays, there) {
            choices.push(ChoiceRow {
                applicant: u32::try_from(index).unwrap(),
                position: last + 1,
                provider,
                holds: 0,
                unknown: 0,
                tier_holds: 0,
                tier_unknown: 0,
                score: 0,
                reserves: 0,
                ceilings: 0,
                tier: 0,
                verdict: Verdict::NotEligible,
                kept: true,
            });
        }
    }
    let mut providers = Vec::new();
    let mut seats = Vec::new();
    let mut ceilings = Vec::new();
    for (index, place) in places.rows.iter().enumerate() {
        let found = compiled
            .provider(&At(city, [None, Some(index), None]))
            .unwrap();
        providers.push(ProviderRow {
            provider: words(&place[0]).unwrap(),
            capacity: found.capacity,
            placed: 0,
            facts: match variant.minimum {
                true => [1, 2, 3, 4, 5].map(|c| words(&place[c])).to_vec(),
                false => vec![words(&place[1])],
            },
        });
        let reserves = found
            .reserves
            .iter()
            .zip(&rules.reserves)
            .map(|(s, r)| (*s, r.unused))
            .collect();
        ceilings.push(found.ceilings.clone());
        seats.push(Seats {
            capacity: found.capacity,
            reserves,
            ceilings: found.ceilings,
        });
    }
    let seals = [
        (&rules.applicants, people),
        (&rules.providers, places),
        (&rules.choices, entries),
    ];
    let registers = seals
        .iter()
        .map(|(table, rows)| RegisterSeal {
            name: table.name.clone(),
            rows: rows.rows.len() as u64,
            sha256: rows.sha256.clone(),
        })
        .collect();
    let (draw, keys) = hold(&rules, &applicants, &choices, &providers);
    let certificate = Certificate {
        format: FORMAT.to_owned(),
        mechanism: MECHANISM.to_owned(),
        programme: rules.programme.clone(),
        version: rules.version,
        cycle: rules.cycle.clone(),
        as_of: rules.as_of,
        rows_root: String::new(),
        applicants: applicants.len() as u64,
        choices: choices.len() as u64,
        providers: providers.len() as u64,
        eligible: 0,
        not_eligible: 0,
        undetermined: 0,
        placed: 0,
        registers,
        carried: None,
        closed: Vec::new(),
        draw,
        indicators: Vec::new(),
    };
    let mut order: Vec<_> = keys.clone();
    order.sort_unstable();
    let mut wishes = Vec::new();
    let mut row_of = Vec::new();
    for (index, person) in applicants.iter().enumerate() {
        let own = choices
            .iter()
            .enumerate()
            .filter(|(_, c)| c.applicant as usize == index);
        let usable = own.filter(|(_, c)| {
            person.verdict == Verdict::Eligible && (c.verdict == Verdict::Eligible || c.kept)
        });
        let usable: Vec<(usize, Wish)> = usable
            .map(|(row, c)| {
                let key = order.partition_point(|k| *k < keys[row]) as u64;
                (
                    row,
                    Wish {
                        provider: c.provider as usize,
                        key,
                        kept: c.kept,
                        reserves: c.reserves,
                        ceilings: c.ceilings,
                    },
                )
            })
            .collect();
        row_of.push(usable.iter().map(|(row, _)| *row).collect());
        wishes.push(usable.into_iter().map(|(_, w)| w).collect());
    }
    let contents = Contents {
        programme_file: variant.programme().into_bytes(),
        rules,
        certificate,
        applicants,
        choices,
        providers,
        doors: Vec::new(),
        decided: None,
        round: None,
    };
    Cycle {
        contents,
        seats,
        wishes,
        row_of,
        keys,
        ceilings,
    }
}

type Keys = Vec<(u8, i64, u32)>;

fn hold(
    rules: &Rules,
    applicants: &[ApplicantRow],
    choices: &[ChoiceRow],
    providers: &[ProviderRow],
) -> (DrawSeal, Keys) {
    let mut pool: Vec<&str> = applicants.iter().map(|a| a.draw_ticket.as_str()).collect();
    pool.sort_unstable();
    pool.dedup();
    let root = lottery::pool_root(&pool);
    let sources: Vec<_> = rules
        .draw
        .sources
        .iter()
        .map(|s| (s.values.clone(), s.sorted))
        .collect();
    let announced = lottery::Announcement {
        programme: &rules.programme,
        cycle: &rules.cycle,
        draw: &rules.draw.id,
        sources: &sources,
    };
    let seed = lottery::seed(&root, &announced);
    let person = |c: &ChoiceRow| &applicants[c.applicant as usize];
    let ranks: Vec<u32> = match rules.tie_break.method {
        TieMethod::Single => {
            let pairs: Vec<(&str, &str)> = applicants
                .iter()
                .map(|a| (a.draw_ticket.as_str(), a.ticket.as_str()))
                .collect();
            let ranks = lottery::ranks_single(&seed, &pairs);
            choices
                .iter()
                .map(|c| ranks[c.applicant as usize])
                .collect()
        }
        TieMethod::Multiple => {
            let mut ranks = vec![0; choices.len()];
            for (index, provider) in providers.iter().enumerate() {
                let rows: Vec<usize> = (0..choices.len())
                    .filter(|r| choices[*r].provider as usize == index)
                    .collect();
                let labels: Vec<String> = rows
                    .iter()
                    .map(|r| {
                        format!(
                            "{}\n{}",
                            person(&choices[*r]).draw_ticket,
                            provider.provider
                        )
                    })
                    .collect();
                let pairs: Vec<(&str, &str)> = rows
                    .iter()
                    .zip(&labels)
                    .map(|(r, l)| (l.as_str(), person(&choices[*r]).ticket.as_str()))
                    .collect();
                for (row, rank) in rows.iter().zip(lottery::ranks_single(&seed, &pairs)) {
                    ranks[*row] = rank;
                }
            }
            ranks
        }
    };
    let sign = if rules.score.as_ref().unwrap().order == Order::HighFirst {
        -1
    } else {
        1
    };
    let keys = choices
        .iter()
        .zip(&ranks)
        .map(|(c, r)| (c.tier, c.score * sign, *r))
        .collect();
    let seal = DrawSeal {
        id: rules.draw.id.clone(),
        pool_size: pool.len() as u64,
        pool_root: hex(&root),
        canonical: lottery::canonical(&sources),
        seed: hex(&seed),
    };
    (seal, keys)
}

impl Cycle {
    /// Deferred acceptance, plainly: as long as somebody without a place has
    /// somewhere left to ask, all ask and every provider chooses.
    pub fn solve(&self) -> Assignment {
        let people = self.wishes.len();
        let mut next = vec![0; people];
        let mut result: Assignment = vec![None; people];
        loop {
            let mut asked = false;
            for person in 0..people {
                if result[person].is_none() && next[person] < self.wishes[person].len() {
                    result[person] = Some((next[person], Door::Open));
                    next[person] += 1;
                    asked = true;
                }
            }
            if !asked {
                return result;
            }
            self.give_doors(&mut result);
        }
    }

    /// Lets every provider choose among the people assigned to it.
    pub fn give_doors(&self, result: &mut Assignment) {
        for (provider, own) in self.seats.iter().enumerate() {
            let here: Vec<usize> = (0..result.len())
                .filter(|p| {
                    result[*p].is_some_and(|(e, _)| self.wishes[*p][e].provider == provider)
                })
                .collect();
            let wishes: Vec<Wish> = here
                .iter()
                .map(|p| self.wishes[*p][result[*p].unwrap().0])
                .collect();
            for (person, door) in here.iter().zip(choose(own, &wishes)) {
                result[*person] = door.map(|door| (result[*person].unwrap().0, door));
            }
        }
    }

    /// Returns the contents that publish an assignment.
    pub fn publish(&self, result: &Assignment) -> Contents {
        let mut contents = self.contents.clone();
        for (person, got) in result.iter().enumerate() {
            contents.applicants[person].placement = got.map(|(entry, door)| {
                let choice = &contents.choices[self.row_of[person][entry]];
                let provider = contents.providers[choice.provider as usize]
                    .provider
                    .clone();
                Placement {
                    provider,
                    door,
                    position: choice.position,
                }
            });
        }
        for provider in 0..contents.providers.len() {
            self.doors(&mut contents, provider, result);
        }
        figures(&mut contents);
        contents
    }

    fn doors(&self, contents: &mut Contents, provider: usize, result: &Assignment) {
        let here: Vec<(usize, Door)> = (0..result.len())
            .filter_map(|p| result[p].map(|(e, d)| (self.row_of[p][e], d)))
            .filter(|(row, _)| contents.choices[*row].provider as usize == provider)
            .collect();
        let through = |door: Door| -> Vec<usize> {
            here.iter()
                .filter(|(_, d)| *d == door)
                .map(|(r, _)| *r)
                .collect()
        };
        let kept = through(Door::Kept);
        // Wrong results are published too: more may be in than there are seats.
        let mut remaining = self.seats[provider]
            .capacity
            .saturating_sub(u32::try_from(kept.len()).unwrap());
        let number = u32::try_from(kept.len()).unwrap();
        let mut rows = vec![("kept".to_owned(), number, number, kept)];
        for (i, (declared, unused)) in self.seats[provider].reserves.iter().enumerate() {
            let members = through(Door::Reserve(u8::try_from(i).unwrap()));
            let seats = (*declared).min(remaining);
            remaining = remaining.saturating_sub(if *unused == Unused::Open {
                u32::try_from(members.len()).unwrap()
            } else {
                seats
            });
            rows.push((
                format!("reserve:{}", contents.rules.reserves[i].id),
                *declared,
                seats,
                members,
            ));
        }
        let open = through(Door::Open);
        let capacity = self.seats[provider].capacity;
        rows.push(("open".to_owned(), capacity, remaining, open.clone()));
        for (i, seats) in self.ceilings[provider].iter().enumerate() {
            let members = open
                .iter()
                .copied()
                .filter(|r| contents.choices[*r].ceilings >> i & 1 == 1)
                .collect();
            rows.push((
                format!("ceiling:{}", contents.rules.ceilings[i].id),
                *seats,
                *seats,
                members,
            ));
        }
        let name = contents.providers[provider].provider.clone();
        contents.providers[provider].placed = u32::try_from(here.len()).unwrap();
        for (door, declared, seats, members) in rows {
            let placed = u32::try_from(members.len()).unwrap();
            let last = members
                .iter()
                .max_by_key(|r| self.keys[**r])
                .filter(|_| placed == seats);
            contents.doors.push(DoorRow {
                provider: name.clone(),
                door,
                declared,
                seats,
                placed,
                last_ticket: last.map(|r| {
                    contents.applicants[contents.choices[*r].applicant as usize]
                        .ticket
                        .clone()
                }),
                last_tier: last.map(|r| contents.choices[*r].tier),
                last_score: last.map(|r| contents.choices[*r].score),
                last_rank: last.map(|r| self.keys[*r].2),
            });
        }
    }
}

/// Fills in counts, figures and the root.
pub fn figures(contents: &mut Contents) {
    let by = |v: Verdict| {
        contents
            .applicants
            .iter()
            .filter(|a| a.verdict == v)
            .count() as u64
    };
    let mut indicators = Vec::new();
    for indicator in &contents.rules.indicators {
        let mut cells: BTreeMap<Option<String>, u64> = BTreeMap::new();
        for row in &contents.applicants {
            let group = indicator
                .by
                .as_ref()
                .map(|_| row.groups[0].clone().unwrap_or_default());
            let counts = match indicator.measure {
                Measure::Applicants => true,
                Measure::Placed => row.placement.is_some(),
                Measure::FirstChoice => row.placement.as_ref().is_some_and(|p| p.position == 1),
                Measure::Undetermined => row.verdict == Verdict::Undetermined,
                Measure::Chosen => false,
            };
            *cells.entry(group).or_default() += u64::from(counts);
        }
        if cells.is_empty() && indicator.by.is_none() {
            cells.insert(None, 0);
        }
        for (group, value) in cells {
            let shown = value == 0 || value >= u64::from(contents.rules.cell_min);
            indicators.push(IndicatorValue {
                id: indicator.id.clone(),
                group,
                value: shown.then_some(value),
            });
        }
    }
    let placed = contents
        .applicants
        .iter()
        .filter(|a| a.placement.is_some())
        .count() as u64;
    let (eligible, not_eligible, undetermined) = (
        by(Verdict::Eligible),
        by(Verdict::NotEligible),
        by(Verdict::Undetermined),
    );
    let root = hex(&rows_root(
        &contents.applicants,
        &contents.choices,
        &contents.providers,
    ));
    let certificate = &mut contents.certificate;
    certificate.eligible = eligible;
    certificate.not_eligible = not_eligible;
    certificate.undetermined = undetermined;
    certificate.placed = placed;
    certificate.rows_root = root;
    certificate.indicators = indicators;
}
