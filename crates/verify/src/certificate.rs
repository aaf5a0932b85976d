//! The certificate against the rules and against the rows.

use minsheng_bundle::{Contents, FORMAT, hex, mechanism_name, rows_root, unhex};
use minsheng_model::{Rules, Verdict};

use crate::carried;
use crate::lists::shows_rows;
use crate::report::{Found, differs, offends};

/// Checks that the rules are what the programme file says.
pub(crate) fn check_rules(contents: &Contents) -> Found {
    let Ok(text) = std::str::from_utf8(&contents.programme_file) else {
        return Some(offends("programme.toml", "不是 UTF-8", "is not UTF-8"));
    };
    let loaded = minsheng_programme::load_str("programme.toml", text);
    match loaded.rules {
        None => Some(offends("programme.toml", "有错误", "has mistakes")),
        // As written: 0.20 and 0.200 are one value and two texts.
        Some(rules) if !same_text(&rules, &contents.rules) => Some(offends(
            "rules.json",
            "与项目文件不符",
            "is not what the programme file says",
        )),
        Some(_) => None,
    }
}

fn same_text(a: &Rules, b: &Rules) -> bool {
    match (serde_json::to_string(a), serde_json::to_string(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// Checks what the certificate repeats of the rules.
pub(crate) fn check_identity(contents: &Contents) -> Found {
    let (c, r) = (&contents.certificate, &contents.rules);
    // A table that the rules do not have has no column.
    let tables = [&r.applicants, &r.providers, &r.choices].into_iter();
    let tables = tables.filter(|t| !t.columns.is_empty());
    let names: Vec<&str> = tables.map(|t| t.name.as_str()).collect();
    let names = names.join(", ");
    let drawn = !r.draw.sources.is_empty();
    let found: Vec<&str> = c.registers.iter().map(|s| s.name.as_str()).collect();
    differs("format", FORMAT, c.format.as_str())
        .or_else(|| differs("mechanism", mechanism_name(r), c.mechanism.as_str()))
        .or_else(|| differs("programme", &r.programme, &c.programme))
        .or_else(|| differs("version", r.version, c.version))
        .or_else(|| differs("cycle", &r.cycle, &c.cycle))
        .or_else(|| differs("as_of", r.as_of, c.as_of))
        .or_else(|| differs("registers", names, found.join(", ")))
        .or_else(|| {
            let wrong = c.registers.iter().find(|s| unhex(&s.sha256).is_none())?;
            Some(offends(&wrong.name, "散列格式有误", "its hash is not one"))
        })
        .or_else(|| carried::sealed(contents))
        .or_else(|| {
            let fits = unhex(&c.rows_root).is_some();
            (!fits).then(|| offends("rows_root", "不是散列", "is no hash"))
        })
        .or_else(|| {
            let pool = c.draw.pool_size;
            // Late applications come to a draw that was held without them.
            let somebody = pool > 0 || c.applicants == 0 || contents.round.is_some();
            let fits = pool <= c.applicants && somebody;
            (!fits && drawn).then(|| {
                offends(
                    "draw.pool_size",
                    "与申请数不符",
                    "does not fit the number of applicants",
                )
            })
        })
}

/// Checks the counts that can be counted.
pub(crate) fn check_counts(contents: &Contents) -> Found {
    let c = &contents.certificate;
    let by = |v: Verdict| {
        contents
            .applicants
            .iter()
            .filter(|a| a.verdict == v)
            .count() as u64
    };
    let seal = |index: usize| c.registers.get(index).map_or(u64::MAX, |s| s.rows);
    let placed: u64 = contents.providers.iter().map(|p| u64::from(p.placed)).sum();
    let sum = c
        .eligible
        .checked_add(c.not_eligible)
        .and_then(|s| s.checked_add(c.undetermined));
    let everywhere = differs("providers", contents.providers.len() as u64, c.providers)
        .or_else(|| differs("placed", placed, c.placed))
        .or_else(|| differs("applicants", sum.unwrap_or(u64::MAX), c.applicants))
        .or_else(|| differs("registers[0].rows", c.applicants, seal(0)))
        .or_else(|| differs("registers[1].rows", c.providers, seal(1)))
        .or_else(|| {
            (c.placed > c.eligible)
                .then(|| offends("placed", "多于符合条件者", "are more than are eligible"))
        });
    // Kept seats that nobody listed are added to the lists: at most one a person.
    let listed = seal(2);
    let between = |kept: u64| listed <= c.choices && listed.saturating_add(kept) >= c.choices;
    if everywhere.is_some() || !shows_rows(contents) {
        let most = contents
            .rules
            .current_provider
            .as_ref()
            .map_or(0, |_| c.applicants);
        return everywhere.or_else(|| {
            (!between(most)).then(|| {
                offends(
                    "choices",
                    "与名册行数不符",
                    "do not fit the register's rows",
                )
            })
        });
    }
    let kept = contents.choices.iter().filter(|c| c.kept).count() as u64;
    let fits = between(kept);
    differs("applicants", contents.applicants.len() as u64, c.applicants)
        .or_else(|| differs("choices", contents.choices.len() as u64, c.choices))
        .or_else(|| differs("eligible", by(Verdict::Eligible), c.eligible))
        .or_else(|| differs("not_eligible", by(Verdict::NotEligible), c.not_eligible))
        .or_else(|| differs("undetermined", by(Verdict::Undetermined), c.undetermined))
        .or_else(|| {
            differs(
                "placed",
                contents
                    .applicants
                    .iter()
                    .filter(|a| a.placement.is_some())
                    .count() as u64,
                c.placed,
            )
        })
        .or_else(|| {
            (!fits).then(|| {
                offends(
                    "registers[2].rows",
                    "与志愿数不符",
                    "does not fit the number of choices",
                )
            })
        })
}

/// Checks the root over the rows.
pub(crate) fn check_root(contents: &Contents) -> Found {
    let root = rows_root(&contents.applicants, &contents.choices, &contents.providers);
    differs(
        "rows_root",
        hex(&root),
        contents.certificate.rows_root.clone(),
    )
}
