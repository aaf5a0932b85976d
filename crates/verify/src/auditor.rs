use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use minsheng_bundle::{BundleError, Contents, Hashes, facts_hash, hex, read};
use minsheng_model::{ChoiceRow, DrawUnit, Rules, Text, Value, Verdict};
use minsheng_spec::rules::Compiled;
use rayon::prelude::*;

use crate::earlier::Earlier;
use crate::listed::{Listed, with_kept};
use crate::lists::{choice_name, shows_rows};
use crate::register::{Joined, RegisterRows};
use crate::report::{Checks, Found, Report, differs, offends};
use crate::{anybody, carried, draw, kinds, rounds, rule, seats};

/// Checks a bundle as an auditor can: everything that anybody can, and every clause
/// of every person again from the registers, given as applicants, providers,
/// choices, each with its rows by key, as they were in time for the bundle's round.
///
/// # Errors
/// As [`crate::anybody`].
pub fn auditor(
    path: &Path,
    registers: [&dyn RegisterRows; 3],
    earlier: &Earlier<'_>,
) -> Result<Report, BundleError> {
    audit(read(path)?, registers, earlier)
}

/// Checks a bundle that shows roots only as an auditor can who was also given the
/// rows under the root, wherever they come from: that they are the published ones is
/// the first thing that is checked of them, and then everything else is.
///
/// # Errors
/// As [`crate::anybody`].
pub fn auditor_opened(
    path: &Path,
    opened: Contents,
    registers: [&dyn RegisterRows; 3],
    earlier: &Earlier<'_>,
) -> Result<Report, BundleError> {
    let (mut contents, hashes) = read(path)?;
    if !shows_rows(&contents) {
        (contents.applicants, contents.choices) = (opened.applicants, opened.choices);
        if let (Some(own), Some(round)) = (&mut contents.round, opened.round) {
            own.standings = round.standings;
        }
    }
    // The round before shows no rows either: what follows from it is told by the
    // registers, from which all rounds were decided again.
    let earlier = Earlier {
        previous: None,
        ..*earlier
    };
    audit((contents, hashes), registers, &earlier)
}

fn audit(
    (contents, hashes): (Contents, Hashes),
    registers: [&dyn RegisterRows; 3],
    earlier: &Earlier<'_>,
) -> Result<Report, BundleError> {
    let mut checks = Checks::default();
    anybody::check(&contents, &hashes, &mut checks);
    if let Some(previous) = earlier.previous {
        let (past, past_hashes) = read(previous)?;
        if contents.rules.carried.is_some() {
            carried::after(&contents, &past, &past_hashes.id, &mut checks);
        } else {
            rounds::after(&contents, &past, &past_hashes.id, &mut checks);
        }
    }
    if let (Some(round), Some(replies)) = (&contents.round, earlier.replies) {
        checks.add(
            "answers",
            "答复由答复名册得出",
            "the answers follow from the register of replies",
            replies.len(),
            rounds::answers(&contents, round, replies),
        );
    }
    match Compiled::new(&contents.rules) {
        Ok(compiled) => Audit {
            contents: &contents,
            registers,
            compiled,
        }
        .check(&mut checks),
        Err(problems) => {
            let at = problems.first().map_or("rules", |(at, _)| at.as_str());
            let offender = offends(at, "表达式有误", "is no right expression");
            checks.add(
                "expressions",
                "表达式可计算",
                "the expressions can be evaluated",
                1,
                Some(offender),
            );
        }
    }
    if contents.round.is_some() {
        return Ok(rounds::audited(
            &contents,
            checks,
            earlier.previous.is_some(),
        ));
    }
    let rows = shows_rows(&contents);
    let not_proved = if rows {
        Text::new("名册是否属实。", "Whether the registers are true.")
    } else {
        Text::new(
            "名册是否属实;各人的安排(本包不含各行)。",
            "Whether the registers are true; anybody's placement (the bundle shows no rows).",
        )
    };
    let proved = if rows {
        Text::new(
            "以规范解释器逐人逐条重算,结果与名册相符;按所公布的规则,每个人的结论、名次、入口与末位均正确。",
            "Every clause of every person, evaluated again from the registers, is as published; under the published rules every verdict, order, door and cut-off is right.",
        )
    } else {
        Text::new(
            "以名册重算,资格人数、号池、各供给方的名额均与公布的相符。",
            "Recomputed from the registers, the numbers of eligible, the pool of the draw and every provider's seats are as published.",
        )
    };
    Ok(checks.report(proved, not_proved))
}

struct Audit<'a> {
    contents: &'a Contents,
    registers: [&'a dyn RegisterRows; 3],
    compiled: Compiled<'a>,
}

impl Audit<'_> {
    fn rules(&self) -> &Rules {
        &self.contents.rules
    }

    fn check(&self, checks: &mut Checks) {
        let [people, places, entries] = self.registers.map(RegisterRows::len);
        checks.add(
            "registers",
            "名册与证明中的散列相符",
            "the registers are the sealed ones",
            self.contents.certificate.registers.len(),
            self.seals(),
        );
        if !self.rules().mechanism.is_match() {
            checks.add(
                "applicant-facts",
                "各人的条件、摇号用号、事实散列由名册得出",
                "everybody's clauses, draw number and facts follow from the register",
                people,
                self.applicants(),
            );
            return kinds::audit(self.contents, self.registers, checks);
        }
        checks.add(
            "provider-facts",
            "供给方的名额与事实由名册得出",
            "the providers' seats and facts follow from the register",
            places,
            self.providers(),
        );
        if !shows_rows(self.contents) {
            checks.add(
                "applicant-facts",
                "资格人数与号池由名册得出",
                "the verdicts' counts and the pool follow from the register",
                people,
                self.totals(),
            );
            return;
        }
        let found = self.applicants();
        let known = found.is_none();
        checks.add(
            "applicant-facts",
            "各人的条件、摇号用号、事实散列由名册得出",
            "everybody's clauses, draw number and facts follow from the register",
            people,
            found,
        );
        // Without the same tickets the lists mean nothing.
        let found = if known {
            self.choices()
        } else {
            Some(offends(
                "choices",
                "申请人有误,未核对",
                "not checked, for the applicants are wrong",
            ))
        };
        checks.add(
            "choice-facts",
            "各志愿的条件、优先级、分数、分组由名册得出",
            "every choice's clauses, tier, score and groups follow from the registers",
            entries,
            found,
        );
    }

    fn seals(&self) -> Found {
        let (rules, seals) = (self.rules(), &self.contents.certificate.registers);
        let tables = [&rules.applicants, &rules.providers, &rules.choices];
        let there = tables.into_iter().zip(self.registers);
        let there: Vec<_> = there.filter(|(t, _)| !t.columns.is_empty()).collect();
        if let Some(wrong) = differs("registers", there.len(), seals.len()) {
            return Some(wrong);
        }
        seals
            .iter()
            .zip(there.into_iter().map(|(_, register)| register))
            .find_map(|(seal, register)| {
                differs(&seal.name, register.sha256(), seal.sha256.as_str())
                    .or_else(|| differs(&seal.name, register.len() as u64, seal.rows))
            })
    }

    fn row(
        &self,
        applicant: Option<usize>,
        provider: Option<usize>,
        choice: Option<usize>,
    ) -> Joined<'_> {
        Joined {
            registers: self.registers,
            applicant,
            provider,
            choice,
        }
    }

    fn text(&self, register: usize, row: usize, column: &str) -> Option<String> {
        let rules = self.rules();
        let table = [&rules.applicants, &rules.providers, &rules.choices]
            .get(register)
            .copied()?;
        let column = table.column_index(column)?;
        self.registers
            .get(register)?
            .value(row, column)
            .map(|v| v.to_string())
    }

    fn providers(&self) -> Found {
        let (contents, rules) = (self.contents, self.rules());
        let key = rules.providers.key.first().map_or("", String::as_str);
        if let Some(wrong) = differs(
            "providers",
            self.registers[1].len(),
            contents.providers.len(),
        ) {
            return Some(wrong);
        }
        let shown: Vec<&str> = rules
            .providers
            .columns
            .iter()
            .filter(|c| c.publish && !rules.providers.key.contains(&c.name))
            .map(|c| c.name.as_str())
            .collect();
        for (index, (provider, doors)) in seats::blocks(contents).enumerate() {
            let name = &provider.provider;
            if self.text(1, index, key).as_ref() != Some(name) {
                return Some(offends(
                    name,
                    "不在名册的该行",
                    "is not in this row of the register",
                ));
            }
            let facts: Vec<Option<String>> = shown.iter().map(|c| self.text(1, index, c)).collect();
            if facts != provider.facts {
                return Some(offends(name, "公开的事实有误", "has wrong published facts"));
            }
            let found = match self.compiled.provider(&self.row(None, Some(index), None)) {
                Ok(found) => found,
                Err(e) => return Some(offends(name, &e.text().zh, &e.text().en)),
            };
            let wrong = rule::differs_from(self.contents, &found, provider, doors);
            if wrong.is_some() {
                return wrong;
            }
        }
        None
    }

    fn draw_ticket(&self, row: usize, ticket: &str) -> String {
        if self.rules().draw.sources.is_empty() {
            return String::new();
        }
        match &self.rules().tie_break.unit {
            DrawUnit::Applicant => ticket.to_owned(),
            DrawUnit::Family(column) => self
                .text(0, row, column)
                .unwrap_or_else(|| ticket.to_owned()),
        }
    }

    fn facts_hash(&self, row: usize) -> String {
        let rules = self.rules();
        let Some(secret) = &rules.secret else {
            return String::new();
        };
        let columns = rules
            .applicants
            .columns
            .iter()
            .filter(|c| c.name != *secret);
        let facts: BTreeMap<_, _> = columns
            .map(|c| (c.name.clone(), self.text(0, row, &c.name)))
            .collect();
        facts_hash(&self.text(0, row, secret).unwrap_or_default(), &facts)
    }

    fn applicants(&self) -> Found {
        let (contents, rules) = (self.contents, self.rules());
        if let Some(wrong) = differs(
            "applicants",
            self.registers[0].len(),
            contents.applicants.len(),
        ) {
            return Some(wrong);
        }
        let groups = rules.group_columns();
        let check = |(index, row): (usize, &minsheng_model::ApplicantRow)| -> Found {
            let name = &row.ticket;
            if self.text(0, index, &rules.ticket).as_ref() != Some(name) {
                return Some(offends(
                    name,
                    "不在名册的该行",
                    "is not in this row of the register",
                ));
            }
            if self.appealed(index) {
                return None;
            }
            let found = match self.compiled.applicant(&self.row(Some(index), None, None)) {
                Ok(found) => found,
                Err(e) => return Some(offends(name, &e.text().zh, &e.text().en)),
            };
            if (found.holds, found.unknown, found.verdict) != (row.holds, row.unknown, row.verdict)
            {
                return Some(offends(
                    name,
                    "条件的结果有误",
                    "the clauses come out differently",
                ));
            }
            if self.draw_ticket(index, name) != row.draw_ticket {
                return Some(offends(
                    name,
                    "摇号用号有误",
                    "stands in the draw by a wrong number",
                ));
            }
            if self.facts_hash(index) != row.facts_hash {
                return Some(offends(name, "事实散列有误", "the facts have another hash"));
            }
            let own: Vec<Option<String>> = groups.iter().map(|c| self.text(0, index, c)).collect();
            (own != row.groups)
                .then(|| offends(name, "统计分组有误", "the groups for indicators differ"))
        };
        contents
            .applicants
            .par_iter()
            .enumerate()
            .filter_map(check)
            .find_first(|_| true)
    }

    /// Returns whether a row follows from an appeal's record, which the city holds.
    fn appealed(&self, applicant: usize) -> bool {
        let round = self.contents.round.as_ref();
        let row = round.and_then(|r| r.standings.get(applicant));
        row.is_some_and(|s| s.appeal.is_some())
    }

    /// Without rows: counts of verdicts, and the pool.
    fn totals(&self) -> Found {
        let certificate = &self.contents.certificate;
        let people = self.registers[0].len();
        let verdicts: Vec<Option<Verdict>> = (0..people)
            .into_par_iter()
            .map(|row| {
                self.compiled
                    .applicant(&self.row(Some(row), None, None))
                    .ok()
                    .map(|m| m.verdict)
            })
            .collect();
        let count = |v: Verdict| verdicts.iter().filter(|x| **x == Some(v)).count() as u64;
        let tickets: Vec<String> = (0..people)
            .map(|row| {
                self.draw_ticket(
                    row,
                    &self.text(0, row, &self.rules().ticket).unwrap_or_default(),
                )
            })
            .collect();
        let (root, size) = draw::pool(tickets.iter().map(String::as_str).collect());
        differs("applicants", people as u64, certificate.applicants)
            .or_else(|| differs("eligible", count(Verdict::Eligible), certificate.eligible))
            .or_else(|| {
                differs(
                    "not_eligible",
                    count(Verdict::NotEligible),
                    certificate.not_eligible,
                )
            })
            .or_else(|| {
                differs(
                    "undetermined",
                    count(Verdict::Undetermined),
                    certificate.undetermined,
                )
            })
            .or_else(|| {
                differs(
                    "draw.pool_root",
                    hex(&root),
                    certificate.draw.pool_root.clone(),
                )
            })
            .or_else(|| differs("draw.pool_size", size, certificate.draw.pool_size))
    }

    /// Returns every list from the registers, by applicant and position.
    fn listed(&self) -> Result<Vec<Listed>, Text> {
        let (contents, rules) = (self.contents, self.rules());
        // Look-up tables only: nothing walks them.
        let people: HashMap<&str, u32> = contents
            .applicants
            .iter()
            .map(|a| a.ticket.as_str())
            .zip(0..)
            .collect();
        let places: HashMap<&str, u32> = contents
            .providers
            .iter()
            .map(|p| p.provider.as_str())
            .zip(0..)
            .collect();
        let position = rules.choices.column_index(&rules.choice_position);
        let current: Vec<Option<String>> = (0..contents.applicants.len())
            .map(|row| self.text(0, row, rules.current_provider.as_deref()?))
            .collect();
        let kept: Vec<Option<u32>> = current
            .iter()
            .map(|name| places.get(name.as_deref()?).copied())
            .collect();
        if let Some(row) = current
            .iter()
            .zip(&kept)
            .position(|(name, found)| name.is_some() && found.is_none())
        {
            let ticket = contents.applicants.get(row).map_or("?", |a| &a.ticket);
            return Err(offends(
                ticket,
                "保留原位的供给方不存在",
                "keeps a seat at an unknown provider",
            ));
        }
        let mut listed = Vec::with_capacity(contents.choices.len());
        for row in 0..self.registers[2].len() {
            let find = |column: &str, names: &HashMap<&str, u32>| {
                names.get(self.text(2, row, column)?.as_str()).copied()
            };
            let position = position.and_then(|c| match self.registers[2].value(row, c) {
                Some(Value::Integer(n)) => u32::try_from(n).ok().filter(|n| *n > 0),
                _ => None,
            });
            let found = (
                find(&rules.choice_applicant, &people),
                find(&rules.choice_provider, &places),
                position,
            );
            let (Some(applicant), Some(provider), Some(position)) = found else {
                return Err(offends(
                    &format!("choices #{}", row + 1),
                    "无法对应",
                    "belongs to nobody or nothing",
                ));
            };
            let keeps = kept.get(applicant as usize).copied().flatten() == Some(provider);
            listed.push(Listed {
                applicant,
                position,
                provider,
                row: u32::try_from(row).ok(),
                kept: keeps,
            });
        }
        listed.par_sort_unstable_by_key(|l| (l.applicant, l.position));
        Ok(with_kept(listed, &kept))
    }

    fn choices(&self) -> Found {
        let contents = self.contents;
        let listed = match self.listed() {
            Ok(listed) => listed,
            Err(wrong) => return Some(wrong),
        };
        if let Some(wrong) = differs("choices", listed.len(), contents.choices.len()) {
            return Some(wrong);
        }
        let check = |(expected, row): (&Listed, &ChoiceRow)| -> Found {
            let name = choice_name(contents, row);
            let found = Listed {
                applicant: row.applicant,
                position: row.position,
                provider: row.provider,
                kept: row.kept,
                ..*expected
            };
            if found != *expected {
                return Some(offends(
                    &name,
                    "不是名册中的志愿",
                    "is not the choice in the register",
                ));
            }
            if self.appealed(row.applicant as usize) {
                return None;
            }
            match self.facts(expected) {
                Err(e) => Some(offends(&name, &e.zh, &e.en)),
                Ok(right) if right != *row => {
                    Some(offends(&name, "结果有误", "comes out differently"))
                }
                Ok(_) => None,
            }
        };
        listed
            .par_iter()
            .zip(&contents.choices)
            .filter_map(check)
            .find_first(|_| true)
    }

    /// Returns the row that the rules give for an entry.
    fn facts(&self, entry: &Listed) -> Result<ChoiceRow, Text> {
        let mut row = ChoiceRow {
            applicant: entry.applicant,
            position: entry.position,
            provider: entry.provider,
            holds: 0,
            unknown: 0,
            tier_holds: 0,
            tier_unknown: 0,
            score: 0,
            reserves: 0,
            ceilings: 0,
            tier: 0,
            verdict: crate::rows::choice_verdict(self.rules(), 0, 0),
            kept: entry.kept,
        };
        let Some(choice) = entry.row else {
            return Ok(row);
        };
        let joined = self.row(
            Some(entry.applicant as usize),
            Some(entry.provider as usize),
            Some(choice as usize),
        );
        let found = self
            .compiled
            .choice(&joined, entry.kept)
            .map_err(|e| e.text())?;
        (row.holds, row.unknown, row.verdict) =
            (found.masks.holds, found.masks.unknown, found.masks.verdict);
        (row.tier_holds, row.tier_unknown, row.tier) =
            (found.tier_holds, found.tier_unknown, found.tier);
        (row.score, row.reserves, row.ceilings) = (found.score, found.reserves, found.ceilings);
        Ok(row)
    }
}
