//! Lengths from the definition in the book, written a second time.

use super::case::CaseRounding;

const DIAMETER_MM: u128 = 2 * 6_371_008_800;
const BITS: u32 = 60;

/// How far it is.
#[derive(Debug)]
pub(super) struct Length {
    pub sphere: bool,
    pub per_metre: i64,
    pub rounding: CaseRounding,
}

impl Length {
    /// Returns the cost over a squared straight distance in square millimetres.
    pub fn of(&self, squared: u128) -> i64 {
        let per = u128::from(self.per_metre.unsigned_abs());
        // The length is numerator / denominator units, or the root of that.
        let units = if self.sphere {
            let length = arc(squared.isqrt()) * per;
            match self.rounding {
                CaseRounding::Floor => length / 1000,
                CaseRounding::Nearest => (length + 500) / 1000,
                CaseRounding::Ceil => length.div_ceil(1000),
            }
        } else {
            let square = squared * per * per;
            match self.rounding {
                CaseRounding::Floor => (square / 1_000_000).isqrt(),
                // The most whole units u with u - 1/2 <= length.
                CaseRounding::Nearest => (4 * square / 1_000_000).isqrt().div_ceil(2),
                CaseRounding::Ceil => {
                    let below = (square / 1_000_000).isqrt();
                    below + u128::from(below * below * 1_000_000 < square)
                }
            }
        };
        i64::try_from(units).unwrap_or(i64::MAX)
    }

    /// Returns a square beyond which no cost is at most `cost`.
    pub fn limit(&self, cost: i64) -> u128 {
        let Some(more) = u128::try_from(cost).ok().and_then(|c| c.checked_add(2)) else {
            return 0;
        };
        let mm = more
            .saturating_mul(1000)
            .div_ceil(u128::from(self.per_metre.unsigned_abs().max(1)))
            .saturating_add(2);
        mm.saturating_mul(mm)
    }
}

/// The arc over a chord, in millimetres.
fn arc(chord: u128) -> u128 {
    let one = 1u128 << BITS;
    let mut x = (chord.min(DIAMETER_MM) << BITS) / DIAMETER_MM;
    let mut halved = 0u32;
    while x > one >> 3 {
        let other = (one * one - x * x).isqrt();
        x = (x << BITS) / (2 * one * (one + other)).isqrt();
        halved += 1;
    }
    let y = (x * x) >> BITS;
    let mut sum = x;
    let mut last = x;
    for k in 0u128.. {
        last = (last * y) >> BITS;
        last = last * (2 * k + 1) * (2 * k + 1) / ((2 * k + 2) * (2 * k + 3));
        if last == 0 {
            break;
        }
        sum += last;
    }
    ((sum << halved) * DIAMETER_MM) >> BITS
}

/// The point of a longitude and a latitude, in millimetres from the centre.
pub(super) fn on_sphere(longitude: i64, latitude: i64) -> [i64; 3] {
    let radius = i128::try_from(DIAMETER_MM / 2).unwrap_or(0);
    let (lon, lat) = (turned(longitude), turned(latitude));
    let place = |part: i128| i64::try_from((part * radius) >> BITS).unwrap_or(0);
    [
        place((lat.1 * lon.1) >> BITS),
        place((lat.1 * lon.0) >> BITS),
        place(lat.0),
    ]
}

/// Sine and cosine of an angle in billionths of a degree.
fn turned(angle: i64) -> (i128, i128) {
    let full: i64 = 360_000_000_000;
    let within = angle.rem_euclid(full);
    let quarter = within / (full / 4);
    let rest = within % (full / 4);
    // Pi with 60 binary places.
    let x = i128::from(rest) * 3_622_009_729_038_561_421 / 180_000_000_000;
    let mut sine = 0i128;
    let mut cosine = 0i128;
    let (mut odd, mut even) = (x, 1i128 << BITS);
    let mut k = 0i128;
    while odd != 0 || even != 0 {
        sine += odd;
        cosine += even;
        odd = -((((odd * x) >> BITS) * x) >> BITS) / ((2 * k + 2) * (2 * k + 3));
        even = -((((even * x) >> BITS) * x) >> BITS) / ((2 * k + 1) * (2 * k + 2));
        k += 1;
    }
    match quarter {
        0 => (sine, cosine),
        1 => (cosine, -sine),
        2 => (-sine, -cosine),
        _ => (-cosine, sine),
    }
}
