//! Areas, the plan's own or those that several plans share.

use std::path::Path;

use minsheng_model::{Diagnostic, Text};
use toml::Spanned;

use crate::file::{AreaFile, AreasFile, PlanFile};
use crate::plan::Area;
use crate::resolve::Found;

/// Metres from the origin at most, so that squares and sums stay far from overflow.
const METRES: i64 = 100_000_000;

/// Reads the areas of a plan: written in it, or in a file beside it; divided as
/// the plan says, or as the areas say themselves.
pub fn land(found: &mut Found<'_>, file: &PlanFile) -> Vec<Area> {
    let mut list = match (&file.areas, &file.areas_file) {
        (Some(own), None) => areas(found, own),
        (None, Some(name)) => beside(found, name),
        (own, both) => {
            let span = own.as_ref().map(Spanned::span).filter(|_| both.is_some());
            found.wrong(
                span.unwrap_or(0..0),
                "应写明 `areas` 或 `areas_file` 之一",
                "expected one of `areas` and `areas_file`",
            );
            return Vec::new();
        }
    };
    if let Some(parts) = &file.parts {
        let given = parts.get_ref();
        let sound = given.iter().all(|p| (1..=100_000).contains(p));
        if given.len() != list.len() || !sound {
            let count = list.len();
            found.wrong(
                parts.span(),
                format!("应按区域顺序列出 {count} 个正整数"),
                format!("expected {count} whole numbers from 1, one for each area in order"),
            );
        }
        for (area, parts) in list.iter_mut().zip(given) {
            area.parts = *parts;
        }
    }
    list
}

/// Reads the areas of a file beside the plan.
fn beside(found: &mut Found<'_>, name: &Spanned<String>) -> Vec<Area> {
    let folder = Path::new(found.path).parent().unwrap_or(Path::new(""));
    let path = folder.join(name.get_ref());
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            found.wrong(
                name.span(),
                format!("无法读取:{error}"),
                format!("cannot be read: {error}"),
            );
            return Vec::new();
        }
    };
    let shown = path.display().to_string();
    let mut inner = Found {
        path: &shown,
        list: Vec::new(),
    };
    let list = match toml::from_str::<AreasFile>(&text) {
        Ok(file) => {
            inner.within(&file.format, 1, 1);
            areas(&mut inner, &file.areas)
        }
        Err(error) => {
            let said = error.message();
            let message = Text::new(format!("区域文件写法有误:{said}"), said);
            let place = error.span().unwrap_or(0..0);
            inner
                .list
                .push(Diagnostic::error("synth/malformed", message).at(&shown, place));
            Vec::new()
        }
    };
    found.list.append(&mut inner.list);
    list
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
