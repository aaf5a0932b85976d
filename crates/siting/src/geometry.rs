//! Distances in integers, the same on every machine.

/// The mean radius of the earth (IUGG), in millimetres.
pub(crate) const RADIUS_MM: i64 = 6_371_008_800;

/// One, and pi, with 60 binary places.
const ONE: u128 = 1 << 60;
const PI: i128 = 3_622_009_729_038_561_421;

/// How a length becomes a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Down.
    Floor,
    /// To the nearest; halves up.
    Nearest,
    /// Up.
    Ceil,
}

/// How far two points are from one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// Whether the points lie on the sphere (else in a plane).
    pub sphere: bool,
    /// How many units of cost a metre is; from 1 to 1,000,000.
    pub per_metre: i64,
    /// How the product becomes whole.
    pub rounding: Rounding,
}

impl Measure {
    /// Returns the cost of two points whose straight distance is the root of
    /// `squared` square millimetres.
    pub(crate) fn of(&self, squared: u128) -> i64 {
        let per = u128::from(self.per_metre.unsigned_abs());
        // Twice the length in units, rounded down; exact[ly] half of it or not.
        let (double, exact) = if self.sphere {
            let arc = arc_mm(root(squared));
            let double = 2 * arc * per;
            (double / 1000, double.is_multiple_of(1000))
        } else {
            let square = 4 * squared * per * per;
            let double = root(square / 1_000_000);
            (double, double * double * 1_000_000 == square)
        };
        let whole = match self.rounding {
            Rounding::Floor => double / 2,
            Rounding::Nearest => double.div_ceil(2),
            Rounding::Ceil if exact => double.div_ceil(2),
            Rounding::Ceil => double / 2 + 1,
        };
        i64::try_from(whole).unwrap_or(i64::MAX)
    }
}

impl Measure {
    /// Returns a squared straight distance, in square millimetres, beyond which every
    /// cost is above `reach`.
    pub(crate) fn squared_limit(&self, reach: i64) -> u128 {
        // No arc is shorter than its chord, and rounding takes less than one unit.
        let mm = (u128::from(reach.max(0).unsigned_abs()) + 1) * 1000
            / u128::from(self.per_metre.unsigned_abs())
            + 2;
        // No two points are farther apart: their coordinates are at most 2^40.
        mm.saturating_mul(mm).min(1 << 84)
    }
}

/// Returns the square root, rounded down.
pub(crate) fn root(value: u128) -> u128 {
    match u64::try_from(value) {
        Ok(small) => u128::from(small.isqrt()),
        Err(_) => value.isqrt(),
    }
}

/// Returns the length of the arc over a chord, both in millimetres, rounded down.
fn arc_mm(chord: u128) -> u128 {
    let diameter = 2 * u128::from(RADIUS_MM.unsigned_abs());
    let mut sine = (chord.min(diameter) * ONE) / diameter;
    // Halve the angle until the series is short.
    let mut doublings = 0;
    while sine > ONE / 8 {
        let cosine = (ONE * ONE - sine * sine).isqrt();
        sine = sine * ONE / (2 * ONE * (ONE + cosine)).isqrt();
        doublings += 1;
    }
    let square = sine * sine / ONE;
    let (mut term, mut angle, mut n) = (sine, sine, 0u128);
    while term > 0 {
        term = term * square / ONE;
        term = term * (2 * n + 1) * (2 * n + 1) / ((2 * n + 2) * (2 * n + 3));
        angle += term;
        n += 1;
    }
    (angle << doublings) * diameter / ONE
}

/// Returns the point on the sphere, in millimetres from its centre, of a longitude and
/// a latitude in billionths of a degree. Longitudes may go round more than once, so
/// both sides of the antimeridian are one.
#[must_use]
pub fn on_sphere(longitude: i64, latitude: i64) -> [i64; 3] {
    let (sin_lat, cos_lat) = sine_cosine(latitude);
    let (sin_lon, cos_lon) = sine_cosine(longitude);
    let mm = |value: i128| {
        let scaled = (value * i128::from(RADIUS_MM)) >> 60;
        i64::try_from(scaled).unwrap_or(0)
    };
    [
        mm((cos_lat * cos_lon) >> 60),
        mm((cos_lat * sin_lon) >> 60),
        mm(sin_lat),
    ]
}

/// Returns sine and cosine, with 60 binary places, of an angle in billionths of a
/// degree.
fn sine_cosine(angle: i64) -> (i128, i128) {
    const RIGHT: i64 = 90_000_000_000;
    let turn = angle.rem_euclid(4 * RIGHT);
    let (quarter, rest) = (turn / RIGHT, turn % RIGHT);
    let x = i128::from(rest) * PI / (2 * i128::from(RIGHT));
    let series = |first: i128, mut n: i128| {
        let (mut term, mut sum) = (first, first);
        while term != 0 {
            term = -((((term * x) >> 60) * x) >> 60) / ((n + 1) * (n + 2));
            sum += term;
            n += 2;
        }
        sum
    };
    let (sine, cosine) = (series(x, 1), series(1 << 60, 0));
    match quarter {
        0 => (sine, cosine),
        1 => (cosine, -sine),
        2 => (-sine, -cosine),
        _ => (-cosine, sine),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squared(a: [i64; 3], b: [i64; 3]) -> u128 {
        (0..3).map(|k| u128::from(a[k].abs_diff(b[k])).pow(2)).sum()
    }

    fn metres(a: (f64, f64), b: (f64, f64)) -> (i64, f64) {
        let nano = |x: f64| (x * 1e9).round() as i64;
        let points = (
            on_sphere(nano(a.0), nano(a.1)),
            on_sphere(nano(b.0), nano(b.1)),
        );
        let measure = Measure {
            sphere: true,
            per_metre: 1000,
            rounding: Rounding::Nearest,
        };
        let ours = measure.of(squared(points.0, points.1));
        let (la, lb) = (a.1.to_radians(), b.1.to_radians());
        let (dl, dp) = ((b.0 - a.0).to_radians(), lb - la);
        let h = (dp / 2.0).sin().powi(2) + la.cos() * lb.cos() * (dl / 2.0).sin().powi(2);
        (ours, 2.0 * 6_371_008.8 * h.sqrt().min(1.0).asin())
    }

    #[test]
    fn great_circles_are_right_everywhere() {
        for (a, b) in [
            ((116.39, 39.9), (116.4, 39.91)),
            ((179.999, 10.0), (-179.999, 10.0)),
            ((-179.5, -60.0), (179.5, 60.0)),
            ((0.0, 90.0), (123.0, 90.0)),
            ((0.0, 0.0), (180.0, 0.0)),
            ((0.0, -90.0), (0.0, 90.0)),
            ((121.47, 31.23), (-74.0, 40.7)),
            ((5.0, 5.0), (5.0, 5.0)),
        ] {
            let (ours, float) = metres(a, b);
            let off = (ours as f64 / 1000.0 - float).abs();
            // Where points are opposite, a chord of whole millimetres leaves metres.
            let allowed = if float > 1.9e7 { 5.0 } else { 0.01 };
            assert!(off < allowed, "{a:?} {b:?} {ours} {float}");
        }
    }

    #[test]
    fn rounding_is_exact() {
        let of = |squared: u128, per_metre, rounding| {
            Measure {
                sphere: false,
                per_metre,
                rounding,
            }
            .of(squared)
        };
        for mm in [0u128, 1, 499, 500, 501, 999, 1000, 1001, 1500, 123_456_789] {
            assert_eq!(of(mm * mm, 1, Rounding::Floor) as u128, mm / 1000);
            assert_eq!(of(mm * mm, 1, Rounding::Nearest) as u128, (mm + 500) / 1000);
            assert_eq!(of(mm * mm, 1, Rounding::Ceil) as u128, mm.div_ceil(1000));
            assert_eq!(of(mm * mm, 1000, Rounding::Floor) as u128, mm);
        }
        assert_eq!(of(2_000_000, 1, Rounding::Ceil), 2);
        assert_eq!(of(2_000_000, 1000, Rounding::Floor), 1414);
    }
}
