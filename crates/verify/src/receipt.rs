use std::collections::BTreeMap;
use std::path::Path;

use minsheng_bundle::{
    BundleError, Contents, Hashes, facts_hash, hex, inclusion_proof, leaf_hash, read, row_leaf,
    unhex, verify_inclusion,
};
use minsheng_model::{
    ApplicantRow, ChoiceRow, DrawUnit, Order, Publish, Scope, Text, Value, Verdict,
};
use minsheng_spec::expr::Row;
use minsheng_spec::rules::Compiled;
use serde::{Deserialize, Serialize};

use crate::lists::{Lists, usable};
use crate::order::Service;
use crate::report::{Checks, Found, Report, differs, offends};
use crate::rule::value;
use crate::seen::misplaced;
use crate::{certificate, draw, rows, seats};

/// What one applicant holds: the own facts with their secret, the own row, and the
/// proof that the row is in the bundle. For that applicant alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The bundle's identity, where it is known already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle_id: Option<String>,
    /// The application number.
    pub ticket: String,
    /// The secret.
    pub secret: String,
    /// The applicants' columns but the secret one, as text; `None` is missing.
    pub facts: BTreeMap<String, Option<String>>,
    /// The own row.
    pub applicant: ApplicantRow,
    /// The own list.
    pub choices: Vec<OwnChoice>,
    /// The path to the root over the rows.
    pub proof: Proof,
}

/// One entry of the own list, with the provider's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as the fields of a choice row")]
pub struct OwnChoice {
    pub position: u32,
    pub provider: String,
    pub holds: u32,
    pub unknown: u32,
    pub tier_holds: u32,
    pub tier_unknown: u32,
    pub score: i64,
    pub reserves: u16,
    pub ceilings: u16,
    pub tier: u8,
    pub verdict: Verdict,
    pub kept: bool,
}

/// An inclusion proof of RFC 6962.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Which leaf.
    pub index: u64,
    /// Of how many.
    pub size: u64,
    /// Hex hashes, the leaf's sibling first.
    pub path: Vec<String>,
}

/// Returns the receipt of an application; `None` when the contents have no such row
/// (as those of a bundle that shows roots only).
#[must_use]
pub fn receipt(
    contents: &Contents,
    ticket: &str,
    secret: &str,
    facts: BTreeMap<String, Option<String>>,
) -> Option<Receipt> {
    let index = contents
        .applicants
        .binary_search_by(|a| a.ticket.as_str().cmp(ticket))
        .ok()?;
    let list = Lists::new(contents);
    let own = |c: &ChoiceRow| -> Option<OwnChoice> {
        Some(OwnChoice {
            position: c.position,
            provider: contents
                .providers
                .get(c.provider as usize)?
                .provider
                .clone(),
            holds: c.holds,
            unknown: c.unknown,
            tier_holds: c.tier_holds,
            tier_unknown: c.tier_unknown,
            score: c.score,
            reserves: c.reserves,
            ceilings: c.ceilings,
            tier: c.tier,
            verdict: c.verdict,
            kept: c.kept,
        })
    };
    let path = inclusion_proof(
        &contents.applicants,
        &contents.choices,
        &contents.providers,
        index,
    )?;
    Some(Receipt {
        bundle_id: None,
        ticket: ticket.to_owned(),
        secret: secret.to_owned(),
        facts,
        applicant: contents.applicants.get(index)?.clone(),
        choices: list
            .of(contents, index)
            .iter()
            .map(own)
            .collect::<Option<_>>()?,
        proof: Proof {
            index: index as u64,
            size: contents.applicants.len() as u64,
            path: path.iter().map(|h| hex(h)).collect(),
        },
    })
}

/// Checks a bundle as one applicant can, with the own receipt.
///
/// # Errors
/// As [`crate::anybody`].
pub fn applicant(path: &Path, receipt: &Receipt) -> Result<Report, BundleError> {
    let (contents, hashes) = read(path)?;
    let mut checks = Checks::default();
    let files = hashes.files.len() + 1;
    checks.add(
        "hashes",
        "文件散列与清单相符",
        "every file is what the manifest says",
        files,
        None,
    );
    checks.add(
        "rules",
        "规则由项目文件得出",
        "the rules follow from the programme file",
        1,
        certificate::check_rules(&contents),
    );
    checks.add(
        "identity",
        "证明与规则一致",
        "the certificate is about these rules",
        1,
        certificate::check_identity(&contents),
    );
    let later = contents.round.is_some();
    if !later {
        checks.add(
            "seats",
            "各入口名额由容量得出",
            "the doors' seats follow from the capacity",
            contents.doors.len(),
            seats::check_seats(&contents),
        );
    }
    let pool = (contents.rules.publish == Publish::Rows).then(|| draw::pool_of(&contents));
    // Where nothing is drawn there is nothing to recompute.
    if !contents.rules.draw.sources.is_empty() {
        checks.add(
            "draw",
            "号池、种子可重算",
            "pool and seed are recomputed",
            1,
            draw::check(&contents.rules, &contents.certificate.draw, pool),
        );
    }
    Own {
        contents: &contents,
        hashes: &hashes,
        receipt,
    }
    .check(&mut checks);
    let rows = contents.rules.publish == Publish::Rows;
    if later {
        return Ok(checks.report(
            Text::new(
                "本人的一行在公示包中;本人的事实与条件、结论相符,优先级由所公布的条件得出。",
                "The own row is in the bundle; the own facts give the own clauses and verdict, the published results of conditions give the own tiers.",
            ),
            Text::new(
                "本轮的递补次序与他人的结果(任何人可凭本轮与上一轮的公示包核对)。",
                "The order along the waiting lists in this round, and other people's results (anybody can check them from this bundle and the one before).",
            ),
        ));
    }
    Ok(checks.report(
        Text::new(
            "本人的一行在公示包中;本人的事实与条件、结论相符,优先级由所公布的条件得出;更想去之处的末位均在本人之前。",
            "The own row is in the bundle; the own facts give the own clauses and verdict, the published results of conditions give the own tiers; wherever the own list names a place liked better, the last admitted comes first.",
        ),
        if rows {
            Text::new("他人的结果(任何人可凭整个公示包核对)。", "Other people's results (anybody can check them from the whole bundle).")
        } else {
            Text::new(
                "他人的结果;同级同分者之间的摇号名次(本包不含各行)。",
                "Other people's results; the order of the draw among those of equal tier and score (the bundle shows no rows).",
            )
        },
    ))
}

struct Own<'a> {
    contents: &'a Contents,
    hashes: &'a Hashes,
    receipt: &'a Receipt,
}

/// The own facts as values.
struct Facts(Vec<Option<Value>>);

impl Row for Facts {
    fn value(&self, table: Scope, column: usize) -> Option<Value> {
        if table == Scope::Applicant {
            self.0.get(column).cloned().flatten()
        } else {
            None
        }
    }
}

impl Own<'_> {
    fn check(&self, checks: &mut Checks) {
        let own = self.receipt.choices.len();
        checks.add(
            "receipt",
            "回执属于本公示包",
            "the receipt belongs to this bundle",
            1,
            self.belongs(),
        );
        match self.choices() {
            Err(wrong) => {
                checks.add(
                    "inclusion",
                    "本人一行在公示包中",
                    "the own row is in the bundle",
                    1,
                    Some(wrong),
                );
            }
            Ok(choices) => {
                checks.add(
                    "inclusion",
                    "本人一行在公示包中",
                    "the own row is in the bundle",
                    1,
                    self.included(&choices),
                );
                checks.add(
                    "own-order",
                    "本人的结论与优先级",
                    "the own verdicts and tiers follow from the masks",
                    own,
                    self.derived(&choices),
                );
                if self.contents.round.is_some() {
                    // The cut-offs of a later round are about those who waited for it.
                    return self.own_facts(checks);
                }
                let (count, found) = self.passed_over(&choices);
                checks.add(
                    "own-cut-offs",
                    "更想去之处的末位均在本人之前",
                    "wherever liked better, the last admitted comes first",
                    count,
                    found,
                );
            }
        }
        self.own_facts(checks);
    }

    fn own_facts(&self, checks: &mut Checks) {
        checks.add(
            "own-facts",
            "本人的事实与散列相符",
            "the own facts have the published hash",
            self.receipt.facts.len(),
            self.facts(),
        );
        let clauses = self.contents.rules.clauses_of(Scope::Applicant).count();
        checks.add(
            "own-clauses",
            "本人的条件重算相符",
            "the own clauses come out the same",
            clauses,
            self.clauses(),
        );
    }

    fn belongs(&self) -> Found {
        let receipt = self.receipt;
        differs("ticket", &receipt.ticket, &receipt.applicant.ticket)
            .or_else(|| differs("bundle_id", &self.hashes.id, receipt.bundle_id.as_ref()?))
            .or_else(|| {
                differs(
                    "proof.size",
                    self.contents.certificate.applicants,
                    receipt.proof.size,
                )
            })
    }

    /// Returns the own list with the providers as the bundle counts them.
    fn choices(&self) -> Result<Vec<ChoiceRow>, Text> {
        let applicant = u32::try_from(self.receipt.proof.index).unwrap_or(u32::MAX);
        let mut rows: Vec<ChoiceRow> = Vec::new();
        for c in &self.receipt.choices {
            let found = self
                .contents
                .providers
                .binary_search_by(|p| p.provider.as_str().cmp(&c.provider));
            let provider = found.ok().and_then(|p| u32::try_from(p).ok());
            let Some(provider) =
                provider.filter(|_| rows.last().is_none_or(|r| r.position < c.position))
            else {
                return Err(offends(
                    &c.provider,
                    "志愿无法对应",
                    "is out of order or unknown",
                ));
            };
            rows.push(ChoiceRow {
                applicant,
                position: c.position,
                provider,
                holds: c.holds,
                unknown: c.unknown,
                tier_holds: c.tier_holds,
                tier_unknown: c.tier_unknown,
                score: c.score,
                reserves: c.reserves,
                ceilings: c.ceilings,
                tier: c.tier,
                verdict: c.verdict,
                kept: c.kept,
            });
        }
        Ok(rows)
    }

    fn included(&self, choices: &[ChoiceRow]) -> Found {
        let proof = &self.receipt.proof;
        let leaf = leaf_hash(&row_leaf(
            &self.receipt.applicant,
            choices,
            &self.contents.providers,
        ));
        let path: Option<Vec<[u8; 32]>> = proof.path.iter().map(|h| unhex(h)).collect();
        let root = unhex(&self.contents.certificate.rows_root);
        let holds = path.zip(root).is_some_and(|(path, root)| {
            verify_inclusion(&leaf, proof.index, proof.size, &path, &root)
        });
        if !holds {
            return Some(offends(
                &self.receipt.ticket,
                "不在公示包的各行之中",
                "is not among the bundle's rows",
            ));
        }
        if self.contents.rules.publish == Publish::Roots {
            return None;
        }
        let index = usize::try_from(proof.index).unwrap_or(usize::MAX);
        let shown = self.contents.applicants.get(index);
        let same = shown == Some(&self.receipt.applicant)
            && Lists::new(self.contents).of(self.contents, index) == choices;
        (!same).then(|| {
            offends(
                &self.receipt.ticket,
                "与公布的行不同",
                "differs from the published row",
            )
        })
    }

    fn facts(&self) -> Found {
        let (rules, receipt) = (&self.contents.rules, self.receipt);
        let Some(secret) = &rules.secret else {
            return (!receipt.applicant.facts_hash.is_empty())
                .then(|| offends(&receipt.ticket, "不应有散列", "should have no hash"));
        };
        let mut columns: Vec<&str> = rules
            .applicants
            .columns
            .iter()
            .map(|c| c.name.as_str())
            .filter(|c| c != secret)
            .collect();
        columns.sort_unstable();
        if !receipt.facts.keys().map(String::as_str).eq(columns) {
            return Some(offends(
                "facts",
                "列与名册不符",
                "are not the register's columns",
            ));
        }
        let fact = |column: &str| receipt.facts.get(column).cloned().flatten();
        let draw = match &rules.tie_break.unit {
            DrawUnit::Applicant => None,
            DrawUnit::Family(column) => fact(column),
        };
        let groups: Vec<Option<String>> = rules.group_columns().into_iter().map(fact).collect();
        differs(
            "facts_hash",
            facts_hash(&receipt.secret, &receipt.facts),
            receipt.applicant.facts_hash.clone(),
        )
        .or_else(|| {
            differs(
                "ticket",
                fact(&rules.ticket).unwrap_or_default(),
                receipt.ticket.clone(),
            )
        })
        .or_else(|| {
            differs(
                "draw_ticket",
                draw.unwrap_or_else(|| receipt.ticket.clone()),
                receipt.applicant.draw_ticket.clone(),
            )
        })
        .or_else(|| {
            (groups != receipt.applicant.groups)
                .then(|| offends("groups", "与事实不符", "are not those of the facts"))
        })
    }

    fn clauses(&self) -> Found {
        let rules = &self.contents.rules;
        let values = rules
            .applicants
            .columns
            .iter()
            .map(|c| value(c.data_type, self.receipt.facts.get(&c.name)?.as_deref()?));
        let bad = rules.applicants.columns.iter().find(|c| {
            let given = self.receipt.facts.get(&c.name).and_then(|f| f.as_deref());
            given.is_some_and(|text| value(c.data_type, text).is_none())
        });
        if let Some(column) = bad {
            return Some(offends(
                &column.name,
                "值不符合类型",
                "is not a value of its type",
            ));
        }
        let facts = Facts(values.collect());
        let Ok(compiled) = Compiled::new(rules) else {
            return Some(offends(
                "rules",
                "表达式有误",
                "has an expression that is wrong",
            ));
        };
        let row = &self.receipt.applicant;
        match compiled.applicant(&facts) {
            Err(e) => Some(offends(&row.ticket, &e.text().zh, &e.text().en)),
            Ok(found)
                if (found.holds, found.unknown, found.verdict)
                    != (row.holds, row.unknown, row.verdict) =>
            {
                Some(offends(
                    &row.ticket,
                    "条件的结果有误",
                    "the clauses come out differently",
                ))
            }
            Ok(_) => None,
        }
    }

    fn derived(&self, choices: &[ChoiceRow]) -> Found {
        let rules = &self.contents.rules;
        let right = |c: &&ChoiceRow| {
            rows::tier(rules, c) == c.tier
                && rows::choice_verdict(rules, c.holds, c.unknown) == c.verdict
        };
        if let Some(wrong) = choices.iter().find(|c| !right(c)) {
            return Some(offends(
                &format!("{} #{}", self.receipt.ticket, wrong.position),
                "结论或优先级有误",
                "has a wrong verdict or tier",
            ));
        }
        if self.contents.round.is_some() {
            return None;
        }
        self.own_place(choices)
    }

    /// The own place is on the own list, and its door is open to this person.
    fn own_place(&self, choices: &[ChoiceRow]) -> Found {
        let row = &self.receipt.applicant;
        let place = row.placement.as_ref()?;
        let named = |c: &&ChoiceRow| {
            let provider = self.contents.providers.get(c.provider as usize);
            c.position == place.position && provider.is_some_and(|p| p.provider == place.provider)
        };
        match choices.iter().find(named) {
            Some(choice) => misplaced(row, choice, place.door),
            None => Some(offends(
                &row.ticket,
                "不在本人志愿表上",
                "is placed where the own list does not say",
            )),
        }
    }

    /// Returns the first place liked better whose last admitted does not come first.
    fn passed_over(&self, choices: &[ChoiceRow]) -> (usize, Found) {
        let row = &self.receipt.applicant;
        let limit = row.placement.as_ref().map(|p| p.position);
        let better: Vec<&ChoiceRow> = choices
            .iter()
            .filter(|c| limit.is_none_or(|l| c.position < l) && usable(row, c))
            .collect();
        let start = usize::try_from(self.receipt.proof.index)
            .ok()
            .map(|index| Lists::new(self.contents).range(index).start);
        let service = (self.contents.rules.publish == Publish::Rows)
            .then(|| Service::new(self.contents))
            .flatten();
        let wrong = better.iter().find(|c| {
            let at = choices
                .iter()
                .position(|x| x.position == c.position)
                .unwrap_or(0);
            let rank = service
                .as_ref()
                .zip(start)
                .map(|(s, start)| s.key(start + at, c).2);
            self.admits(c, rank)
        });
        let found = wrong.map(|c| {
            let provider = self
                .contents
                .providers
                .get(c.provider as usize)
                .map_or("?", |p| &p.provider);
            offends(provider, "应当收下此人", "would have to choose this person")
        });
        (better.len(), found)
    }

    /// Returns whether the provider would choose this person, by its doors' rows.
    fn admits(&self, choice: &ChoiceRow, rank: Option<u32>) -> bool {
        let rules = &self.contents.rules;
        let per = seats::names(rules).len();
        let start = choice.provider as usize * per;
        let doors = self
            .contents
            .doors
            .get(start..start + per)
            .unwrap_or_default();
        let lets_in = |slot: usize| -> bool {
            doors.get(slot).is_some_and(|door| {
                let Some(tier) = door.last_tier else {
                    return !seats::full(door);
                };
                let turn = |score: i64| match rules.score.as_ref().map(|s| s.order) {
                    Some(Order::HighFirst) => score.saturating_neg(),
                    _ => score,
                };
                let own = (choice.tier, turn(choice.score));
                let last = (tier, turn(door.last_score.unwrap_or(0)));
                own < last || own == last && rank.zip(door.last_rank).is_some_and(|(r, l)| r < l)
            })
        };
        let open = 1 + rules.reserves.len();
        if choice.kept
            || (0..rules.reserves.len()).any(|i| choice.reserves >> i & 1 == 1 && lets_in(1 + i))
        {
            return true;
        }
        let ceilings = (0..rules.ceilings.len())
            .filter(|i| choice.ceilings >> i & 1 == 1)
            .map(|i| open + 1 + i);
        let over = ceilings
            .into_iter()
            .find(|slot| doors.get(*slot).is_some_and(seats::full));
        lets_in(over.unwrap_or(open))
    }
}
