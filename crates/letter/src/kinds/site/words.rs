//! How a letter about sites names things.

use minsheng_model::{ApplicantRow, TravelMetric, Type};
use minsheng_verify::siting::published::Served;

use super::Letter;
use crate::Lang;
use crate::units::quantity;

impl Letter<'_> {
    pub(super) fn say(&self, zh: String, en: String) -> String {
        match self.w.lang() {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// What people call a site: its first published words, and its number.
    pub(super) fn name(&self, row: &ApplicantRow) -> String {
        let rules = &self.contents.rules;
        let columns = rules.applicants.columns.iter();
        let mut words = columns.filter(|c| {
            c.data_type == Type::Text && c.publish && c.values.is_empty() && c.name != rules.ticket
        });
        let shown = rules.group_columns();
        let name = words.next().and_then(|c| {
            let place = shown.iter().position(|s| *s == c.name)?;
            row.groups.get(place)?.as_deref()
        });
        match name {
            Some(name) => format!("{name} [{}]", row.ticket),
            None => row.ticket.clone(),
        }
    }

    /// A length with its unit.
    pub(super) fn far(&self, length: i64) -> String {
        let unit = match &self.own.travel.metric {
            TravelMetric::Planar(_) | TravelMetric::GreatCircle(_) => self.w.pick("米", "m"),
            TravelMetric::Pairs(columns) => {
                let columns = self
                    .contents
                    .rules
                    .choices
                    .columns
                    .iter()
                    .find(|c| c.name == columns.value);
                columns.and_then(|c| c.unit.as_deref()).unwrap_or("")
            }
        };
        format!("{length} {unit}").trim_end().to_owned()
    }

    /// So many units, such as residents.
    pub(super) fn units(&self, units: i128) -> String {
        let title = self.own.weight.title.get(self.w.code());
        self.say(format!("{title} {units}"), format!("{units} {title}"))
    }

    pub(super) fn places(&self, served: Served) -> String {
        let (places, units) = (served.places, self.units(served.units));
        self.say(
            format!("{places} 处,{units}"),
            format!("{places} places with {units}"),
        )
    }

    /// A number with its unit; money in yuan, as people count it.
    pub(super) fn amount(&self, value: &serde_json::Value, unit: Option<&str>) -> String {
        quantity(&value.to_string(), unit, self.w)
    }
}
