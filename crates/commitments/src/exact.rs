//! Exact arithmetic on decimals that the model's type does not offer: powers of
//! ten, quotients, whole powers. Everything that does not fit is `None`.

use minsheng_model::Decimal;

/// Significant digits of a quotient that does not end.
const QUOTIENT_DIGITS: usize = 15;

/// Returns the number without zeros at the end of its fraction.
pub(crate) fn trimmed(d: Decimal) -> Decimal {
    let (mut mantissa, mut scale) = (d.mantissa(), d.scale());
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    Decimal::new(mantissa, scale).unwrap_or(d)
}

/// Returns `d × 10^power`.
pub(crate) fn shifted(d: Decimal, power: i32) -> Option<Decimal> {
    let scale = i32::from(d.scale()).checked_sub(power)?;
    if let Ok(scale) = u8::try_from(scale) {
        return Decimal::new(d.mantissa(), scale).ok().map(trimmed);
    }
    let up = u32::try_from(scale.checked_neg()?).ok()?;
    let factor = 10i128.checked_pow(up)?;
    Decimal::new(d.mantissa().checked_mul(factor)?, 0).ok()
}

/// Returns the negative.
pub(crate) fn negated(d: Decimal) -> Option<Decimal> {
    Decimal::new(d.mantissa().checked_neg()?, d.scale()).ok()
}

/// Returns the sum, without zeros at the end.
pub(crate) fn sum(a: Decimal, b: Decimal) -> Option<Decimal> {
    a.checked_add(b).ok().map(trimmed)
}

/// Returns the product, without zeros at the end.
pub(crate) fn product(a: Decimal, b: Decimal) -> Option<Decimal> {
    trimmed(a).checked_mul(trimmed(b)).ok().map(trimmed)
}

/// Returns `a / b` and whether it is exact; otherwise it is rounded half up to
/// 15 significant digits.
pub(crate) fn quotient(a: Decimal, b: Decimal) -> Option<(Decimal, bool)> {
    let (a, b) = (trimmed(a), trimmed(b));
    let scale = a.scale().max(b.scale());
    let (n, d) = (
        a.rescale(scale).ok()?.mantissa(),
        b.rescale(scale).ok()?.mantissa(),
    );
    if d == 0 {
        return None;
    }
    let negative = (n < 0) != (d < 0);
    let (n, d) = (n.unsigned_abs(), d.unsigned_abs());
    let mut mantissa = i128::try_from(n / d).ok()?;
    let mut rest = n % d;
    let mut significant = if mantissa == 0 {
        0
    } else {
        mantissa.to_string().len()
    };
    let mut places = 0u8;
    while rest != 0 && significant < QUOTIENT_DIGITS && places < 30 {
        let next = rest.checked_mul(10)?;
        mantissa = mantissa
            .checked_mul(10)?
            .checked_add(i128::try_from(next / d).ok()?)?;
        rest = next % d;
        places += 1;
        if mantissa != 0 {
            significant += 1;
        }
    }
    let exact = rest == 0;
    if !exact && rest.checked_mul(2)? >= d {
        mantissa = mantissa.checked_add(1)?;
    }
    let value = Decimal::new(if negative { -mantissa } else { mantissa }, places).ok()?;
    Some((trimmed(value), exact))
}

/// Returns `base` to a whole power between -64 and 64, rounded to 15 significant
/// digits where it does not end sooner.
pub(crate) fn power(base: Decimal, exponent: i32) -> Option<Decimal> {
    if exponent.unsigned_abs() > 64 {
        return None;
    }
    let length = trimmed(base).mantissa().unsigned_abs().to_string().len();
    let kept = 37usize
        .checked_sub(length)
        .filter(|k| *k > QUOTIENT_DIGITS)?;
    let mut value = Decimal::from(1);
    for _ in 0..exponent.unsigned_abs() {
        value = rounded(product(value, base)?, kept)?;
    }
    let value = if exponent < 0 {
        quotient(Decimal::from(1), value)?.0
    } else {
        value
    };
    rounded(value, QUOTIENT_DIGITS).map(trimmed)
}

/// Returns the number rounded half up to 15 significant digits.
pub(crate) fn short(d: Decimal) -> Option<Decimal> {
    rounded(d, QUOTIENT_DIGITS)
}

/// Returns the number rounded half up to so many significant digits.
fn rounded(d: Decimal, digits: usize) -> Option<Decimal> {
    let d = trimmed(d);
    let length = d.mantissa().unsigned_abs().to_string().len();
    let Some(extra) = length.checked_sub(digits).filter(|e| *e > 0) else {
        return Some(d);
    };
    let extra = extra.min(usize::from(d.scale()));
    let cut = 10u128.checked_pow(u32::try_from(extra).ok()?)?;
    let size = d.mantissa().unsigned_abs();
    let mut kept = i128::try_from(size / cut).ok()?;
    if size % cut * 2 >= cut && cut > 1 {
        kept += 1;
    }
    let scale = d.scale().checked_sub(u8::try_from(extra).ok()?)?;
    Decimal::new(if d.mantissa() < 0 { -kept } else { kept }, scale).ok()
}

/// Returns one unit of the last digit that is not zero: 10 of 2 630, 1 000 of
/// 12 000, 0.1 of 3.8. What 余 and 多 leave open.
pub(crate) fn last_place(d: Decimal) -> Option<Decimal> {
    let d = trimmed(d);
    let mut mantissa = d.mantissa();
    if mantissa == 0 {
        return None;
    }
    let mut power = 0i32;
    while mantissa % 10 == 0 {
        mantissa /= 10;
        power += 1;
    }
    shifted(Decimal::from(1), power - i32::from(d.scale()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(s: &str) -> Decimal {
        s.parse().unwrap()
    }

    #[test]
    fn divides_and_shifts() {
        assert_eq!(
            quotient(d("1"), d("3")).unwrap().0.to_string(),
            "0.333333333333333"
        );
        assert_eq!(
            quotient(d("2"), d("3")).unwrap().0.to_string(),
            "0.666666666666667"
        );
        assert_eq!(
            quotient(d("3"), d("4002")).unwrap().0.to_string(),
            "0.000749625187406297"
        );
        assert_eq!(quotient(d("1"), d("8")).unwrap(), (d("0.125"), true));
        assert_eq!(quotient(d("-3"), d("2")).unwrap(), (d("-1.5"), true));
        assert!(quotient(d("1"), d("0")).is_none());
        assert_eq!(shifted(d("3.8"), 4).unwrap().to_string(), "38000");
        assert_eq!(shifted(d("3"), -2).unwrap().to_string(), "0.03");
        assert!(shifted(d("3"), 60).is_none());
        assert_eq!(last_place(d("2630")).unwrap(), d("10"));
        assert_eq!(last_place(d("3.80")).unwrap(), d("0.1"));
        assert_eq!(power(d("2"), -1).unwrap(), d("0.5"));
        assert_eq!(power(d("1.1"), 23).unwrap().to_string(), "8.95430243255237");
    }
}
