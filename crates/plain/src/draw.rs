use std::collections::HashSet;

use minsheng_lottery::{rfc3797, vrs};

use crate::error::PlainError;

/// Returns the labels of a pool: one a line, in the file's order, empty lines left
/// out.
fn labels(pool: &str) -> Result<Vec<&str>, PlainError> {
    let mut seen = HashSet::new();
    let mut labels = Vec::new();
    for (index, line) in pool.lines().enumerate() {
        let label = line.trim();
        if label.is_empty() {
            continue;
        }
        if !seen.insert(label) {
            let line = index + 1;
            return Err(PlainError::whole(
                format!("号池第 {line} 行:`{label}` 出现两次"),
                format!("line {line} of the pool: `{label}` is named twice"),
            ));
        }
        labels.push(label);
    }
    Ok(labels)
}

/// Sees that the sources are written as RFC 3797, section 4, says: numbers in
/// decimal, each with a dot behind it, each source closed by a slash.
fn canonical(sources: &str) -> Result<&str, PlainError> {
    let number = |n: &str| {
        !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) && (n == "0" || !n.starts_with('0'))
    };
    let source = |s: &str| {
        s.strip_suffix('.')
            .is_some_and(|s| s.split('.').all(number))
    };
    match sources.strip_suffix('/') {
        Some(all) if all.split('/').all(source) => Ok(sources),
        _ => Err(PlainError::whole(
            format!("来源 `{sources}` 的写法不对:应如 `9319./2.5.8.10.12./`"),
            format!(
                "the sources `{sources}` are not in canonical form, such as `9319./2.5.8.10.12./`"
            ),
        )),
    }
}

/// Returns the first `count` winners by RFC 3797: its MD5 selection over the pool
/// in the order given.
///
/// # Errors
/// Sources not in canonical form, a label twice, more than 65,535 winners.
pub fn draw_rfc3797(sources: &str, pool: &str, count: usize) -> Result<Vec<String>, PlainError> {
    let (key, labels) = (canonical(sources)?, labels(pool)?);
    let chosen = rfc3797::select(key, labels.len(), count)
        .map_err(|e| PlainError::whole(format!("最多选 65,535 个:{e}"), e.to_string()))?;
    Ok(named(&labels, chosen))
}

/// Returns the first `count` labels of the verifiable random sort: HKDF-SHA-256
/// over the canonical string (no salt), one position a label. The order does not
/// depend on the order of the pool.
///
/// # Errors
/// Sources not in canonical form, a label twice.
pub fn draw_vrs(sources: &str, pool: &str, count: usize) -> Result<Vec<String>, PlainError> {
    let (key, labels) = (canonical(sources)?, labels(pool)?);
    let order = vrs::sort(&[], key.as_bytes(), &labels);
    Ok(named(&labels, order.into_iter().take(count)))
}

fn named(labels: &[&str], order: impl IntoIterator<Item = usize>) -> Vec<String> {
    order
        .into_iter()
        .filter_map(|i| labels.get(i).map(|l| (*l).to_owned()))
        .collect()
}
