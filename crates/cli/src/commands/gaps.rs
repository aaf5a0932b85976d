//! Who is within reach before and after sites are opened, for the summary of a run.

use std::collections::BTreeMap;

use minsheng_bundle::Contents;
use minsheng_letter::Lang;
use serde_json::Value;

use crate::table;

/// Sums by one word: places, those beyond reach before and after; and the same in units.
#[derive(Default, Clone, Copy)]
struct Sums {
    places: [i128; 3],
    units: [i128; 3],
}

/// Returns the gaps of a bundle that covers: by type, then by group; `None` where it has
/// none.
pub(crate) fn shown(contents: &Contents, lang: Lang) -> Option<String> {
    let decided = contents.decided.as_ref()?;
    let outcome: Value = serde_json::from_str(&decided.outcome).ok()?;
    let gaps = outcome.get("gaps")?.as_array()?;
    let mut text = format!(
        "{}\n{}\n",
        contents.rules.title.get(lang.as_str()),
        lang.pick(
            "覆盖短板:开设前与开设后在范围之外的(只看距离,不看容量)",
            "gaps: who is beyond reach before and after (distance alone, not room)",
        )
    );
    let mut all = Sums::default();
    let mut by: [BTreeMap<&str, Sums>; 2] = [BTreeMap::new(), BTreeMap::new()];
    for gap in gaps {
        let own = sums(gap)?;
        add(&mut all, own);
        for (list, key) in by.iter_mut().zip(["type", "group"]) {
            if let Some(word) = gap.get(key).and_then(Value::as_str) {
                add(list.entry(word).or_default(), own);
            }
        }
    }
    let heads = [
        ("", ""),
        ("处", "places"),
        ("之外(前)", "beyond, before"),
        ("之外(后)", "beyond, after"),
        ("数量", "units"),
        ("之外(前)", "beyond, before"),
        ("之外(后)", "beyond, after"),
    ];
    let mut rows = vec![heads.map(|(zh, en)| lang.pick(zh, en).to_owned()).to_vec()];
    for list in &by {
        rows.extend(list.iter().map(|(word, sums)| row(word, *sums)));
    }
    rows.push(row(lang.pick("合计", "all"), all));
    text.push_str(table::render(&rows).trim_end());
    Some(text)
}

fn sums(gap: &Value) -> Option<Sums> {
    let three = |what: &str| -> Option<[i128; 3]> {
        let number = |key: String| gap.get(key)?.to_string().parse::<i128>().ok();
        let all = number(what.to_owned())?;
        let before = number(format!("{what}_before"))?;
        Some([all, all - before, number(format!("{what}_beyond"))?])
    };
    Some(Sums {
        places: three("places")?,
        units: three("weight")?,
    })
}

fn add(to: &mut Sums, own: Sums) {
    let both = [(&mut to.places, own.places), (&mut to.units, own.units)];
    for (sum, own) in both {
        sum.iter_mut().zip(own).for_each(|(s, o)| *s += o);
    }
}

fn row(word: &str, sums: Sums) -> Vec<String> {
    let numbers = sums.places.iter().chain(&sums.units);
    std::iter::once(word.to_owned())
        .chain(numbers.map(ToString::to_string))
        .collect()
}
