use minsheng_bundle::DrawSeal;
use minsheng_lottery as lottery;
use minsheng_model::{ChoiceRow, Diagnostic, Rules, Text, TieMethod};

use crate::facts::Names;
use crate::{Registers, hex};

/// A draw that was held.
pub(crate) struct Held {
    /// What is published of it.
    pub seal: DrawSeal,
    /// For each choice row the place in the draw, from 1, unique at its provider.
    pub ranks: Vec<u32>,
}

/// The distinct draw tickets in byte order: what is frozen before the draw.
fn pool(names: &Names) -> Vec<&str> {
    let mut pool: Vec<&str> = names.draw_tickets.iter().map(String::as_str).collect();
    pool.sort_unstable();
    pool.dedup();
    pool
}

fn sources(rules: &Rules) -> Vec<(Vec<u64>, bool)> {
    rules
        .draw
        .sources
        .iter()
        .map(|s| (s.values.clone(), s.sorted))
        .collect()
}

/// Returns whether the sources have spoken.
pub(crate) fn is_held(rules: &Rules) -> bool {
    !rules.draw.sources.iter().all(|s| s.values.is_empty())
}

/// Returns the error of a run before the draw: it names the root to publish.
pub(crate) fn not_yet_held(
    rules: &Rules,
    registers: &Registers,
) -> Result<Diagnostic, Vec<Diagnostic>> {
    let names = Names::new(rules, registers)?;
    let pool = pool(&names);
    let root = hex(&lottery::pool_root(&pool));
    let count = pool.len();
    Ok(Diagnostic::error(
        "cycle/draw-not-held",
        Text::new(
            format!("摇号尚未进行:`draw.sources` 没有公布的数值(号池共 {count} 个号,根值 {root})"),
            format!("the draw has not been held: `draw.sources` has no values yet (pool of {count} numbers, root {root})"),
        ),
    )
    .help(Text::new(
        "先公布号池根值,待各来源开出后把数值填入 `values`,再次运行",
        "publish the pool's root first; when the sources have spoken, write their numbers into `values` and run again",
    )))
}

/// Holds the draw: freezes the pool, makes the seed, ranks everybody.
pub(crate) fn hold(rules: &Rules, names: &Names, choices: &[ChoiceRow]) -> Held {
    let pool = pool(names);
    let root = lottery::pool_root(&pool);
    let sources = sources(rules);
    let announcement = lottery::Announcement {
        programme: &rules.programme,
        cycle: &rules.cycle,
        draw: &rules.draw.id,
        sources: &sources,
    };
    let seed = lottery::seed(&root, &announcement);
    let seal = DrawSeal {
        id: rules.draw.id.clone(),
        pool_size: pool.len() as u64,
        pool_root: hex(&root),
        canonical: lottery::canonical(&sources),
        seed: hex(&seed),
    };
    let ranks = match rules.tie_break.method {
        TieMethod::Single => single(&seed, names, choices),
        TieMethod::Multiple => multiple(&seed, names, choices),
    };
    Held { seal, ranks }
}

fn single(seed: &[u8; 32], names: &Names, choices: &[ChoiceRow]) -> Vec<u32> {
    let tickets: Vec<(&str, &str)> = names
        .draw_tickets
        .iter()
        .zip(&names.tickets)
        .map(|(draw, ticket)| (draw.as_str(), ticket.as_str()))
        .collect();
    let ranks = lottery::ranks_single(seed, &tickets);
    choices
        .iter()
        .map(|c| ranks.get(c.applicant as usize).copied().unwrap_or(u32::MAX))
        .collect()
}

fn multiple(seed: &[u8; 32], names: &Names, choices: &[ChoiceRow]) -> Vec<u32> {
    let name = |list: &'_ [String], index: u32| -> String {
        list.get(index as usize).cloned().unwrap_or_default()
    };
    let mut by_provider: Vec<Vec<usize>> = vec![Vec::new(); names.providers.len()];
    for (row, choice) in choices.iter().enumerate() {
        if let Some(rows) = by_provider.get_mut(choice.provider as usize) {
            rows.push(row);
        }
    }
    let mut ranks = vec![0u32; choices.len()];
    for (provider, rows) in names.providers.iter().zip(&by_provider) {
        let labels: Vec<(String, String)> = rows
            .iter()
            .filter_map(|row| choices.get(*row))
            .map(|c| {
                let draw = name(&names.draw_tickets, c.applicant);
                (
                    format!("{draw}\n{provider}"),
                    name(&names.tickets, c.applicant),
                )
            })
            .collect();
        let labels: Vec<(&str, &str)> = labels
            .iter()
            .map(|(l, t)| (l.as_str(), t.as_str()))
            .collect();
        for (row, rank) in rows.iter().zip(lottery::ranks_single(seed, &labels)) {
            if let Some(slot) = ranks.get_mut(*row) {
                *slot = rank;
            }
        }
    }
    ranks
}
