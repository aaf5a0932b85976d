use std::path::Path;

use minsheng_bundle::Contents;

use crate::args::DrawArgs;
use crate::city::disk;
use crate::commands::verify::bundle_failure;
use crate::console::Console;
use crate::exit::{Code, Failure};

/// Recomputes a public draw.
///
/// # Errors
/// When a file cannot be read or the sources are not in canonical form.
pub fn run(console: &Console, options: &DrawArgs) -> Result<(), Failure> {
    if let Some(path) = &options.bundle {
        let (contents, _) = minsheng_bundle::read(path).map_err(|e| bundle_failure(path, &e))?;
        return of_bundle(console, &contents, options.count);
    }
    let (Some(sources), Some(pool)) = (&options.sources, &options.pool) else {
        return Err(Failure::new(
            Code::WrongFile,
            "draw/nothing",
            "请用 --bundle 指定公示包,或用 --rfc3797 / --vrs 连同 --sources 与 --pool",
            "name a bundle with --bundle, or use --rfc3797 or --vrs with --sources and --pool",
        ));
    };
    let pool = read_pool(pool)?;
    let count = options.count.unwrap_or(usize::MAX);
    let winners = if options.rfc3797 {
        minsheng_plain::draw_rfc3797(sources, &pool, count)
    } else {
        minsheng_plain::draw_vrs(sources, &pool, count)
    };
    let winners = winners
        .map_err(|e| Failure::new(Code::WrongFile, "draw/input", e.text().zh, e.text().en))?;
    for winner in winners {
        console.say(&winner);
    }
    Ok(())
}

fn read_pool(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|e| disk(path, &e))
}

/// Prints seed and order of a bundle's draw: rank, number, ticket.
fn of_bundle(console: &Console, contents: &Contents, count: Option<usize>) -> Result<(), Failure> {
    let rules = &contents.rules;
    let mut pool: Vec<&str> = contents
        .applicants
        .iter()
        .map(|a| a.draw_ticket.as_str())
        .collect();
    pool.sort_unstable();
    pool.dedup();
    let root = minsheng_lottery::pool_root(&pool);
    let sources: Vec<_> = rules
        .draw
        .sources
        .iter()
        .map(|s| (s.values.clone(), s.sorted))
        .collect();
    let announcement = minsheng_lottery::Announcement {
        programme: &rules.programme,
        cycle: &rules.cycle,
        draw: &rules.draw.id,
        sources: &sources,
    };
    let seed = minsheng_lottery::seed(&root, &announcement);
    let sealed = &contents.certificate.draw;
    if hex(&seed) != sealed.seed || hex(&root) != sealed.pool_root {
        return Err(Failure::new(
            Code::NotHeld,
            "draw/differs",
            "重算的种子与公示包中的不同",
            "the recomputed seed differs from the bundle's",
        ));
    }
    let mut order: Vec<([u8; 32], &str)> = pool
        .iter()
        .map(|t| (minsheng_lottery::number(&seed, t.as_bytes()), *t))
        .collect();
    order.sort_unstable();
    console.tell(
        &format!(
            "号池 {} 个号,根值 {}\n来源 {}\n种子 {}",
            pool.len(),
            hex(&root),
            sealed.canonical,
            hex(&seed)
        ),
        &format!(
            "pool of {} numbers, root {}\nsources {}\nseed {}",
            pool.len(),
            hex(&root),
            sealed.canonical,
            hex(&seed)
        ),
    );
    for (rank, (number, ticket)) in (1u64..).zip(order).take(count.unwrap_or(usize::MAX)) {
        if console.json() {
            console.say(
                &serde_json::json!({ "rank": rank, "number": hex(&number), "ticket": ticket })
                    .to_string(),
            );
        } else {
            console.say(&format!("{rank}\t{}\t{ticket}", hex(&number)));
        }
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
