//! The text formats of the OR-Library.

use minsheng_siting::{FORBIDDEN, Metric};
use minsheng_verify::siting::CaseMetric;

use super::input::Model;
use super::problem::Raw;
use crate::error::PlainError;
use crate::words::{Exact, Words};

/// The most costs a matrix may have.
const CELLS: usize = 200_000_000;

/// Reads the format that belongs to the model.
pub(super) fn read(text: &str, model: Model, capacity: Option<i64>) -> Result<Raw, PlainError> {
    match model {
        Model::PMedian | Model::PCenter | Model::MaxCover => graph(text),
        Model::SetCover => cover(text),
        Model::Uncapacitated | Model::Capacitated => warehouses(text, model, capacity),
    }
}

/// A graph: nodes, edges, p; then `from to cost` for each edge, undirected; a later
/// edge between the same nodes replaces the one before. Every node is demand and site;
/// costs are shortest paths.
fn graph(text: &str) -> Result<Raw, PlainError> {
    let mut words = Words::new(text);
    let first = words.next("节点数", "the number of nodes")?;
    let nodes = first.whole("节点数", "the number of nodes", 0, 1 << 20)?;
    let n = usize::try_from(nodes).unwrap_or(0);
    if n.checked_mul(n).is_none_or(|c| c > CELLS) {
        return Err(first.wrong(
            "节点过多",
            "is too many nodes for shortest paths between all",
        ));
    }
    let edges = words.whole("边数", "the number of edges", 0, 1 << 40)?;
    let p = words.whole("p", "p", 0, i64::from(u32::MAX))?;
    let mut near: Vec<Vec<(u32, i64)>> = vec![Vec::new(); n];
    for _ in 0..edges {
        let a = words.index("节点号", "a node", n)?;
        let b = words.index("节点号", "a node", n)?;
        let cost = words.whole("长度", "the length", 0, i64::MAX / 4 / nodes.max(1))?;
        for (from, to) in [(a, b), (b, a)] {
            let id = u32::try_from(to).unwrap_or(u32::MAX);
            if let Some(list) = near.get_mut(from) {
                match list.iter_mut().find(|(other, _)| *other == id) {
                    Some(edge) => edge.1 = cost,
                    None => list.push((id, cost)),
                }
            }
        }
    }
    words.end()?;
    let mut costs = Vec::with_capacity(n * n);
    for from in 0..n {
        costs.extend(shortest(&near, from));
    }
    let mut raw = Raw::matrix(vec![1; n], n, costs);
    raw.p = u32::try_from(p).ok();
    Ok(raw)
}

/// Returns the lengths of the shortest paths from a node (Dijkstra 1959).
fn shortest(near: &[Vec<(u32, i64)>], from: usize) -> Vec<i64> {
    let mut length = vec![FORBIDDEN; near.len()];
    let mut heap = std::collections::BinaryHeap::new();
    heap.push((std::cmp::Reverse(0i64), from));
    if let Some(own) = length.get_mut(from) {
        *own = 0;
    }
    while let Some((std::cmp::Reverse(so_far), node)) = heap.pop() {
        if length.get(node).is_none_or(|l| *l < so_far) {
            continue;
        }
        for (to, cost) in near.get(node).into_iter().flatten() {
            let to = *to as usize;
            if let Some(own) = length.get_mut(to)
                && so_far + cost < *own
            {
                *own = so_far + cost;
                heap.push((std::cmp::Reverse(*own), to));
            }
        }
    }
    length
}

/// Set cover: rows, columns, the columns' costs, then for each row how many columns
/// cover it and which; or, as in the railway instances, for each column its cost, how
/// many rows it covers and which.
fn cover(text: &str) -> Result<Raw, PlainError> {
    let mut words = Words::new(text);
    let rows = words.whole("行数", "the number of rows", 0, 1 << 30)?;
    let columns = words.whole("列数", "the number of columns", 0, 1 << 30)?;
    let (n, m) = (
        usize::try_from(rows).unwrap_or(0),
        usize::try_from(columns).unwrap_or(0),
    );
    if n > words.left() + 1 || m > words.left() + 1 {
        // Each needs a word at least.
        words.back_to(words.place() + words.left());
        words.next("行与列的数据", "the rows and columns")?;
    }
    let start = words.place();
    let found = by_row(&mut words, n, m);
    let (lists, costs) = match found {
        Ok(found) => found,
        Err(first) => {
            words.back_to(start);
            by_column(&mut words, n, m).map_err(|_| first)?
        }
    };
    let (mut offsets, mut sites) = (vec![0], Vec::new());
    for list in &lists {
        sites.extend(list.iter().copied());
        offsets.push(sites.len());
    }
    let mut raw = Raw::matrix(vec![1; n], m, Vec::new());
    raw.case_metric = CaseMetric::Sparse(
        lists
            .iter()
            .map(|list| list.iter().map(|s| (*s, 0)).collect())
            .collect(),
    );
    raw.metric = Metric::Sparse {
        first: offsets,
        cost: vec![0; sites.len()],
        site: sites,
    };
    raw.fixed = Some(costs);
    Ok(raw)
}

/// For each row its columns; the columns' costs.
type Cover = (Vec<Vec<u32>>, Vec<i64>);

fn by_row(words: &mut Words<'_>, n: usize, m: usize) -> Result<Cover, PlainError> {
    let mut costs = Vec::with_capacity(m);
    for _ in 0..m {
        costs.push(words.whole("列的费用", "the cost of a column", 0, i64::MAX)?);
    }
    let mut lists = vec![Vec::new(); n];
    for list in &mut lists {
        let many = words.whole(
            "覆盖该行的列数",
            "how many columns cover the row",
            0,
            1 << 30,
        )?;
        for _ in 0..many {
            let column = words.index("列号", "a column", m)?;
            list.push(u32::try_from(column).unwrap_or(u32::MAX));
        }
        list.sort_unstable();
        list.dedup();
    }
    words.end()?;
    Ok((lists, costs))
}

fn by_column(words: &mut Words<'_>, n: usize, m: usize) -> Result<Cover, PlainError> {
    let mut costs = Vec::with_capacity(m);
    let mut lists = vec![Vec::new(); n];
    for column in 0..m {
        costs.push(words.whole("列的费用", "the cost of a column", 0, i64::MAX)?);
        let many = words.whole(
            "该列覆盖的行数",
            "how many rows the column covers",
            0,
            1 << 30,
        )?;
        for _ in 0..many {
            let row = words.index("行号", "a row", n)?;
            if let Some(list) = lists.get_mut(row) {
                list.push(u32::try_from(column).unwrap_or(u32::MAX));
            }
        }
    }
    for list in &mut lists {
        list.sort_unstable();
        list.dedup();
    }
    words.end()?;
    Ok((lists, costs))
}

/// Warehouses: how many, how many customers; for each warehouse capacity and fixed
/// cost; for each customer its demand and the cost of serving all of it from each.
fn warehouses(text: &str, model: Model, capacity: Option<i64>) -> Result<Raw, PlainError> {
    let mut words = Words::new(text);
    let m = words.whole("仓库数", "the number of warehouses", 0, 1 << 24)?;
    let n = words.whole("客户数", "the number of customers", 0, 1 << 24)?;
    let (n, m) = (
        usize::try_from(n).unwrap_or(0),
        usize::try_from(m).unwrap_or(0),
    );
    if n.saturating_mul(m) > words.left() {
        words.back_to(words.place() + words.left());
        words.next(
            "每个客户对每个仓库的费用",
            "a cost for every customer and warehouse",
        )?;
    }
    let mut room = Vec::with_capacity(m);
    let mut fixed = Vec::with_capacity(m);
    for _ in 0..m {
        let word = words.next("容量", "the capacity")?;
        room.push(match (word.text, capacity) {
            ("capacity", Some(given)) => given,
            ("capacity", None) if model == Model::Capacitated => {
                return Err(word.wrong(
                    "须另行给出容量",
                    "the file leaves the capacity open: give it beside",
                ));
            }
            ("capacity", None) => 0,
            _ => match Exact::read(word.text).and_then(|e| e.scaled(0)) {
                Some(own) if own >= 0 => own,
                _ => {
                    return Err(word.wrong(
                        "容量应为非负整数",
                        "a capacity is a whole number, not negative",
                    ));
                }
            },
        });
        fixed.push(exact(&mut words, "固定费用", "the fixed cost")?);
    }
    let mut weight = Vec::with_capacity(n);
    let mut costs = Vec::with_capacity(n * m);
    for _ in 0..n {
        weight.push(words.whole("需求量", "the demand", 0, i64::MAX)?);
        for _ in 0..m {
            costs.push(exact(&mut words, "费用", "the cost")?);
        }
    }
    words.end()?;
    let split = model == Model::Capacitated;
    let amount = if split { weight.clone() } else { vec![1; n] };
    let (places, costs, fixed) = decimals(&amount, m, &costs, &fixed).ok_or_else(|| {
        PlainError::whole("数值超出 63 位整数", "the costs do not fit in 63 bits")
    })?;
    let mut raw = Raw::matrix(amount, m, costs);
    raw.fixed = Some(fixed);
    raw.places = places;
    raw.capacity = split.then_some(room);
    Ok(raw)
}

fn exact(words: &mut Words<'_>, zh: &str, en: &str) -> Result<Exact, PlainError> {
    let word = words.next(zh, en)?;
    Exact::read(word.text)
        .filter(|e| e.digits >= 0 && e.places <= 9)
        .ok_or_else(|| {
            word.wrong(
                &format!("{zh}应为非负小数,至多九位"),
                &format!("{en} is a decimal of up to nine places, not negative"),
            )
        })
}

/// Returns the fewest decimals at which every cost of one unit is whole, or else the
/// most that fit (up to nine; a unit's cost is then rounded to the nearest), with the
/// costs of a unit and the fixed costs at that.
fn decimals(
    amount: &[i64],
    m: usize,
    costs: &[Exact],
    fixed: &[Exact],
) -> Option<(u32, Vec<i64>, Vec<i64>)> {
    let least = costs
        .iter()
        .chain(fixed)
        .map(|e| e.places)
        .max()
        .unwrap_or(0);
    let mut found = None;
    for places in least..=9 {
        let opening: Option<Vec<i64>> = fixed.iter().map(|f| f.scaled(places)).collect();
        let Some(opening) = opening else { break };
        let mut sum: i128 = opening.iter().map(|f| i128::from(*f)).sum();
        let mut whole = true;
        let mut units = Vec::with_capacity(costs.len());
        for (cell, cost) in costs.iter().enumerate() {
            let of = amount.get(cell / m.max(1)).copied().unwrap_or(1).max(1);
            let Some(all) = cost.scaled(places) else {
                break;
            };
            whole &= all % of == 0;
            sum += i128::from(all);
            units.push(all / of + i64::from(2 * (all % of) >= of));
        }
        if units.len() < costs.len() || sum >= 1 << 60 {
            break;
        }
        found = Some((places, units, opening));
        if whole {
            break;
        }
    }
    found
}
