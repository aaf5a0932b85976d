//! Every outcome on random problems passes the independent checker; tiny ones equal
//! the best of all plans; what is tampered with is refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

use minsheng_assignment::{
    FORBIDDEN, Flow, Matrix, Network, Problem, Transport, UNLIMITED, network, share_overload,
    transport, whole_units,
};
use minsheng_verify::assignment::{
    NetworkCase, NetworkClaim, PlanClaim, TransportCase, check_network, check_plan, check_short,
};

/// A small generator (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn range(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.next() % u64::try_from(high - low + 1).unwrap()).unwrap()
    }
}

fn case(n: &Network) -> NetworkCase {
    NetworkCase {
        supply: n.supply.clone(),
        arcs: (0..n.from.len())
            .map(|a| {
                let upper = (n.upper[a] != UNLIMITED).then_some(n.upper[a]);
                (
                    n.from[a] as usize,
                    n.to[a] as usize,
                    n.lower[a],
                    upper,
                    n.cost[a],
                )
            })
            .collect(),
    }
}

fn claim(flow: &Flow) -> NetworkClaim {
    let all = |ids: &[u32]| ids.iter().map(|i| *i as usize).collect();
    match flow {
        Flow::Optimal {
            flow,
            potential,
            cost,
        } => NetworkClaim::Optimal {
            flow: flow.clone(),
            potential: potential.clone(),
            objective: *cost,
        },
        Flow::Infeasible { cut } => NetworkClaim::Infeasible { cut: all(cut) },
        Flow::Unbounded { flow, cycle } => NetworkClaim::Unbounded {
            flow: flow.clone(),
            cycle: all(cycle),
        },
    }
}

fn random_network(dice: &mut Dice, nodes: i64, arcs: i64, most: i64, cost: i64) -> Network {
    let mut n = Network {
        supply: vec![0; nodes as usize],
        ..Network::default()
    };
    for _ in 0..dice.range(0, nodes) {
        let (a, b) = (dice.range(0, nodes - 1), dice.range(0, nodes - 1));
        let units = dice.range(0, most);
        n.supply[a as usize] += units;
        n.supply[b as usize] -= units;
    }
    if dice.range(0, 9) == 0 {
        n.supply[0] += dice.range(-1, 1);
    }
    for _ in 0..arcs {
        n.from.push(dice.range(0, nodes - 1) as u32);
        n.to.push(dice.range(0, nodes - 1) as u32);
        let lower = if dice.range(0, 3) == 0 {
            dice.range(0, most / 2)
        } else {
            0
        };
        n.lower.push(lower);
        n.upper.push(if dice.range(0, 3) == 0 {
            UNLIMITED
        } else {
            lower + dice.range(0, most)
        });
        n.cost.push(dice.range(-cost / 3, cost));
    }
    n
}

/// The least cost over all flows, for networks of small finite bounds.
fn brute(n: &Network) -> Option<i128> {
    fn go(n: &Network, arc: usize, net: &mut [i64], cost: i128, best: &mut Option<i128>) {
        if arc == n.from.len() {
            if net.iter().all(|x| *x == 0) && best.is_none_or(|b| cost < b) {
                *best = Some(cost);
            }
            return;
        }
        for units in n.lower[arc]..=n.upper[arc] {
            net[n.from[arc] as usize] -= units;
            net[n.to[arc] as usize] += units;
            go(
                n,
                arc + 1,
                net,
                cost + i128::from(units) * i128::from(n.cost[arc]),
                best,
            );
            net[n.from[arc] as usize] += units;
            net[n.to[arc] as usize] -= units;
        }
    }
    let mut best = None;
    go(n, 0, &mut n.supply.clone(), 0, &mut best);
    best
}

#[test]
fn small_networks_equal_the_best_of_all_flows() {
    let mut dice = Dice(1);
    let (mut optimal, mut infeasible) = (0, 0);
    for _ in 0..3000 {
        let mut n = random_network(&mut dice, 4, 6, 2, 9);
        for upper in &mut n.upper {
            *upper = (*upper).min(3);
        }
        let found = network(&n).unwrap();
        let report = check_network(&case(&n), &claim(&found));
        assert!(report.ok(), "{n:?} {found:?} {report:?}");
        match (&found, brute(&n)) {
            (Flow::Optimal { cost, .. }, Some(best)) => {
                assert_eq!(*cost, best);
                optimal += 1;
            }
            (Flow::Infeasible { .. }, None) => infeasible += 1,
            other => panic!("{n:?} {other:?}"),
        }
    }
    assert!(optimal > 300 && infeasible > 300, "{optimal} {infeasible}");
}

#[test]
fn random_networks_are_certified_and_tampering_is_refused() {
    let mut dice = Dice(2);
    let mut seen = [0; 3];
    for round in 0..1500 {
        let nodes = dice.range(1, 30);
        let arcs = dice.range(0, 6 * nodes);
        let cost = [0, 5, 1000, i64::MAX / 2][round % 4];
        let n = random_network(&mut dice, nodes, arcs, 50, cost);
        let found = network(&n).unwrap();
        let (case, honest) = (case(&n), claim(&found));
        let report = check_network(&case, &honest);
        assert!(report.ok(), "{n:?} {found:?} {report:?}");
        for _ in 0..20 {
            let mut wrong = honest.clone();
            match &mut wrong {
                NetworkClaim::Optimal {
                    flow,
                    potential,
                    objective,
                } => {
                    seen[0] += 1;
                    match dice.range(0, 2) {
                        0 => *objective -= i128::from(dice.range(1, 9)),
                        1 if !flow.is_empty() => {
                            // Another flow is fine only if it is as cheap.
                            let at = dice.range(0, arcs - 1) as usize;
                            flow[at] += 1;
                            let own = case.arcs[at];
                            if own.0 == own.1 && own.4 == 0 {
                                continue;
                            }
                        }
                        _ => {
                            // Other potentials are fine as long as they prove it.
                            potential.pop();
                        }
                    }
                }
                NetworkClaim::Infeasible { cut } => {
                    seen[1] += 1;
                    cut.push(cut.first().copied().unwrap_or(99));
                }
                NetworkClaim::Unbounded { cycle, .. } => {
                    seen[2] += 1;
                    cycle.pop();
                }
            }
            assert!(!check_network(&case, &wrong).ok(), "{n:?} {wrong:?}");
        }
    }
    assert!(seen.iter().all(|s| *s > 500), "{seen:?}");
}

#[test]
fn numbers_near_the_limit_are_right_or_refused() {
    let big = i64::MAX - 1;
    let mut n = Network {
        supply: vec![1, -1],
        from: vec![0, 0],
        to: vec![1, 1],
        lower: vec![0, 0],
        upper: vec![1, UNLIMITED],
        cost: vec![big, i64::MAX],
    };
    let Flow::Optimal { cost, .. } = network(&n).unwrap() else {
        panic!("feasible")
    };
    assert_eq!(cost, i128::from(big));
    n.supply = vec![i64::MAX, -i64::MAX];
    assert!(network(&n).is_err());
    n.supply = vec![i64::MAX / 8, -(i64::MAX / 8)];
    let Flow::Optimal { cost, .. } = network(&n).unwrap() else {
        panic!("feasible")
    };
    let rest = i128::from(i64::MAX / 8 - 1);
    assert_eq!(cost, i128::from(big) + rest * i128::from(i64::MAX));
    let nothing = network(&Network::default()).unwrap();
    assert!(matches!(nothing, Flow::Optimal { cost: 0, .. }));
    n.lower = vec![2, 0];
    assert!(network(&n).is_err());
}

struct Made {
    amount: Vec<i64>,
    capacity: Vec<i64>,
    matrix: Matrix,
}

fn random_transport(dice: &mut Dice, demands: i64, providers: i64, slack: i64, most: i64) -> Made {
    let amount: Vec<i64> = (0..demands).map(|_| dice.range(0, 9)).collect();
    let need: i64 = amount.iter().sum();
    let mut capacity = vec![0; providers as usize];
    for _ in 0..(need * slack / 100) {
        capacity[dice.range(0, providers - 1) as usize] += 1;
    }
    let costs = (0..demands * providers)
        .map(|_| {
            if dice.range(0, 5) == 0 && slack > 100 {
                FORBIDDEN
            } else {
                dice.range(0, most)
            }
        })
        .collect();
    Made {
        amount,
        capacity,
        matrix: Matrix {
            providers: providers as usize,
            costs,
        },
    }
}

impl Made {
    fn problem(&self) -> Problem<'_, Matrix> {
        Problem {
            amount: &self.amount,
            capacity: &self.capacity,
            costs: &self.matrix,
        }
    }

    fn network(&self) -> Network {
        let (n, m) = (self.amount.len(), self.capacity.len());
        let mut net = Network {
            supply: self.amount.clone(),
            ..Network::default()
        };
        net.supply.extend(vec![0; m]);
        net.supply.push(-self.amount.iter().sum::<i64>());
        let mut arc = |from: usize, to: usize, upper: i64, cost: i64| {
            net.from.push(from as u32);
            net.to.push(to as u32);
            net.lower.push(0);
            net.upper.push(upper);
            net.cost.push(cost);
        };
        for i in 0..n {
            for j in 0..m {
                let cost = self.matrix.costs[i * m + j];
                if cost != FORBIDDEN {
                    arc(i, n + j, UNLIMITED, cost);
                }
            }
        }
        for j in 0..m {
            arc(n + j, n + m, self.capacity[j], 0);
        }
        net
    }

    fn check(&self, capacity: &[i64], plan: &PlanClaim) -> bool {
        let m = self.capacity.len();
        let cost =
            |i: usize, j: usize| Some(self.matrix.costs[i * m + j]).filter(|c| *c != FORBIDDEN);
        let case = TransportCase {
            amount: &self.amount,
            lower: &vec![0; m],
            capacity,
            cost: &cost,
        };
        check_plan(&case, plan).ok()
    }

    fn short(&self, capacity: &[i64], demands: &[u32]) -> bool {
        let m = self.capacity.len();
        let cost =
            |i: usize, j: usize| Some(self.matrix.costs[i * m + j]).filter(|c| *c != FORBIDDEN);
        let case = TransportCase {
            amount: &self.amount,
            lower: &vec![0; m],
            capacity,
            cost: &cost,
        };
        let demands: Vec<usize> = demands.iter().map(|d| *d as usize).collect();
        check_short(&case, &demands).ok()
    }
}

fn plan_claim(plan: &minsheng_assignment::Plan) -> PlanClaim {
    PlanClaim {
        flow: plan
            .flow
            .iter()
            .map(|(i, j, u)| (*i as usize, *j as usize, *u))
            .collect(),
        price: plan.price.clone(),
        objective: plan.cost,
        bound: plan.cost,
        whole: false,
        gain: Some(plan.price.clone()),
        loss: Some(plan.loss.clone()),
    }
}

#[test]
fn transports_equal_the_network_and_are_certified() {
    let mut dice = Dice(3);
    let (mut optimal, mut infeasible) = (0, 0);
    for round in 0..2000 {
        let demands = dice.range(0, 25);
        let providers = dice.range(1, 8);
        let slack = [100, 103, 130, 200, 90][round % 5];
        let most = [0, 3, 1000, i64::MAX - 1][round / 5 % 4];
        let made = random_transport(&mut dice, demands, providers, slack, most);
        let net = network(&made.network()).unwrap();
        match (transport(&made.problem()).unwrap(), net) {
            (Transport::Optimal(plan), Flow::Optimal { cost, .. }) => {
                assert_eq!(plan.cost, cost);
                assert!(made.check(&made.capacity, &plan_claim(&plan)), "{plan:?}");
                optimal += 1;
                for j in 0..made.capacity.len() {
                    let mut more = made.capacity.clone();
                    more[j] += 1;
                    let again = Problem {
                        capacity: &more,
                        ..made.problem()
                    };
                    let Transport::Optimal(with) = transport(&again).unwrap() else {
                        panic!("still possible")
                    };
                    assert_eq!(plan.cost - with.cost, plan.price[j]);
                    more[j] -= 2;
                    if more[j] < 0 {
                        continue;
                    }
                    let again = Problem {
                        capacity: &more,
                        ..made.problem()
                    };
                    let less = match transport(&again).unwrap() {
                        Transport::Optimal(p) => Some(p.cost - plan.cost),
                        Transport::Infeasible { .. } => None,
                    };
                    assert_eq!(less, plan.loss[j]);
                }
            }
            (Transport::Infeasible { demands }, Flow::Infeasible { .. }) => {
                assert!(made.short(&made.capacity, &demands), "{demands:?}");
                infeasible += 1;
            }
            other => panic!("{:?} {other:?}", made.amount),
        }
    }
    assert!(optimal > 300 && infeasible > 300, "{optimal} {infeasible}");
}

#[test]
fn tampered_plans_are_refused() {
    let mut dice = Dice(4);
    let mut made_some = 0;
    for _ in 0..300 {
        let made = random_transport(&mut dice, 20, 5, 120, 1000);
        let Transport::Optimal(plan) = transport(&made.problem()).unwrap() else {
            continue;
        };
        let honest = plan_claim(&plan);
        for _ in 0..20 {
            let mut wrong = honest.clone();
            match dice.range(0, 5) {
                0 => wrong.objective -= 1,
                1 => wrong.bound -= 1,
                2 => {
                    let at = dice.range(0, wrong.flow.len() as i64 - 1) as usize;
                    wrong.flow[at].2 += dice.range(1, 3);
                }
                3 => {
                    let at = dice.range(0, wrong.flow.len() as i64 - 1) as usize;
                    let (demand, provider, _) = wrong.flow[at];
                    wrong.flow[at].1 = (provider + 1) % 5;
                    let costs = &made.matrix.costs[demand * 5..demand * 5 + 5];
                    if costs[provider] == costs[(provider + 1) % 5] {
                        continue; // another plan of the same cost is no lie
                    }
                }
                4 => {
                    let at = dice.range(0, 4) as usize;
                    let gain = wrong.gain.as_mut().unwrap();
                    gain[at] += i128::from(dice.range(1, 50));
                }
                _ => {
                    let at = dice.range(0, 4) as usize;
                    wrong.price[at] += i128::from(dice.range(-50, 50));
                    if wrong.price == honest.price {
                        continue;
                    }
                    // Other prices may prove the same bound; then nothing false is said.
                    wrong.bound += 1;
                    wrong.objective += 1;
                }
            }
            assert!(!made.check(&made.capacity, &wrong), "{wrong:?} {honest:?}");
            made_some += 1;
        }
    }
    assert!(made_some > 1000, "{made_some}");
}

#[test]
fn whole_plans_are_possible_and_bounded() {
    let mut dice = Dice(5);
    let mut found = 0;
    for round in 0..500 {
        let slack = [105, 130, 200][round % 3];
        let made = random_transport(&mut dice, 20, 5, slack, 1000);
        let Transport::Optimal(plan) = transport(&made.problem()).unwrap() else {
            continue;
        };
        if let Some(whole) = whole_units(&made.problem(), &plan).unwrap() {
            let mut claim = plan_claim(&plan);
            claim.flow = whole
                .provider
                .iter()
                .enumerate()
                .filter_map(|(i, j)| Some((i, (*j)? as usize, made.amount[i])))
                .collect();
            (claim.objective, claim.whole) = (whole.cost, true);
            (claim.gain, claim.loss) = (None, None);
            assert!(made.check(&made.capacity, &claim), "{claim:?}");
            found += 1;
        }
    }
    assert!(found > 200, "{found}");
}

#[test]
fn overload_is_spread_as_evenly_as_can_be() {
    let mut dice = Dice(6);
    let mut stretched = 0;
    for _ in 0..200 {
        let made = random_transport(&mut dice, 15, 4, 101, 100);
        let mut made = made;
        for capacity in &mut made.capacity {
            *capacity = *capacity * dice.range(3, 10) / 10;
        }
        let shared = share_overload(&made.problem()).unwrap();
        match &shared.outcome {
            Transport::Optimal(plan) => {
                assert!(made.check(&shared.capacity, &plan_claim(plan)));
                if let Some(witness) = &shared.witness {
                    let less: Vec<i64> = made
                        .capacity
                        .iter()
                        .map(|c| c + (c * (shared.per_mille - 1) + 999) / 1000)
                        .collect();
                    assert!(made.short(&less, witness));
                    stretched += 1;
                }
            }
            Transport::Infeasible { demands } => {
                assert!(made.short(&made.capacity, demands));
            }
        }
    }
    assert!(stretched > 100, "{stretched}");
}
