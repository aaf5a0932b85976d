//! Plans over years: filled from what sites are worth, then moved about.
#![expect(
    clippy::indexing_slicing,
    reason = "demands, sites and years were checked by the instance"
)]

use super::Staged;
use crate::instance::State;
use crate::near::Near;

/// The best plan and what it took to find it.
pub(super) struct Plans<'a> {
    staged: &'a Staged,
    near: &'a Near,
    first: Vec<usize>,
    pairs: Vec<(u32, i64)>,
    purses: Vec<Option<i128>>,
    apart: Vec<Vec<u32>>,
    /// What a year and all after it weigh.
    from: Vec<i64>,
    /// The best cost, and each site's year.
    pub best: Option<(i64, Vec<Option<usize>>)>,
    pub work: u64,
}

impl<'a> Plans<'a> {
    pub fn new(staged: &'a Staged, near: &'a Near) -> Self {
        let (first, pairs) = near.reversed(staged.instance.sites());
        let mut apart = vec![Vec::new(); staged.instance.sites()];
        for (a, b) in &staged.instance.apart {
            apart[*a as usize].push(*b);
            apart[*b as usize].push(*a);
        }
        let mut from = vec![0i64; staged.years.len() + 1];
        for (t, year) in staged.years.iter().enumerate().rev() {
            from[t] = from[t + 1].saturating_add(year.weight);
        }
        Self {
            staged,
            near,
            first,
            pairs,
            purses: staged.purses(),
            apart,
            from,
            best: None,
            work: 0,
        }
    }

    /// Returns what one unit of a demand costs over the years, each times its weight;
    /// nothing when it is not served in one.
    fn unit(&self, opened: &[Option<usize>], demand: usize) -> Option<i64> {
        let penalty = self.staged.instance.penalty.as_ref().map(|p| p[demand]);
        let mut until = self.staged.years.len();
        let mut sum = 0i64;
        for (site, cost) in self.near.of(demand) {
            if until == 0 || penalty.is_some_and(|p| cost >= p) {
                break;
            }
            if let Some(year) = opened[site as usize]
                && year < until
            {
                sum = sum.checked_add(cost.checked_mul(self.from[year] - self.from[until])?)?;
                until = year;
            }
        }
        if until > 0 && self.near.cut[demand] {
            return self.unit_of_all(opened, demand);
        }
        match (until, penalty) {
            (0, _) => Some(sum),
            (_, Some(p)) => sum.checked_add(p.checked_mul(self.from[0] - self.from[until])?),
            (_, None) => None,
        }
    }

    /// The same, over every site and not only the near ones.
    fn unit_of_all(&self, opened: &[Option<usize>], demand: usize) -> Option<i64> {
        let instance = &self.staged.instance;
        let penalty = instance.penalty.as_ref().map(|p| p[demand]);
        let mut sum = 0i64;
        for (t, year) in self.staged.years.iter().enumerate() {
            let open = (0..opened.len()).filter(|s| opened[*s].is_some_and(|o| o <= t));
            let costs = open.filter_map(|s| instance.cost(demand, s)).chain(penalty);
            sum = sum.checked_add(costs.min()?.checked_mul(year.weight)?)?;
        }
        Some(sum)
    }

    /// Returns what a plan costs in all.
    fn cost(&mut self, opened: &[Option<usize>]) -> Option<i64> {
        let instance = &self.staged.instance;
        let mut total = 0i64;
        for (site, year) in opened.iter().enumerate() {
            if year.is_some() && instance.state[site] == State::Candidate {
                total = total.checked_add(instance.fixed[site])?;
            }
        }
        for (demand, amount) in instance.amount.iter().enumerate() {
            let unit = self.unit(opened, demand)?;
            total = total.checked_add(amount.checked_mul(unit)?)?;
        }
        self.work += 8 * instance.amount.len() as u64;
        Some(total)
    }

    /// Returns whether a plan keeps the years' limits; with `early`, the fewest of each
    /// year do not count yet.
    fn allowed(&self, opened: &[Option<usize>], early: bool) -> bool {
        let staged = self.staged;
        let mut count = vec![0u32; staged.years.len()];
        let mut spent = vec![0i128; staged.years.len()];
        for (site, year) in opened.iter().enumerate() {
            let Some(t) = *year else { continue };
            if staged.instance.state[site] == State::Open {
                continue;
            }
            count[t] += 1;
            spent[t] += i128::from(staged.price[site]);
        }
        let mut sum = 0i128;
        for (t, year) in staged.years.iter().enumerate() {
            sum = if staged.carry {
                sum + spent[t]
            } else {
                spent[t]
            };
            let few = !early && count[t] < year.count.0;
            if few || count[t] > year.count.1 || self.purses[t].is_some_and(|p| sum > p) {
                return false;
            }
        }
        let together = |site: usize| opened[site].is_some();
        !(0..opened.len())
            .any(|s| together(s) && self.apart[s].iter().any(|other| together(*other as usize)))
    }

    /// Fills the years with the sites worth most, those that chose a year first, and
    /// looks for better plans from there.
    pub fn improve(&mut self, value: &[i128], choice: &[Option<usize>], effort: u64) {
        let staged = self.staged;
        let mut order: Vec<usize> = (0..value.len())
            .filter(|s| staged.instance.state[*s] == State::Candidate)
            .collect();
        order.sort_by_key(|s| (value[*s], *s));
        let mut opened: Vec<Option<usize>> = staged
            .instance
            .state
            .iter()
            .map(|s| (*s == State::Open).then_some(0))
            .collect();
        // Where it chose, then wherever there is room, early years first.
        for wish in [true, false] {
            for site in &order {
                let years = 0..staged.years.len();
                for t in years.filter(|t| !wish || choice[*site] == Some(*t)) {
                    if opened[*site].is_some()
                        || (!wish && value[*site] >= 0 && !self.few(&opened, t))
                    {
                        continue;
                    }
                    opened[*site] = Some(t);
                    if !self.allowed(&opened, true) {
                        opened[*site] = None;
                    }
                }
            }
        }
        let mut now = self.cost(&opened).filter(|_| self.allowed(&opened, false));
        self.offer(now, &opened);
        if now.is_none() {
            // From the last good plan, or from whatever this is.
            if let Some((cost, plan)) = self.best.clone() {
                (now, opened) = (Some(cost), plan);
            }
        }
        let limit = self.work.saturating_add(effort / 8);
        while self.work < limit && self.pass(&mut opened, &mut now, &order, limit) {}
        self.offer(now, &opened);
    }

    /// Whether a year has fewer sites than it must have, or nobody is served yet.
    fn few(&self, opened: &[Option<usize>], t: usize) -> bool {
        let own = opened.iter().enumerate().filter(|(site, year)| {
            **year == Some(t) && self.staged.instance.state[*site] != State::Open
        });
        (own.count() as u64) < u64::from(self.staged.years[t].count.0)
            || self.staged.instance.penalty.is_none()
    }

    fn offer(&mut self, cost: Option<i64>, opened: &[Option<usize>]) {
        if let Some(cost) = cost
            && self.best.as_ref().is_none_or(|(best, _)| cost < *best)
        {
            self.best = Some((cost, opened.to_vec()));
        }
    }

    /// Tries every move once; returns whether one helped.
    fn pass(
        &mut self,
        opened: &mut [Option<usize>],
        now: &mut Option<i64>,
        order: &[usize],
        limit: u64,
    ) -> bool {
        let mut helped = false;
        for site in order {
            // To another year, or away, or in.
            for t in (0..self.staged.years.len()).map(Some).chain([None]) {
                let before = opened[*site];
                if before != t {
                    helped |= self.attempt(opened, now, &[(*site, t)]);
                }
            }
            // In the place of another, or years exchanged.
            for other in order {
                if self.work > limit {
                    return helped;
                }
                let (a, b) = (opened[*site], opened[*other]);
                if a != b && b.is_some() {
                    helped |= self.attempt(opened, now, &[(*site, b), (*other, a)]);
                }
            }
        }
        helped
    }

    /// Makes a move when it keeps the limits and costs less.
    fn attempt(
        &mut self,
        opened: &mut [Option<usize>],
        now: &mut Option<i64>,
        moves: &[(usize, Option<usize>)],
    ) -> bool {
        let before: Vec<Option<usize>> = moves.iter().map(|(s, _)| opened[*s]).collect();
        let old = now.map(|_| self.around(opened, moves));
        for (site, year) in moves {
            opened[*site] = *year;
        }
        self.work += opened.len() as u64 / 8 + 1;
        let next = if !self.allowed(opened, false) {
            None
        } else if let (Some(cost), Some(Some(old))) = (*now, old) {
            self.around(opened, moves).map(|new| cost - old + new)
        } else {
            self.cost(opened)
        };
        if let Some(cost) = next
            && now.is_none_or(|n| cost < n)
        {
            *now = Some(cost);
            return true;
        }
        for ((site, _), year) in moves.iter().zip(before) {
            opened[*site] = year;
        }
        false
    }

    /// Returns what the demands near these sites cost, and opening these.
    fn around(
        &mut self,
        opened: &[Option<usize>],
        moves: &[(usize, Option<usize>)],
    ) -> Option<i64> {
        let mut demands: Vec<u32> = Vec::new();
        let mut sum = 0i64;
        for (site, _) in moves {
            let own = &self.pairs[self.first[*site]..self.first[*site + 1]];
            demands.extend(own.iter().map(|(d, _)| *d));
            if opened[*site].is_some() {
                sum = sum.checked_add(self.staged.instance.fixed[*site])?;
            }
        }
        demands.sort_unstable();
        demands.dedup();
        self.work += 8 * demands.len() as u64;
        // Who lists none of them may still go to one when nothing near is open.
        if self.near.cut.iter().any(|c| *c) {
            demands = (0..u32::try_from(self.near.cut.len()).ok()?).collect();
        }
        for demand in demands {
            let unit = self.unit(opened, demand as usize)?;
            let amount = self.staged.instance.amount[demand as usize];
            sum = sum.checked_add(amount.checked_mul(unit)?)?;
        }
        Some(sum)
    }

    /// Returns each demand's site in a year.
    pub fn served(&self, near: &Near, opened: &[Option<usize>], t: usize) -> Vec<Option<u32>> {
        let instance = &self.staged.instance;
        let open = |site: usize| opened[site].is_some_and(|o| o <= t);
        (0..instance.demands())
            .map(|demand| {
                let listed = near.of(demand).find(|(site, _)| open(*site as usize));
                let (site, cost) = match listed {
                    Some(found) => found,
                    None if near.cut[demand] => (0u32..)
                        .zip(0..opened.len())
                        .filter(|(_, s)| open(*s))
                        .filter_map(|(id, s)| Some((id, instance.cost(demand, s)?)))
                        .min_by_key(|(id, cost)| (*cost, *id))?,
                    None => return None,
                };
                let left = instance.penalty.as_ref().is_some_and(|p| cost > p[demand]);
                (!left).then_some(site)
            })
            .collect()
    }
}
