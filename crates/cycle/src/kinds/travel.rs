//! How far it is from people to places, as a plain instance has it.

use std::collections::HashMap;

use minsheng_model::{
    Coordinates, Diagnostic, PairColumns, Text, Travel, TravelMetric, Value as Cell,
};
use minsheng_plain::Metres;
use minsheng_registers::Register;

use super::Facts;

/// Those rows of a register that take part.
pub(super) struct Side<'a> {
    pub register: &'a Register,
    /// The names of all rows.
    pub names: &'a [String],
    /// The rows that take part, in order.
    pub rows: Vec<usize>,
}

/// How far it is.
pub(super) enum Ways {
    /// Every pair can be used: where people and places are, in whole metres.
    Points(Vec<(i64, i64)>, Vec<(i64, i64)>),
    /// The pairs that can be used, by people's and places' positions among those that
    /// take part, in order.
    Pairs(Vec<(usize, usize, i64)>),
}

impl Side<'_> {
    pub fn value(&self, place: usize, column: &str) -> Option<Cell> {
        let index = self.register.table.column_index(column)?;
        self.register.value(*self.rows.get(place)?, index)
    }

    pub fn name(&self, place: usize) -> &str {
        let row = self.rows.get(place);
        row.and_then(|r| self.names.get(*r))
            .map_or("", String::as_str)
    }

    /// Returns where everybody is: whole metres, or billionths of a degree.
    pub fn points(
        &self,
        columns: &[String; 2],
        sphere: bool,
    ) -> Result<Vec<(i64, i64)>, Vec<Diagnostic>> {
        let number = |place: usize, column: &String| -> Option<i64> {
            match self.value(place, column)? {
                Cell::Integer(n) if sphere => n.checked_mul(1_000_000_000),
                Cell::Integer(n) => Some(n),
                Cell::Decimal(d) => {
                    let nine = d.rescale(9).ok()?;
                    i64::try_from(nine.mantissa()).ok()
                }
                _ => None,
            }
        };
        let [first, second] = columns;
        let mut points = Vec::with_capacity(self.rows.len());
        for place in 0..self.rows.len() {
            match (number(place, first), number(place, second)) {
                (Some(a), Some(b)) if is_point(a, b, sphere) => points.push((a, b)),
                _ => {
                    let (table, name) = (&self.register.table.name, self.name(place));
                    let said = Text::new(
                        format!("名册 `{table}` 的 `{name}`:`{first}`、`{second}` 不是坐标"),
                        format!(
                            "`{first}`, `{second}` of `{name}` in register `{table}` is no point"
                        ),
                    );
                    let help = if sphere {
                        Text::new(
                            "经度在 ±180 度以内,纬度在 ±90 度以内",
                            "longitudes lie within 180 degrees, latitudes within 90",
                        )
                    } else {
                        Text::new(
                            "坐标为整数米,绝对值不超过 10 亿",
                            "coordinates are whole metres of at most 1,000,000,000",
                        )
                    };
                    return Err(vec![Diagnostic::error("cycle/no-point", said).help(help)]);
                }
            }
        }
        Ok(points)
    }
}

fn is_point(a: i64, b: i64, sphere: bool) -> bool {
    if sphere {
        a.abs() <= 180_000_000_000 && b.abs() <= 90_000_000_000
    } else {
        a.abs() <= 1_000_000_000 && b.abs() <= 1_000_000_000
    }
}

/// Returns how far it is; `reach` and whatever else keeps a pair from being used is
/// applied where pairs are listed. `most` is how far any pair matters.
pub(super) fn ways(
    known: &Facts<'_>,
    own: &Travel,
    people: &Side<'_>,
    places: &Side<'_>,
    most: Option<i64>,
) -> Result<Ways, Vec<Diagnostic>> {
    let near = |far: i64| most.is_none_or(|m| far <= m);
    let fits = |from: usize, to: usize| usable(own, people, places, from, to);
    let mut pairs = Vec::new();
    match &own.metric {
        TravelMetric::Pairs(columns) => {
            for (from, to, far) in listed(known, columns, people, places)? {
                if near(far) && fits(from, to) {
                    pairs.push((from, to, far));
                }
            }
            pairs.sort_unstable();
        }
        TravelMetric::Planar(at) | TravelMetric::GreatCircle(at) => {
            let Coordinates { from, to } = at;
            let sphere = matches!(own.metric, TravelMetric::GreatCircle(_));
            let (from, to) = (people.points(from, sphere)?, places.points(to, sphere)?);
            if !sphere && own.is_open() {
                return Ok(Ways::Points(from, to));
            }
            let metres = if sphere {
                Metres::globe(&from, &to)
            } else {
                Metres::planar(&from, &to)
            };
            let metres = metres.ok_or_else(|| vec![super::internal("a point is too far")])?;
            for demand in 0..from.len() {
                for place in 0..to.len() {
                    if let Some(far) = metres.between(demand, place)
                        && near(far)
                        && fits(demand, place)
                    {
                        pairs.push((demand, place, far));
                    }
                }
            }
        }
    }
    Ok(Ways::Pairs(pairs))
}

/// Returns whether columns that have to be equal are, and numbers are high enough.
fn usable(own: &Travel, people: &Side<'_>, places: &Side<'_>, from: usize, to: usize) -> bool {
    let both = |pair: &minsheng_model::ColumnPair| {
        people
            .value(from, &pair.from)
            .zip(places.value(to, &pair.to))
    };
    own.same
        .iter()
        .all(|p| both(p).is_some_and(|(a, b)| a == b))
        && own.at_most.iter().all(|p| match both(p) {
            Some((Cell::Integer(a), Cell::Integer(b))) => a <= b,
            _ => false,
        })
}

/// Returns the pairs of the register whose people and place take part.
fn listed(
    known: &Facts<'_>,
    columns: &PairColumns,
    people: &Side<'_>,
    places: &Side<'_>,
) -> Result<Vec<(usize, usize, i64)>, Vec<Diagnostic>> {
    let register = &known.registers.choices;
    let numbers = |side: &Side<'_>| -> HashMap<String, usize> {
        (0..side.rows.len())
            .map(|place| (side.name(place).to_owned(), place))
            .collect()
    };
    let all = |side: &Side<'_>| -> std::collections::HashSet<String> {
        side.names.iter().cloned().collect()
    };
    let (of_people, of_places) = (numbers(people), numbers(places));
    let (all_people, all_places) = (all(people), all(places));
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    let text = |row: usize, column: &str| {
        let index = register.table.column_index(column);
        let text = index.and_then(|c| register.text(row, c));
        text.map_or_else(String::new, |t| t.into_owned())
    };
    let value = register.table.column_index(&columns.value);
    for row in 0..register.rows {
        let (from, to) = (text(row, &columns.from), text(row, &columns.to));
        let table = &register.table.name;
        for (name, known, other) in [(&from, &all_people, people), (&to, &all_places, places)] {
            if !known.contains(name) && wrong.len() < 100 {
                let of = &other.register.table.name;
                wrong.push(Diagnostic::error(
                    "cycle/unknown-pair",
                    Text::new(
                        format!("名册 `{table}` 的 `{from}`、`{to}`:名册 `{of}` 没有 `{name}`"),
                        format!("`{from}`, `{to}` of register `{table}`: register `{of}` has no `{name}`"),
                    ),
                ));
            }
        }
        let far = match value.and_then(|c| register.value(row, c)) {
            Some(Cell::Integer(far)) if (0..1 << 53).contains(&far) => far,
            _ => {
                if wrong.len() < 100 {
                    wrong.push(Diagnostic::error(
                        "cycle/no-distance",
                        Text::new(
                            format!("名册 `{table}` 的 `{from}`、`{to}`:`{}` 应为非负整数", columns.value),
                            format!("`{from}`, `{to}` of register `{table}`: `{}` has to be a whole number, not negative", columns.value),
                        ),
                    ));
                }
                continue;
            }
        };
        if let (Some(from), Some(to)) = (of_people.get(&from), of_places.get(&to)) {
            found.push((*from, *to, far));
        }
    }
    if wrong.is_empty() {
        Ok(found)
    } else {
        Err(wrong)
    }
}
