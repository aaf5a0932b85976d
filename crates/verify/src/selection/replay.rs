//! The proof of a bound, replayed in integers.

use super::case::Case;
use super::outcome::Node;

type End = Option<i128>;

/// What a node's branch adds to its parent's box.
#[derive(Clone, Copy)]
enum Change {
    None,
    Item(usize, bool),
    AtMost(usize, i128),
    AtLeast(usize, i128),
}

enum Undo {
    Item(usize),
    Row(usize, (End, End)),
}

enum Task {
    Node(Change, bool),
    Back(usize),
}

/// A box of choices: what is in and out, and what the rows still allow.
struct State<'a> {
    case: &'a Case,
    columns: Vec<Vec<(usize, i64)>>,
    stand: Vec<Option<bool>>,
    free: Vec<usize>,
    place: Vec<usize>,
    /// The ends of every line, less what is in; one more line counts all.
    ends: Vec<(End, End)>,
    value: i128,
    step: i128,
    undo: Vec<Undo>,
}

impl<'a> State<'a> {
    fn new(case: &'a Case, fixed: &[Option<bool>]) -> Option<Self> {
        let n = case.values.len();
        let mut columns = vec![Vec::new(); n];
        for (row, line) in case.lines.iter().enumerate() {
            for (at, a) in &line.terms {
                columns.get_mut(*at)?.push((row, *a));
            }
        }
        for column in &mut columns {
            column.push((case.lines.len(), 1));
        }
        let wide = |e: Option<i64>| e.map(i128::from);
        let mut ends: Vec<(End, End)> = case
            .lines
            .iter()
            .map(|l| (wide(l.least), wide(l.most)))
            .collect();
        ends.push((Some(0), Some(i128::try_from(n).ok()?)));
        let mut state = Self {
            case,
            columns,
            stand: vec![None; n],
            free: (0..n).collect(),
            place: (0..n).collect(),
            ends,
            value: 0,
            step: case.step(),
            undo: Vec::new(),
        };
        for (at, fix) in fixed.iter().enumerate() {
            if let Some(inside) = fix {
                state.set(at, *inside)?;
            }
        }
        state.undo.clear();
        Some(state)
    }

    /// Puts a free project in or out. `None` when it is not there.
    fn set(&mut self, at: usize, inside: bool) -> Option<()> {
        *self.stand.get_mut(at)? = Some(inside);
        let place = *self.place.get(at)?;
        self.free.swap_remove(place);
        if let Some(moved) = self.free.get(place) {
            *self.place.get_mut(*moved)? = place;
        }
        if inside {
            self.carry(at, 1)?;
        }
        self.undo.push(Undo::Item(at));
        Some(())
    }

    /// Moves a project's part between the box and the fixed.
    fn carry(&mut self, at: usize, sign: i128) -> Option<()> {
        self.value += sign * i128::from(*self.case.values.get(at)?);
        for (row, a) in self.columns.get(at)? {
            let (least, most) = self.ends.get_mut(*row)?;
            let by = sign * i128::from(*a);
            *least = least.map(|l| l - by);
            *most = most.map(|m| m - by);
        }
        Some(())
    }

    fn back(&mut self, to: usize) -> Option<()> {
        while self.undo.len() > to {
            match self.undo.pop()? {
                Undo::Item(at) => {
                    if self.stand.get(at)? == &Some(true) {
                        self.carry(at, -1)?;
                    }
                    *self.stand.get_mut(at)? = None;
                    *self.place.get_mut(at)? = self.free.len();
                    self.free.push(at);
                }
                Undo::Row(row, ends) => *self.ends.get_mut(row)? = ends,
            }
        }
        Some(())
    }

    /// Narrows the box. Returns whether anything is left of it; `None` when the
    /// branch names what is not there.
    fn apply(&mut self, change: Change) -> Option<bool> {
        match change {
            Change::None => {}
            Change::Item(at, inside) => match *self.stand.get(at)? {
                Some(own) => return Some(own == inside),
                None => self.set(at, inside)?,
            },
            Change::AtMost(row, end) | Change::AtLeast(row, end) => {
                let used = self.used(row)?;
                let own = self.ends.get_mut(row)?;
                self.undo.push(Undo::Row(row, *own));
                let end = end.checked_sub(used)?;
                if matches!(change, Change::AtMost(..)) {
                    own.1 = Some(own.1.map_or(end, |m| m.min(end)));
                } else {
                    own.0 = Some(own.0.map_or(end, |l| l.max(end)));
                }
            }
        }
        Some(true)
    }

    /// What of a line is in already.
    fn used(&self, row: usize) -> Option<i128> {
        let inside = |at: &usize| self.stand.get(*at) == Some(&Some(true));
        Some(match self.case.lines.get(row) {
            Some(line) => {
                let terms = line.terms.iter().filter(|(at, _)| inside(at));
                terms.map(|(_, a)| i128::from(*a)).sum()
            }
            None if row == self.case.lines.len() => {
                let all = self.stand.iter().filter(|s| **s == Some(true));
                i128::try_from(all.count()).ok()?
            }
            None => return None,
        })
    }

    /// Returns `scale` times the bound that prices give on the box, and of every
    /// free project what it adds or would.
    fn weigh(&self, prices: &[(usize, i64)], scale: i64) -> Option<(i128, Vec<i128>)> {
        let mut paid = vec![0i64; self.ends.len()];
        let mut total = self.value.checked_mul(i128::from(scale))?;
        for (row, price) in prices {
            let (least, most) = self.ends.get(*row)?;
            let end = if *price < 0 { (*least)? } else { (*most)? };
            total = total.checked_add(end.checked_mul(i128::from(*price))?)?;
            let own = paid.get_mut(*row)?;
            if *own != 0 || *price == 0 {
                return None;
            }
            *own = *price;
        }
        let mut nets = Vec::with_capacity(self.free.len());
        for at in &self.free {
            let value = i128::from(*self.case.values.get(*at)?);
            let mut net = value.checked_mul(i128::from(scale))?;
            for (row, a) in self.columns.get(*at)? {
                let pays = i128::from(*paid.get(*row)?) * i128::from(*a);
                net = net.checked_sub(pays)?;
            }
            total = total.checked_add(net.max(0))?;
            nets.push(net);
        }
        Some((total, nets))
    }
}

/// Rounds down to a multiple of `step` in units of value.
fn down(total: i128, scale: i64, step: i128) -> Option<i128> {
    let unit = i128::from(scale).checked_mul(step)?;
    total.checked_div_euclid(unit)?.checked_mul(step)
}

/// Replays a proof that no choice is worth more than `threshold`; without one, that
/// there is no choice at all.
///
/// # Errors
/// The number of the node that does not hold.
pub(crate) fn replay(
    case: &Case,
    fixed: &[Option<bool>],
    tree: &[Node],
    scale: i64,
    threshold: Option<i128>,
) -> Result<(), usize> {
    let mut state = State::new(case, fixed).ok_or(0usize)?;
    let mut tasks = vec![Task::Node(Change::None, true)];
    let mut next = 0;
    while let Some(task) = tasks.pop() {
        let (change, alive) = match task {
            Task::Back(to) => {
                state.back(to).ok_or(next)?;
                continue;
            }
            Task::Node(change, alive) => (change, alive),
        };
        let number = next;
        let node = tree.get(number).ok_or(number)?;
        next += 1;
        let kids = kids(node).ok_or(number)?;
        tasks.push(Task::Back(state.undo.len()));
        // Below a box that is closed already the tree is only read over.
        let alive = alive
            && state.apply(change).ok_or(number)?
            && !closes(&mut state, node, scale, threshold).ok_or(number)?;
        if alive && kids.is_empty() {
            return Err(number);
        }
        for kid in kids.into_iter().rev() {
            tasks.push(Task::Node(kid, alive));
        }
    }
    if next == tree.len() {
        Ok(())
    } else {
        Err(next)
    }
}

/// Returns the branches of a node; `None` when it is not well formed.
fn kids(node: &Node) -> Option<Vec<Change>> {
    match (&node.conflict, node.again, node.item, node.row, node.at) {
        (Some(_), false, None, None, None) if node.prices.is_none() => Some(Vec::new()),
        (None, false, None, None, None) => Some(Vec::new()),
        (None, true, None, None, None) => Some(vec![Change::None]),
        (None, false, Some(at), None, None) => {
            Some(vec![Change::Item(at, false), Change::Item(at, true)])
        }
        (None, false, None, Some(row), Some(at)) => {
            let at = i128::from(at);
            Some(vec![Change::AtMost(row, at), Change::AtLeast(row, at + 1)])
        }
        _ => None,
    }
}

/// Returns whether a node's prices close its box; if not, fixes what they fix.
/// `None` when they cannot be weighed or a conflict is none.
fn closes(state: &mut State<'_>, node: &Node, scale: i64, threshold: Option<i128>) -> Option<bool> {
    if let Some(prices) = &node.conflict {
        let (total, _) = state.weigh(prices, 0)?;
        return (total < 0).then_some(true);
    }
    let (Some(prices), Some(threshold)) = (&node.prices, threshold) else {
        return Some(false);
    };
    if scale < 1 {
        return None;
    }
    let step = state.step;
    let (total, nets) = state.weigh(prices, scale)?;
    if down(total, scale, step)? <= threshold {
        return Some(true);
    }
    let mut fixed = Vec::new();
    for (at, net) in state.free.iter().zip(nets) {
        let other = total.checked_sub(net.checked_abs()?)?;
        if down(other, scale, step)? <= threshold {
            fixed.push((*at, net > 0));
        }
    }
    for (at, inside) in fixed {
        state.set(at, inside)?;
    }
    Some(false)
}

/// Returns for every project the bound on what a choice is worth that has the
/// project on the other side than the prices want it, or on the given one.
pub(crate) fn other_sides(
    case: &Case,
    fixed: &[Option<bool>],
    node: &Node,
    scale: i64,
) -> Option<Vec<Option<i128>>> {
    let state = State::new(case, fixed)?;
    let (total, nets) = state.weigh(node.prices.as_ref()?, scale)?;
    let mut found = vec![None; case.values.len()];
    for (at, net) in state.free.iter().zip(nets) {
        let inside = if net > 0 {
            total
        } else {
            total.checked_add(net)?
        };
        *found.get_mut(*at)? = Some(down(inside, scale, state.step)?);
    }
    Some(found)
}
