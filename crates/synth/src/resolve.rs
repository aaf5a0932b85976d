use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use minsheng_model::{Diagnostic, Text};
use toml::Spanned;

use crate::column::{Kind, columns};
use crate::file::{AreaFile, PeopleFile, PlanFile, ProvidersFile, WishesFile};
use crate::pattern::Pattern;
use crate::plan::{Area, COUNT_LIMIT, Column, Limits, Make, People, Plan, Providers, Wishes};

/// Metres from the origin at most, so that squares and sums stay far from overflow.
const METRES: i64 = 100_000_000;

/// Collects what is wrong.
pub struct Found<'a> {
    path: &'a str,
    list: Vec<Diagnostic>,
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

    fn limits(&mut self, value: &Spanned<[u32; 2]>, lowest: u32, highest: u32) -> Limits {
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
                    format!("不认识的占位 `{hole}`;可用 {{n}} {{n:6}} {{i}} {{area}} {{area_name}} {{part}}"),
                    format!("unknown placeholder `{hole}`; there are {{n}} {{n:6}} {{i}} {{area}} {{area_name}} {{part}}"),
                );
                None
            }
        }
    }

    /// Accepts a path that stays inside the city's folder and has a known ending.
    fn file(&mut self, value: &Spanned<String>) -> PathBuf {
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
    let areas = areas(&mut found, &file.areas);
    let part_name = found.pattern(&file.part_name);
    let providers = providers(&mut found, &file.providers, areas.len());
    let applicants = people(&mut found, &file.applicants, areas.len());
    let choices = wishes(&mut found, &file.choices, &applicants, areas.len());
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
        }),
        _ => Err(found.list),
    }
}

fn distinct_files(found: &mut Found<'_>, file: &PlanFile) {
    let files = [
        &file.providers.file,
        &file.applicants.file,
        &file.choices.file,
    ];
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

fn areas(found: &mut Found<'_>, file: &Spanned<Vec<AreaFile>>) -> Vec<Area> {
    let list = file.get_ref();
    if list.iter().all(|a| *a.weight.get_ref() == 0) {
        found.wrong(
            file.span(),
            "至少应有一个权重大于 0 的区域",
            "expected at least one area with a weight above 0",
        );
    }
    for (index, area) in list.iter().enumerate() {
        found.within(&area.parts, 1, 100_000);
        found.within(&area.radius, 0, METRES);
        found.within(&area.x, -METRES, METRES);
        found.within(&area.y, -METRES, METRES);
        if list
            .iter()
            .take(index)
            .any(|a| a.id.get_ref() == area.id.get_ref())
        {
            found.wrong(
                area.id.span(),
                format!("区域 `{}` 重复", area.id.get_ref()),
                format!("area `{}` is there twice", area.id.get_ref()),
            );
        }
    }
    let area = |a: &AreaFile| Area {
        id: a.id.get_ref().clone(),
        name: a.name.clone(),
        weight: *a.weight.get_ref(),
        parts: *a.parts.get_ref(),
        x: *a.x.get_ref(),
        y: *a.y.get_ref(),
        radius: *a.radius.get_ref(),
    };
    list.iter().map(area).collect()
}

fn providers(found: &mut Found<'_>, file: &ProvidersFile, areas: usize) -> Providers {
    found.within(&file.count, 1, COUNT_LIMIT);
    found.within(&file.group, 1, 1_000_000);
    let places_each = found.limits(&file.places_each, 0, 1_000_000);
    let count = u64::from(*file.count.get_ref());
    let possible = count * u64::from(places_each.least)..=count * u64::from(places_each.most);
    if !possible.contains(file.places.get_ref()) {
        let (least, most) = (possible.start(), possible.end());
        found.wrong(
            file.places.span(),
            format!("按 `count` 和 `places_each`,总数只能在 {least} 至 {most} 之间"),
            format!("by `count` and `places_each` the total can only be {least} to {most}"),
        );
    }
    Providers {
        file: found.file(&file.file),
        count: *file.count.get_ref(),
        places: *file.places.get_ref(),
        places_each,
        group: *file.group.get_ref(),
        popularity: found.limits(&file.popularity, 1, 1_000_000),
        columns: keyed(found, &file.columns, Kind::Providers, areas),
    }
}

fn people(found: &mut Found<'_>, file: &PeopleFile, areas: usize) -> People {
    found.within(&file.count, 1, COUNT_LIMIT);
    if let Some(twins) = &file.twins {
        found.within(twins, 0, 1000);
    }
    People {
        file: found.file(&file.file),
        count: *file.count.get_ref(),
        twins: file.twins.as_ref().map_or(0, |t| *t.get_ref()),
        columns: keyed(found, &file.columns, Kind::Applicants, areas),
    }
}

fn wishes(found: &mut Found<'_>, file: &WishesFile, people: &People, areas: usize) -> Wishes {
    found.within(&file.among, 1, 100_000);
    let first = file.first.as_ref().and_then(|first| {
        found.within(&first.per_mille, 0, 1000);
        let name = first.column.get_ref();
        let holds = |c: &Column| c.name == *name && matches!(c.make, Make::Nearest);
        let column = people.columns.iter().position(holds);
        if column.is_none() {
            found.wrong(
                first.column.span(),
                format!("申请人名册没有 `make = \"nearest\"` 的列 `{name}`"),
                format!("the applicants have no column `{name}` with `make = \"nearest\"`"),
            );
        }
        Some((column?, *first.per_mille.get_ref()))
    });
    Wishes {
        file: found.file(&file.file),
        length: found.limits(&file.length, 0, *file.among.get_ref()),
        among: *file.among.get_ref(),
        whim: *file.whim.get_ref(),
        first,
        columns: columns(found, &file.columns, Kind::Choices, areas),
    }
}

/// Reads the columns of a table whose rows have a key of their own.
fn keyed(
    found: &mut Found<'_>,
    file: &Spanned<Vec<Spanned<crate::file::ColumnFile>>>,
    kind: Kind,
    areas: usize,
) -> Vec<Column> {
    let list = columns(found, file, kind, areas);
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
