//! Bundles of later rounds and those before them.

use std::path::{Path, PathBuf};

use minsheng_bundle::{Contents, Hashes};
use minsheng_cycle::{After, Registers};
use minsheng_model::Publish;
use minsheng_registers::Register;
use minsheng_verify::Report;

use crate::commands::receipt::opened;
use crate::commands::verify::bundle_failure;
use crate::exit::{Code, Failure};

/// Returns the bundle of the round before, or that the candidates come from: the one
/// that was named, else the one of that identity in the same folder. `None` where a
/// bundle goes on from no other, and where there is none.
pub fn previous(bundle: &Path, contents: &Contents, named: Option<&Path>) -> Option<PathBuf> {
    if let Some(named) = named {
        return Some(named.to_owned());
    }
    let round = contents.round.as_ref().map(|r| &r.seal.previous);
    let origin = contents.certificate.carried.as_ref().map(|c| &c.id);
    let short: String = round.or(origin)?.chars().take(16).collect();
    let real = std::fs::canonicalize(bundle).ok()?;
    let entries = std::fs::read_dir(real.parent()?).ok()?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| p.is_dir() && p.to_string_lossy().ends_with(&format!("-{short}")))
        .collect();
    found.sort();
    // As the user would name it, not as the disk does.
    let name = found.into_iter().next()?.file_name()?.to_owned();
    Some(match bundle.parent() {
        Some(parent) => parent.join(name),
        None => PathBuf::from(name),
    })
}

/// Checks a bundle that was read, together with the one it goes on from where that is at
/// hand.
///
/// # Errors
/// When the bundle before cannot be read.
pub fn check(
    bundle: &Path,
    (contents, hashes): (&Contents, &Hashes),
    named: Option<&Path>,
) -> Result<Report, Failure> {
    match previous(bundle, contents, named) {
        Some(before) => minsheng_verify::anybody_having_after(contents, hashes, &before)
            .map_err(|e| bundle_failure(bundle, &e)),
        None => Ok(minsheng_verify::anybody_having(contents, hashes)),
    }
}

/// Returns a bundle's contents with their rows. Where it shows the root over them
/// only, its rounds are decided again from the registers.
///
/// # Errors
/// When a bundle of the chain is missing or gives another decision, and where appeals
/// were entered, whose records are not here.
pub fn with_rows(
    bundle: &Path,
    contents: Contents,
    registers: &Registers,
    replies: Option<&Register>,
) -> Result<Contents, Failure> {
    let Some(round) = contents
        .round
        .as_ref()
        .filter(|_| contents.rules.publish == Publish::Roots)
    else {
        return opened(contents, registers);
    };
    let refuse = |zh: &str, en: &str| Failure::new(Code::WrongFile, "round/no-rows", zh, en);
    let (Some(before), Some(replies)) = (previous(bundle, &contents, None), replies) else {
        return Err(refuse(
            "只公布根值的公示包须由名册重现:同一文件夹内缺少上一轮的公示包",
            "a bundle that shows roots only is made again from the registers: the bundle of the round before is not in the same folder",
        ));
    };
    if round.seal.appeals > 0 {
        return Err(refuse(
            "该轮纳入了复核,而公示包只公布根值,无法由名册重现",
            "appeals were entered into a round that shows roots only: it cannot be made again from the registers",
        ));
    }
    let (past, hashes) = minsheng_bundle::read(&before).map_err(|e| bundle_failure(&before, &e))?;
    let past = with_rows(&before, past, registers, Some(replies))?;
    let after = After {
        previous: &past,
        id: &hashes.id,
        replies,
        appeals: &[],
    };
    let again = minsheng_cycle::next_round(
        &contents.rules,
        &contents.programme_file,
        registers,
        &after,
        &|_| {},
    )
    .map_err(Failure::wrong_file)?;
    if again.certificate == contents.certificate
        && again.round.as_ref().map(|r| &r.seal) == contents.round.as_ref().map(|r| &r.seal)
    {
        return Ok(again);
    }
    Err(Failure::new(
        Code::NotHeld,
        "receipt/other-decision",
        "由现有名册得出的本轮与公示包不同:名册已变动,或公示包有误",
        "the registers as they are give another round than the bundle's: they have changed, or the bundle is wrong",
    ))
}
