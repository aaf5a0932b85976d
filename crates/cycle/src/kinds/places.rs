//! The plain instances of who goes where, and of who reaches how much.

use minsheng_model::{AccessRules, Assignment, Catchment, Diagnostic, Text};
use serde_json::{Map, Value, json};

use super::Facts;
use super::travel::{Side, Ways, ways};

/// The demands that take part, and every place.
fn sides<'a>(known: &'a Facts<'_>) -> (Side<'a>, Side<'a>) {
    let (people, places) = (&known.registers.applicants, &known.registers.providers);
    (
        Side {
            register: people,
            names: &known.names.tickets,
            rows: known.eligible.clone(),
        },
        Side {
            register: places,
            names: &known.names.providers,
            rows: (0..known.names.providers.len()).collect(),
        },
    )
}

/// Adds coordinates to the rows, or pairs to the instance.
fn put(
    instance: &mut Map<String, Value>,
    [demands, places]: [&mut Vec<Map<String, Value>>; 2],
    (people, sites): (&Side<'_>, &Side<'_>),
    found: Ways,
) {
    match found {
        Ways::Points(from, to) => {
            let rows = demands.iter_mut().zip(from);
            for (row, (x, y)) in rows.chain(places.iter_mut().zip(to)) {
                row.insert("x".to_owned(), x.into());
                row.insert("y".to_owned(), y.into());
            }
        }
        Ways::Pairs(pairs) => {
            let shown = pairs
                .iter()
                .map(|(from, to, far)| json!([people.name(*from), sites.name(*to), far]));
            instance.insert("pairs".to_owned(), shown.collect());
        }
    }
}

/// A number that may not be below 0, with whose it is.
fn counted(name: &str, key: &str, number: i64, wrong: &mut Vec<Diagnostic>) -> Value {
    if number < 0 && wrong.len() < 100 {
        wrong.push(Diagnostic::error(
            "cycle/negative",
            Text::new(
                format!("`{name}` 的 `{key}` 为 {number},不应为负"),
                format!("`{key}` of `{name}` is {number}, but may not be negative"),
            ),
        ));
    }
    number.into()
}

/// Returns the instance of an assignment: every eligible demand is served.
pub(super) fn assignment(known: &Facts<'_>, own: &Assignment) -> Result<Value, Vec<Diagnostic>> {
    let (people, sites) = sides(known);
    let mut wrong = Vec::new();
    let mut demands = Vec::with_capacity(people.rows.len());
    for row in &people.rows {
        let name = known.ticket(*row);
        let amount = known.candidate(*row, "assign.amount");
        let mut one = Map::new();
        one.insert("id".to_owned(), name.into());
        one.insert(
            "amount".to_owned(),
            counted(name, "assign.amount", amount, &mut wrong),
        );
        demands.push(one);
    }
    let mut providers = Vec::with_capacity(sites.rows.len());
    for (row, name) in known.names.providers.iter().enumerate() {
        let mut one = Map::new();
        one.insert("id".to_owned(), name.clone().into());
        let of = |key: &str| known.group(row, &format!("assign.{key}"));
        for (key, _) in own.of_provider() {
            let number = of(key).unwrap_or_default();
            let at = format!("assign.{key}");
            one.insert(key.to_owned(), counted(name, &at, number, &mut wrong));
        }
        if let (Some(least), Some(most)) = (of("minimum"), of("capacity"))
            && least > most
            && wrong.len() < 100
        {
            wrong.push(Diagnostic::error(
                "cycle/minimum-above-capacity",
                Text::new(
                    format!("`{name}` 至少要 {least},但至多容 {most}"),
                    format!("`{name}` has to get {least} at least, but takes {most} at most"),
                ),
            ));
        }
        providers.push(one);
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let reach = known.parameter("assign.travel.reach");
    let found = ways(known, &own.travel, &people, &sites, reach)?;
    let mut instance = Map::new();
    if let (Ways::Points(..), Some(reach)) = (&found, reach) {
        instance.insert("reach".to_owned(), reach.into());
    }
    put(
        &mut instance,
        [&mut demands, &mut providers],
        (&people, &sites),
        found,
    );
    instance.insert("demands".to_owned(), listed(demands));
    instance.insert("providers".to_owned(), listed(providers));
    instance.insert("whole".to_owned(), own.whole.into());
    instance.insert("overload".to_owned(), own.overload.as_str().into());
    Ok(instance.into())
}

fn listed(rows: Vec<Map<String, Value>>) -> Value {
    rows.into_iter().map(Value::from).collect()
}

/// Returns the instance of access.
pub(super) fn access(known: &Facts<'_>, own: &AccessRules) -> Result<Value, Vec<Diagnostic>> {
    let (people, sites) = sides(known);
    let mut wrong = Vec::new();
    let mut demands = Vec::with_capacity(people.rows.len());
    for row in &people.rows {
        let name = known.ticket(*row);
        let number = known.candidate(*row, "access.people");
        let mut one = Map::new();
        one.insert("id".to_owned(), name.into());
        one.insert(
            "people".to_owned(),
            counted(name, "access.people", number, &mut wrong),
        );
        if let Some(group) = &own.group {
            one.insert("group".to_owned(), known.text(*row, group).into());
        }
        demands.push(one);
    }
    let mut suppliers = Vec::with_capacity(sites.rows.len());
    for (row, name) in known.names.providers.iter().enumerate() {
        let mut one = Map::new();
        one.insert("id".to_owned(), name.clone().into());
        for (key, _) in own.of_supplier() {
            let at = format!("access.{key}");
            let number = known.group(row, &at).unwrap_or_default();
            one.insert(key.to_owned(), counted(name, &at, number, &mut wrong));
        }
        suppliers.push(one);
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let mut instance = Map::new();
    instance.insert("method".to_owned(), own.method.as_str().into());
    let whole = |at: &str| known.parameter(at).unwrap_or_default();
    let most = match &own.catchment {
        Catchment::Reach(_) | Catchment::Gaussian { .. } => {
            let reach = whole("access.reach");
            instance.insert("reach".to_owned(), reach.into());
            reach
        }
        Catchment::Zones(zones) => {
            let of = |index: usize, key: &str| whole(&format!("access.zones.{index}.{key}"));
            let all = (0..zones.len())
                .map(|i| json!({ "distance": of(i, "distance"), "weight": of(i, "weight") }));
            instance.insert("zones".to_owned(), all.collect());
            (0..zones.len())
                .map(|i| of(i, "distance"))
                .max()
                .unwrap_or(0)
        }
    };
    if let Catchment::Gaussian { rings, .. } = &own.catchment {
        instance.insert("gaussian_rings".to_owned(), (*rings).into());
    }
    if let Some(floor) = &own.floor {
        let floor = json!({ "supply": whole("access.floor"), "people": floor.people });
        instance.insert("floor".to_owned(), floor);
    }
    let found = ways(known, &own.travel, &people, &sites, Some(most))?;
    put(
        &mut instance,
        [&mut demands, &mut suppliers],
        (&people, &sites),
        found,
    );
    instance.insert("demands".to_owned(), listed(demands));
    instance.insert("suppliers".to_owned(), listed(suppliers));
    Ok(instance.into())
}

/// How many are named that cannot be served.
const NAMED: usize = 10;

/// Returns why nobody was sent anywhere: demands that reach too little, with their
/// numbers and names, how much they have, and how much they reach.
pub(super) fn refused(known: &Facts<'_>, instance: &Value, outcome: &Value) -> Vec<Diagnostic> {
    let status = outcome.get("status").and_then(Value::as_str);
    if status != Some("proved-infeasible") {
        let said = Text::new(
            "没有找到各处都不拆分的方案,也未证明没有",
            "no plan that keeps every demand together was found, and none was proved impossible",
        );
        let help = Text::new(
            "去掉 `whole = true`,或放宽容量",
            "leave out `whole = true`, or widen the capacities",
        );
        return vec![Diagnostic::error("cycle/no-plan", said).help(help)];
    }
    let list = |of: &Value, key: &str| -> Vec<Value> {
        let list = of.get(key).and_then(Value::as_array);
        list.cloned().unwrap_or_default()
    };
    let certificate = outcome.get("certificate").unwrap_or(&Value::Null);
    let indices = |key: &str| -> Vec<usize> {
        let all = list(certificate, key);
        let whole = all.iter().filter_map(Value::as_u64);
        whole.filter_map(|n| usize::try_from(n).ok()).collect()
    };
    let demands = list(instance, "demands");
    let set = indices("demands");
    let named: Vec<String> = set
        .iter()
        .filter_map(|d| named(known, demands.get(*d)?.get("id")?.as_str()?))
        .collect();
    let units: i128 = set
        .iter()
        .filter_map(|d| demands.get(*d)?.get("amount")?.as_i64())
        .map(i128::from)
        .sum();
    let shown = named.iter().take(NAMED).cloned().collect::<Vec<_>>();
    let more = named.len().saturating_sub(NAMED);
    let (mut zh, mut en) = (shown.join("、"), shown.join(", "));
    if more > 0 {
        zh += &format!(" 等另 {more} 处");
        en += &format!(" and {more} more");
    }
    let help = Text::new(
        "增加这些需求可到达的容量,放宽 `travel` 的 `reach`、`same`、`at_most`,或写 `overload = \"share\"` 让各处按同一比例超额",
        "give the places they can reach more capacity, widen `reach`, `same` or `at_most` of `travel`, or write `overload = \"share\"`, which stretches all capacities alike",
    );
    let said = if certificate.get("providers").is_some() {
        Text::new(
            format!(
                "不能同时满足各处的下限与上限(已证明):{units} 个单位、{} 处需求:{zh}",
                named.len()
            ),
            format!(
                "the least and the most of the places cannot both be kept, and that is proved by {} demands with {units} units: {en}",
                named.len()
            ),
        )
    } else {
        let reached = reached(instance, &set);
        Text::new(
            format!(
                "不能人人都有去处(已证明):以下 {} 处共有 {units},而它们可到达的容量只有 {reached}:{zh}",
                named.len()
            ),
            format!(
                "not everybody can be served, and that is proved: these {} have {units} units, but the places they can reach take only {reached}: {en}",
                named.len()
            ),
        )
    };
    vec![Diagnostic::error("cycle/no-plan", said).help(help)]
}

/// The number with the name people know, where one is published.
fn named(known: &Facts<'_>, ticket: &str) -> Option<String> {
    let row = known.names.tickets.iter().position(|t| t == ticket)?;
    let columns = &known.rules.applicants.columns;
    let text = columns.iter().find(|c| {
        let own = c.name == known.rules.ticket;
        c.publish && !own && c.data_type == minsheng_model::Type::Text
    });
    let name = text.map(|c| known.text(row, &c.name)).unwrap_or_default();
    Some(if name.is_empty() {
        format!("`{ticket}`")
    } else {
        format!("`{ticket}` {name}")
    })
}

/// How much all places together take that any of the demands can go to.
fn reached(instance: &Value, set: &[usize]) -> i128 {
    let rows = |key: &str| instance.get(key).and_then(Value::as_array);
    let (Some(demands), Some(providers)) = (rows("demands"), rows("providers")) else {
        return 0;
    };
    let id = |row: &Value| row.get("id").and_then(Value::as_str).map(str::to_owned);
    let inside: std::collections::HashSet<String> =
        set.iter().filter_map(|d| id(demands.get(*d)?)).collect();
    let near: std::collections::HashSet<String> = match rows("pairs") {
        Some(pairs) => pairs
            .iter()
            .filter(|p| {
                p.get(0)
                    .and_then(Value::as_str)
                    .is_some_and(|d| inside.contains(d))
            })
            .filter_map(|p| Some(p.get(1)?.as_str()?.to_owned()))
            .collect(),
        None => {
            let reach = instance.get("reach").and_then(Value::as_i64);
            let at = |row: &Value| Some((row.get("x")?.as_i64()?, row.get("y")?.as_i64()?));
            let from: Vec<(i64, i64)> = set.iter().filter_map(|d| at(demands.get(*d)?)).collect();
            let to: Vec<(i64, i64)> = providers.iter().filter_map(at).collect();
            let Some(metres) = minsheng_plain::Metres::planar(&from, &to) else {
                return 0;
            };
            let within = |place: &usize| {
                (0..from.len()).any(|d| {
                    let far = metres.between(d, *place);
                    far.is_some_and(|far| reach.is_none_or(|r| far <= r))
                })
            };
            (0..to.len())
                .filter(within)
                .filter_map(|p| id(providers.get(p)?))
                .collect()
        }
    };
    providers
        .iter()
        .filter(|p| id(p).is_some_and(|id| near.contains(&id)))
        .filter_map(|p| p.get("capacity")?.as_i64())
        .map(i128::from)
        .sum()
}
