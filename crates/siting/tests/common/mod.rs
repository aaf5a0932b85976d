//! Random instances, every set of sites, and the instance as the checker reads it.

use minsheng_assignment::{FORBIDDEN, Matrix, Problem, Transport, transport};
use minsheng_siting::{
    Assigned, Assigner, Budget, Groups, Instance, Measure, Metric, Node, Outcome, Points, Rounding,
    State, Status,
};
use minsheng_verify::siting::{
    CaseFloors, CaseGroups, CaseMetric, CaseRounding, PlanOfSites, SearchNode, SearchPrices,
    SearchTree, SitingCase, SitingClaim,
};

/// A small generator (`SplitMix64`).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn range(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.next() % u64::try_from(high - low + 1).unwrap()).unwrap()
    }

    pub fn one_in(&mut self, n: i64) -> bool {
        self.range(1, n) == 1
    }
}

/// An instance with any mixture of limits.
pub fn random(dice: &mut Dice, n: usize, m: usize, capacity: bool) -> Instance {
    let most = [1, 20, 1000][dice.range(0, 2) as usize];
    let metric = match dice.range(0, 2) {
        0 => Metric::Dense(
            (0..n * m)
                .map(|_| {
                    if dice.one_in(9) {
                        FORBIDDEN
                    } else {
                        dice.range(0, most)
                    }
                })
                .collect(),
        ),
        1 => {
            let (mut first, mut site, mut cost) = (vec![0], vec![], vec![]);
            for _ in 0..n {
                for j in 0..m {
                    if dice.one_in(2) {
                        site.push(j as u32);
                        cost.push(dice.range(0, most));
                    }
                }
                first.push(site.len());
            }
            Metric::Sparse { first, site, cost }
        }
        _ => {
            let mut point = || [dice.range(0, 9000), dice.range(0, 9000), 0];
            Metric::Points(Points {
                demand: (0..n).map(|_| point()).collect(),
                site: (0..m).map(|_| point()).collect(),
                measure: Measure {
                    sphere: false,
                    per_metre: 3,
                    rounding: Rounding::Nearest,
                },
            })
        }
    };
    let reach = dice.one_in(3).then(|| dice.range(0, most * 2));
    let p = dice.range(0, m as i64) as u32;
    let count = match dice.range(0, 2) {
        0 => (p, p),
        1 => (0, p),
        _ => (0, u32::MAX),
    };
    let state = (0..m)
        .map(|_| match dice.range(0, 9) {
            0 => State::Open,
            1 => State::Closed,
            _ => State::Candidate,
        })
        .collect();
    let lenient = dice.one_in(2);
    Instance {
        amount: (0..n)
            .map(|_| dice.range(i64::from(capacity || !lenient), 9))
            .collect(),
        penalty: lenient.then(|| (0..n).map(|_| dice.range(0, most)).collect()),
        metric,
        reach,
        fixed: (0..m)
            .map(|_| if count.0 == p { 0 } else { dice.range(0, 30) })
            .collect(),
        state,
        count,
        budget: dice.one_in(3).then(|| Budget {
            price: (0..m).map(|_| dice.range(0, 9)).collect(),
            limit: dice.range(0, 30),
        }),
        groups: dice.one_in(3).then(|| Groups {
            of: (0..m).map(|_| dice.range(0, 1) as u32).collect(),
            bounds: vec![(dice.range(0, 1) as u32, 3), (0, dice.range(0, 4) as u32)],
        }),
        apart: if dice.one_in(4) && m > 2 {
            vec![(0, 1), (1, 2)]
        } else {
            vec![]
        },
        capacity: capacity.then(|| (0..m).map(|_| dice.range(0, 30)).collect()),
        floors: None,
    }
}

/// Assigns by least-cost flow.
pub struct Flows;

impl Assigner for Flows {
    fn assign(&self, instance: &Instance, open: &[u32]) -> Option<Assigned> {
        let all: i64 = instance.amount.iter().sum();
        let mut capacity: Vec<i64> = open
            .iter()
            .map(|s| instance.capacity.as_ref().map_or(all, |c| c[*s as usize]))
            .collect();
        let width = open.len() + usize::from(instance.penalty.is_some());
        let mut costs = Vec::new();
        for demand in 0..instance.demands() {
            for site in open {
                costs.push(instance.cost(demand, *site as usize).unwrap_or(FORBIDDEN));
            }
            costs.extend(instance.penalty.as_ref().map(|p| p[demand]));
        }
        if instance.penalty.is_some() {
            capacity.push(all);
        }
        let matrix = Matrix {
            providers: width,
            costs,
        };
        let problem = Problem {
            amount: &instance.amount,
            capacity: &capacity,
            costs: &matrix,
        };
        let Transport::Optimal(plan) = transport(&problem).unwrap() else {
            return None;
        };
        let fixed: i64 = open.iter().map(|s| instance.fixed[*s as usize]).sum();
        let price = (0..instance.demands())
            .map(|d| {
                let row = &matrix.costs[d * width..(d + 1) * width];
                row.iter()
                    .zip(&plan.price)
                    .filter(|(c, _)| **c != FORBIDDEN)
                    .map(|(c, p)| c + i64::try_from(*p).unwrap())
                    .min()
                    .unwrap_or(0)
            })
            .collect();
        Some(Assigned {
            cost: i64::try_from(plan.cost).unwrap() + fixed,
            flow: plan
                .flow
                .iter()
                .filter(|(_, j, _)| (*j as usize) < open.len())
                .map(|(i, j, u)| (*i, open[*j as usize], *u))
                .collect(),
            price,
        })
    }
}

/// The best over all sets of sites.
pub fn brute(instance: &Instance) -> Option<i64> {
    let m = instance.sites();
    let mut best = None;
    for mask in 0u32..1 << m {
        let open: Vec<u32> = (0..m as u32).filter(|s| mask >> s & 1 == 1).collect();
        let is = |s: usize| mask >> s & 1 == 1;
        let count = open.len() as u32;
        let bad = count < instance.count.0
            || count > instance.count.1
            || (0..m).any(|s| match instance.state[s] {
                State::Open => !is(s),
                State::Closed => is(s),
                State::Candidate => false,
            })
            || instance
                .apart
                .iter()
                .any(|(a, b)| is(*a as usize) && is(*b as usize))
            || instance
                .budget
                .as_ref()
                .is_some_and(|b| open.iter().map(|s| b.price[*s as usize]).sum::<i64>() > b.limit)
            || instance.groups.as_ref().is_some_and(|g| {
                g.bounds.iter().enumerate().any(|(k, (low, high))| {
                    let have = open
                        .iter()
                        .filter(|s| g.of[**s as usize] as usize == k)
                        .count() as u32;
                    have < *low || have > *high
                })
            });
        if bad {
            continue;
        }
        let cost = if instance.capacity.is_some() {
            Flows.assign(instance, &open).map(|a| a.cost)
        } else {
            let fixed: i64 = open.iter().map(|s| instance.fixed[*s as usize]).sum();
            (0..instance.demands()).try_fold(fixed, |sum, demand| {
                let near = open
                    .iter()
                    .filter_map(|s| instance.cost(demand, *s as usize))
                    .min();
                let left = instance.penalty.as_ref().map(|p| p[demand]);
                let unit = near.into_iter().chain(left).min()?;
                Some(sum + unit * instance.amount[demand])
            })
        };
        let short = instance.floors.as_ref().is_some_and(|f| {
            f.least.iter().enumerate().any(|(k, least)| {
                let served = (0..instance.demands()).filter(|d| {
                    f.of[*d] as usize == k
                        && open
                            .iter()
                            .any(|s| instance.cost(*d, *s as usize).is_some())
                });
                served.map(|d| instance.amount[d]).sum::<i64>() < *least
            })
        });
        if short {
            continue;
        }
        if let Some(cost) = cost {
            best = Some(best.map_or(cost, |b: i64| b.min(cost)));
        }
    }
    best
}

/// The instance in the checker's words.
pub fn case(i: &Instance) -> SitingCase {
    let known = |c: i64| (c != FORBIDDEN).then_some(c);
    SitingCase {
        amount: i.amount.clone(),
        penalty: i.penalty.clone(),
        metric: match &i.metric {
            Metric::Dense(cost) => CaseMetric::Dense(cost.iter().map(|c| known(*c)).collect()),
            Metric::Sparse { first, site, cost } => CaseMetric::Sparse(
                first
                    .windows(2)
                    .map(|w| (w[0]..w[1]).map(|k| (site[k], cost[k])).collect())
                    .collect(),
            ),
            Metric::Points(p) => CaseMetric::Points {
                demand: p.demand.iter().map(|x| (x[0], x[1])).collect(),
                site: p.site.iter().map(|x| (x[0], x[1])).collect(),
                sphere: false,
                per_metre: p.measure.per_metre,
                rounding: match p.measure.rounding {
                    Rounding::Floor => CaseRounding::Floor,
                    Rounding::Nearest => CaseRounding::Nearest,
                    Rounding::Ceil => CaseRounding::Ceil,
                },
            },
        },
        reach: i.reach,
        flat: false,
        fixed: i.fixed.clone(),
        must_open: i.state.iter().map(|s| *s == State::Open).collect(),
        must_close: i.state.iter().map(|s| *s == State::Closed).collect(),
        count: (u64::from(i.count.0), u64::from(i.count.1)),
        budget: i.budget.as_ref().map(|b| (b.price.clone(), b.limit)),
        groups: i.groups.as_ref().map(|g| CaseGroups {
            of: g.of.iter().map(|x| *x as usize).collect(),
            bounds: g
                .bounds
                .iter()
                .map(|(a, b)| (u64::from(*a), u64::from(*b)))
                .collect(),
        }),
        apart: i
            .apart
            .iter()
            .map(|(a, b)| (*a as usize, *b as usize))
            .collect(),
        capacity: i.capacity.clone(),
        floors: i.floors.as_ref().map(|f| CaseFloors {
            of: f
                .of
                .iter()
                .map(|g| (*g != u32::MAX).then_some(*g as usize))
                .collect(),
            least: f.least.clone(),
        }),
        sides: Vec::new(),
    }
}

/// The outcome in the checker's words.
pub fn claim(o: &Outcome) -> SitingClaim {
    let ids = |list: &[u32]| list.iter().map(|s| *s as usize).collect();
    SitingClaim {
        plan: o.answer.as_ref().map(|a| PlanOfSites {
            open: ids(&a.open),
            flow: a
                .flow
                .iter()
                .map(|(i, j, u)| (*i as usize, *j as usize, *u))
                .collect(),
            objective: i128::from(a.objective),
        }),
        bound: o.bound.map(i128::from),
        status: match (o.status, &o.answer) {
            (Status::ProvedOptimal, _) => "proved-optimal".into(),
            (Status::Within, Some(a)) => {
                format!("within {} of optimum", a.objective - o.bound.unwrap())
            }
            (Status::ProvedInfeasible, _) => "proved-infeasible".into(),
            _ => "unknown".into(),
        },
        tree: SearchTree {
            scale: o.tree.scale,
            prices: o
                .tree
                .multipliers
                .iter()
                .map(|m| SearchPrices {
                    demand: m.demand.clone(),
                    budget: m.budget,
                    floor: m.floor.clone(),
                })
                .collect(),
            sides: Vec::new(),
            nodes: o
                .tree
                .nodes
                .iter()
                .map(|n| match n {
                    Node::Prune { multipliers } => SearchNode::Prune(*multipliers),
                    Node::Fix {
                        multipliers,
                        open,
                        closed,
                    } => SearchNode::Fix(*multipliers, ids(open), ids(closed)),
                    Node::Branch { site } => SearchNode::Branch(*site as usize),
                })
                .collect(),
        },
    }
}
