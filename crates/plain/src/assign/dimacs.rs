//! DIMACS `.min`: minimum-cost flow.

use minsheng_assignment::{Flow, Network, UNLIMITED, network};
use minsheng_verify::Report;
use minsheng_verify::assignment::{NetworkCase, NetworkClaim, check_network};
use serde_json::{Value, json};

use crate::error::PlainError;
use crate::site::fields::Fields;
use crate::words::{Word, at, number, words_of};

/// Reads the format of the first DIMACS challenge: `c` comments, one `p min NODES
/// ARCS`, `n NODE SUPPLY`, `a FROM TO LOWER CAPACITY COST`. A negative capacity means
/// that there is none.
pub(super) fn read(text: &str) -> Result<Network, PlainError> {
    let mut net = Network::default();
    let mut declared: Option<usize> = None;
    let mut given: Vec<bool> = Vec::new();
    let mut lines = 1;
    for (index, content) in text.lines().enumerate() {
        lines = index + 1;
        let words: Vec<Word<'_>> = words_of(content, lines).collect();
        let Some(kind) = words.first() else { continue };
        let end = (lines, content.chars().count() + 1);
        match kind.text {
            "c" => {}
            "p" => {
                if declared.is_some() {
                    return Err(
                        kind.wrong("只能有一行问题行", "there can be one problem line only")
                    );
                }
                fields(&words, 4, end)?;
                if let Some(word) = words.get(1).filter(|w| w.text != "min") {
                    return Err(word.wrong("应为 `min`", "expected `min`"));
                }
                let nodes = take(&words, 2, "节点数", "the number of nodes", 0, 1 << 31)?;
                let arcs = take(&words, 3, "弧数", "the number of arcs", 0, 1 << 31)?;
                let nodes = usize::try_from(nodes).unwrap_or(0);
                // A header may promise more than there is: memory follows the file.
                if nodes > text.len().saturating_mul(8).saturating_add(1_000_000) {
                    return Err(kind.wrong(
                        "节点数远大于文件",
                        "promises far more nodes than the file has",
                    ));
                }
                net.supply = vec![0; nodes];
                given = vec![false; nodes];
                declared = usize::try_from(arcs).ok();
            }
            "n" | "a" if declared.is_none() => {
                return Err(kind.wrong("之前应有 `p min` 行", "a `p min` line has to come before"));
            }
            "n" => {
                fields(&words, 3, end)?;
                let node = node(&words, 1, net.supply.len())?;
                let supply = take(&words, 2, "供给", "the supply", i64::MIN, i64::MAX)?;
                if let (Some(slot), Some(seen)) = (net.supply.get_mut(node), given.get_mut(node)) {
                    if std::mem::replace(seen, true) {
                        return Err(
                            kind.wrong("该节点已给过供给", "gives a node's supply a second time")
                        );
                    }
                    *slot = supply;
                }
            }
            "a" => {
                fields(&words, 6, end)?;
                let id = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
                net.from.push(id(node(&words, 1, net.supply.len())?));
                net.to.push(id(node(&words, 2, net.supply.len())?));
                let lower = take(&words, 3, "下界", "the lower bound", 0, i64::MAX - 1)?;
                let upper = take(&words, 4, "容量", "the capacity", i64::MIN, i64::MAX)?;
                let upper = if upper < 0 { UNLIMITED } else { upper };
                if let Some(word) = words.get(4).filter(|_| lower > upper) {
                    return Err(word.wrong("容量小于下界", "the capacity is below the lower bound"));
                }
                net.lower.push(lower);
                net.upper.push(upper);
                net.cost
                    .push(take(&words, 5, "成本", "the cost", i64::MIN, i64::MAX)?);
            }
            _ => return Err(kind.wrong("行首应为 c、p、n 或 a", "a line begins with c, p, n or a")),
        }
    }
    match declared {
        None => Err(at(
            (lines, 1),
            "缺少 `p min` 行".into(),
            "there is no `p min` line".into(),
        )),
        Some(arcs) if arcs != net.from.len() => Err(at(
            (lines, 1),
            format!("问题行说有 {arcs} 条弧,实有 {}", net.from.len()),
            format!(
                "the problem line says {arcs} arcs, there are {}",
                net.from.len()
            ),
        )),
        Some(_) => Ok(net),
    }
}

fn fields(words: &[Word<'_>], count: usize, end: (usize, usize)) -> Result<(), PlainError> {
    match words.get(count) {
        Some(word) => Err(word.wrong("多余的内容", "more than there should be")),
        None if words.len() < count => Err(at(
            end,
            format!("该行应有 {count} 项"),
            format!("the line has to have {count} fields"),
        )),
        None => Ok(()),
    }
}

fn take(
    words: &[Word<'_>],
    index: usize,
    zh: &str,
    en: &str,
    low: i64,
    high: i64,
) -> Result<i64, PlainError> {
    match words.get(index) {
        Some(word) => word.whole(zh, en, low, high),
        None => Ok(0),
    }
}

fn node(words: &[Word<'_>], index: usize, most: usize) -> Result<usize, PlainError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let own = take(words, index, "节点号", "the node", 1, most)?;
    Ok(usize::try_from(own - 1).unwrap_or(0))
}

pub(super) fn solve(net: &Network) -> Result<Value, PlainError> {
    let flow =
        network(net).map_err(|e| PlainError::whole(format!("无法求解:{e}"), e.to_string()))?;
    let from_one = |list: &[u32]| -> Vec<u64> { list.iter().map(|x| u64::from(*x) + 1).collect() };
    let mut out = match &flow {
        Flow::Optimal {
            flow,
            potential,
            cost,
        } => {
            let mut out = super::exact(*cost);
            let all: Vec<Value> = potential.iter().map(|p| number(*p, 0)).collect();
            merge(
                &mut out,
                json!({
                    "status": "proved-optimal", "flow": flow,
                    "certificate": { "format": FORMAT, "potential": all },
                }),
            );
            out
        }
        Flow::Infeasible { cut } => json!({
            "status": "proved-infeasible", "objective": null, "bound": null, "gap": null,
            "certificate": { "format": FORMAT, "cut": from_one(cut) },
        }),
        Flow::Unbounded { flow, cycle } => json!({
            "status": "proved-unbounded", "objective": null, "bound": null, "gap": null, "flow": flow,
            "certificate": { "format": FORMAT, "cycle": from_one(cycle) },
        }),
    };
    merge(
        &mut out,
        json!({ "mechanism": "assign", "model": "min-cost-flow" }),
    );
    Ok(out)
}

const FORMAT: &str = "minsheng-assign-1";

pub(super) fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(a), Value::Object(b)) = (into, from) {
        a.extend(b);
    }
}

pub(super) fn check(net: &Network, outcome: &Fields<'_>) -> Result<Report, PlainError> {
    let arcs = (0..net.from.len()).filter_map(|a| {
        let upper = net.upper.get(a).copied()?;
        Some((
            *net.from.get(a)? as usize,
            *net.to.get(a)? as usize,
            *net.lower.get(a)?,
            (upper != UNLIMITED).then_some(upper),
            *net.cost.get(a)?,
        ))
    });
    let case = NetworkCase {
        supply: net.supply.clone(),
        arcs: arcs.collect(),
    };
    let certificate = outcome.member("certificate")?;
    certificate.expect("format", FORMAT)?;
    let claim = match outcome.text("status")? {
        "proved-optimal" => {
            outcome.no_gap()?;
            NetworkClaim::Optimal {
                flow: outcome.whole_list("flow")?,
                potential: certificate.wide_list("potential")?,
                objective: outcome.wide("objective", 0)?,
            }
        }
        "proved-infeasible" => {
            outcome.nothing(&["objective", "bound", "gap", "flow"])?;
            NetworkClaim::Infeasible {
                cut: certificate.counted("cut")?,
            }
        }
        "proved-unbounded" => {
            outcome.nothing(&["objective", "bound", "gap"])?;
            NetworkClaim::Unbounded {
                flow: outcome.whole_list("flow")?,
                cycle: certificate.counted("cycle")?,
            }
        }
        other => return Err(Fields::unknown_status(other)),
    };
    Ok(check_network(&case, &claim))
}
