//! The plan of choices.

use toml::Spanned;

use crate::column::{About, Kind, columns, condition};
use crate::file::{FirstFile, PlanFile, WishesFile};
use crate::plan::{Make, People, Providers, Wishes, Within};
use crate::resolve::Found;

/// Reads how wishes are made; that needs somebody who has them and somebody to
/// wish for.
pub fn wishes(
    found: &mut Found<'_>,
    file: &PlanFile,
    people: Option<&People>,
    providers: Option<&Providers>,
) -> Option<Wishes> {
    let given = file.choices.as_ref()?;
    let (Some(people), Some(providers)) = (people, providers) else {
        found.wrong(
            given.span(),
            "没有申请人或供给方名册,不能生成志愿",
            "choices need applicants and providers",
        );
        return None;
    };
    let file = given.get_ref();
    found.within(&file.among, 1, 100_000);
    if let Some(stray) = &file.stray {
        found.within(stray, 0, 1000);
    }
    let about = About {
        kind: Kind::Choices,
        areas: 0,
        providers: &[],
    };
    Some(Wishes {
        file: found.file(&file.file),
        length: found.limits(&file.length, 0, *file.among.get_ref()),
        among: *file.among.get_ref(),
        whim: *file.whim.get_ref(),
        within: within(found, file),
        matching: matching(found, file, people, providers),
        stray: file.stray.as_ref().map_or(0, |s| *s.get_ref()),
        only: match &file.only {
            Some(only) => Some(condition(found, only, &providers.columns)?),
            None => None,
        },
        first: file.first.as_ref().and_then(|f| first(found, f, people)),
        columns: columns(found, &file.columns, about),
    })
}

fn within(found: &mut Found<'_>, file: &WishesFile) -> Within {
    match file
        .within
        .as_ref()
        .map(|w| (w.get_ref().as_str(), w.span()))
    {
        None | Some(("city", _)) => Within::City,
        Some(("area", _)) => Within::Area,
        Some(("part", _)) => Within::Part,
        Some((_, span)) => {
            found.wrong(
                span,
                "应为 `city`、`area` 或 `part`",
                "expected `city`, `area` or `part`",
            );
            Within::City
        }
    }
}

/// Reads which columns of the two tables have to agree.
fn matching(
    found: &mut Found<'_>,
    file: &WishesFile,
    people: &People,
    providers: &Providers,
) -> Vec<(usize, usize)> {
    let mut list = Vec::new();
    for pair in file.matching.iter().flatten() {
        let (one, other) = (pair.applicant.get_ref(), pair.provider.get_ref());
        let applicant = people.columns.iter().position(|c| c.name == *one);
        let provider = providers.columns.iter().position(|c| c.name == *other);
        for (place, name) in [(applicant, &pair.applicant), (provider, &pair.provider)] {
            if place.is_none() {
                unknown(found, name);
            }
        }
        list.extend(applicant.zip(provider));
    }
    list
}

fn unknown(found: &mut Found<'_>, name: &Spanned<String>) {
    let word = name.get_ref();
    found.wrong(
        name.span(),
        format!("没有列 `{word}`"),
        format!("there is no column `{word}`"),
    );
}

fn first(found: &mut Found<'_>, first: &FirstFile, people: &People) -> Option<(usize, u32)> {
    found.within(&first.per_mille, 0, 1000);
    let name = first.column.get_ref();
    let column = people
        .columns
        .iter()
        .position(|c| c.name == *name && matches!(c.make, Make::Nearest(_)));
    if column.is_none() {
        found.wrong(
            first.column.span(),
            format!("申请人名册没有 `make = \"nearest\"` 的列 `{name}`"),
            format!("the applicants have no column `{name}` with `make = \"nearest\"`"),
        );
    }
    Some((column?, *first.per_mille.get_ref()))
}
