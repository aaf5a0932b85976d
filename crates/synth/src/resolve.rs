use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use minsheng_model::{Diagnostic, Text};
use toml::Spanned;

use crate::areas::land;
use crate::column::{About, Kind, columns};
use crate::file::{ColumnFile, PeopleFile, PlanFile, ProvidersFile, SpreadFile};
use crate::pattern::Pattern;
use crate::plan::{COUNT_LIMIT, Column, Limits, Make, People, Plan, Providers, Spread};
use crate::wanted::wishes;

/// Collects what is wrong.
pub struct Found<'a> {
    pub path: &'a str,
    pub list: Vec<Diagnostic>,
}

impl Found<'_> {
    pub fn wrong(&mut self, span: Range<usize>, zh: impl Into<String>, en: impl Into<String>) {
        let diagnostic = Diagnostic::error("synth/wrong-value", Text::new(zh, en));
        self.list.push(diagnostic.at(self.path, span));
    }

    /// Refuses a number outside the limits.
    pub fn within<T: PartialOrd + std::fmt::Display + Copy>(
        &mut self,
        value: &Spanned<T>,
        least: T,
        most: T,
    ) {
        let found = *value.get_ref();
        if found < least || found > most {
            self.wrong(
                value.span(),
                format!("应在 {least} 至 {most} 之间,实为 {found}"),
                format!("expected {least} to {most}, found {found}"),
            );
        }
    }

    pub fn limits(&mut self, value: &Spanned<[u32; 2]>, lowest: u32, highest: u32) -> Limits {
        let [least, most] = *value.get_ref();
        if least < lowest || most > highest || least > most {
            self.wrong(
                value.span(),
                format!("应为 `[最少, 最多]`,在 {lowest} 至 {highest} 之间"),
                format!("expected `[least, most]` between {lowest} and {highest}"),
            );
        }
        Limits { least, most }
    }

    pub fn pattern(&mut self, value: &Spanned<String>) -> Option<Pattern> {
        match Pattern::read(value.get_ref()) {
            Ok(pattern) => Some(pattern),
            Err(hole) => {
                self.wrong(
                    value.span(),
                    format!("不认识的占位 `{hole}`;可用 {{n}} {{n:6}} {{i}} {{e}} {{area}} {{area_name}} {{part}}"),
                    format!("unknown placeholder `{hole}`; there are {{n}} {{n:6}} {{i}} {{e}} {{area}} {{area_name}} {{part}}"),
                );
                None
            }
        }
    }

    /// Accepts a path that stays inside the city's folder and has a known ending.
    pub fn file(&mut self, value: &Spanned<String>) -> PathBuf {
        let path = Path::new(value.get_ref());
        let inside = path.components().all(|c| matches!(c, Component::Normal(_)));
        let known = path
            .extension()
            .is_some_and(|e| e == "csv" || e == "parquet");
        if !inside || !known {
            self.wrong(
                value.span(),
                "应为城市文件夹内的相对路径,以 .csv 或 .parquet 结尾",
                "expected a path inside the city's folder that ends in .csv or .parquet",
            );
        }
        path.to_path_buf()
    }
}

/// Checks the file and makes the plan.
pub fn resolve(path: &str, file: PlanFile) -> Result<Plan, Vec<Diagnostic>> {
    let mut found = Found {
        path,
        list: Vec::new(),
    };
    found.within(&file.format, 1, 1);
    let notice = file.notice.get_ref();
    if notice.zh.trim().is_empty() || notice.en.trim().is_empty() {
        found.wrong(
            file.notice.span(),
            "应当用中文和英文说明数据是模拟的",
            "expected words in Chinese and English that say the data is synthetic",
        );
    }
    let areas = land(&mut found, &file);
    let part_name = found.pattern(&file.part_name);
    let count = areas.len();
    let providers = file
        .providers
        .as_ref()
        .map(|p| self::providers(&mut found, p, count));
    let applicants = file.applicants.as_ref().map(|p| {
        let columns = providers.as_ref().map_or(&[][..], |p| &p.columns);
        people(&mut found, p, count, columns)
    });
    let choices = wishes(&mut found, &file, applicants.as_ref(), providers.as_ref());
    let tables = file
        .tables
        .iter()
        .map(|t| spread(&mut found, t, count))
        .collect();
    distinct_files(&mut found, &file);
    match part_name {
        Some(part_name) if found.list.is_empty() => Ok(Plan {
            seed: file.seed.into_inner(),
            notice: file.notice.into_inner(),
            areas,
            part_name,
            providers,
            applicants,
            choices,
            tables,
        }),
        _ => Err(found.list),
    }
}

fn distinct_files(found: &mut Found<'_>, file: &PlanFile) {
    let mut files: Vec<&Spanned<String>> = Vec::new();
    files.extend(file.providers.as_ref().map(|t| &t.file));
    files.extend(file.applicants.as_ref().map(|t| &t.file));
    files.extend(file.choices.as_ref().map(|t| &t.get_ref().file));
    files.extend(file.tables.iter().map(|t| &t.file));
    for (index, one) in files.iter().enumerate() {
        if files
            .iter()
            .take(index)
            .any(|other| other.get_ref() == one.get_ref())
        {
            found.wrong(
                one.span(),
                "两个名册不能是同一个文件",
                "two registers cannot be one file",
            );
        }
    }
}

fn providers(found: &mut Found<'_>, file: &ProvidersFile, areas: usize) -> Providers {
    found.within(&file.count, 1, COUNT_LIMIT);
    found.within(&file.group, 1, 1_000_000);
    let places_each = found.limits(&file.places_each, 0, 1_000_000);
    let about = About {
        kind: Kind::Providers,
        areas,
        providers: &[],
    };
    let made = Providers {
        file: found.file(&file.file),
        count: *file.count.get_ref(),
        places: *file.places.get_ref(),
        places_each,
        group: *file.group.get_ref(),
        popularity: found.limits(&file.popularity, 1, 1_000_000),
        editions: file
            .editions
            .as_ref()
            .map_or_else(Vec::new, |e| e.get_ref().clone()),
        columns: keyed(found, &file.columns, about),
    };
    let count = made.rows();
    let least = count.saturating_mul(u64::from(places_each.least));
    let most = count.saturating_mul(u64::from(places_each.most));
    if !(least..=most).contains(file.places.get_ref()) {
        found.wrong(
            file.places.span(),
            format!("按 `count` 和 `places_each`,总数只能在 {least} 至 {most} 之间"),
            format!("by `count` and `places_each` the total can only be {least} to {most}"),
        );
    }
    editions(found, file, &made);
    made
}

/// The key of a provider that stands in several editions names the edition.
fn editions(found: &mut Found<'_>, file: &ProvidersFile, made: &Providers) {
    let Some(given) = &file.editions else { return };
    let list = given.get_ref();
    let distinct = list
        .iter()
        .enumerate()
        .all(|(i, e)| !list.iter().take(i).any(|o| o == e));
    if list.is_empty() || list.len() > 1000 || !distinct {
        found.wrong(
            given.span(),
            "应为一个或多个不重复的名称",
            "expected one name or more, none of them twice",
        );
    }
    let named = |c: &Column| matches!(&c.make, Make::Serial(p) if !p.names_edition());
    if list.len() > 1 && made.columns.iter().any(named) {
        found.wrong(
            file.columns.span(),
            "编号应含 `{e}`,否则各期相同",
            "expected `{e}` in the key: without it all editions are alike",
        );
    }
}

fn people(found: &mut Found<'_>, file: &PeopleFile, areas: usize, providers: &[Column]) -> People {
    found.within(&file.count, 1, COUNT_LIMIT);
    for often in [&file.twins, &file.housemates].into_iter().flatten() {
        found.within(often, 0, 1000);
    }
    let about = About {
        kind: Kind::Applicants,
        areas,
        providers,
    };
    let columns = keyed(found, &file.columns, about);
    let nearest = |c: &Column| matches!(c.make, Make::Nearest(_));
    if providers.is_empty() && columns.iter().any(nearest) {
        found.wrong(
            file.columns.span(),
            "没有供给方名册,不能用 `make = \"nearest\"`",
            "there are no providers, so that `make = \"nearest\"` finds none",
        );
    }
    People {
        file: found.file(&file.file),
        count: *file.count.get_ref(),
        twins: file.twins.as_ref().map_or(0, |t| *t.get_ref()),
        housemates: file.housemates.as_ref().map_or(0, |t| *t.get_ref()),
        columns,
    }
}

fn spread(found: &mut Found<'_>, file: &SpreadFile, areas: usize) -> Spread {
    found.within(&file.count, 1, COUNT_LIMIT);
    let about = About {
        kind: Kind::Tables,
        areas,
        providers: &[],
    };
    Spread {
        file: found.file(&file.file),
        count: *file.count.get_ref(),
        columns: keyed(found, &file.columns, about),
    }
}

/// Reads the columns of a table whose rows have a key of their own.
fn keyed(
    found: &mut Found<'_>,
    file: &Spanned<Vec<Spanned<ColumnFile>>>,
    about: About<'_>,
) -> Vec<Column> {
    let list = columns(found, file, about);
    let keys = file
        .get_ref()
        .iter()
        .filter(|c| c.get_ref().make.get_ref() == "serial")
        .count();
    if keys != 1 {
        found.wrong(
            file.span(),
            format!("应有且只有一列 `make = \"serial\"`,实有 {keys} 列"),
            format!("expected exactly one column with `make = \"serial\"`, found {keys}"),
        );
    }
    list
}
