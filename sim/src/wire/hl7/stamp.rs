//! Time stamps of HL7 v2 (DTM): `YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]`.

use crate::fingerprint::Fingerprint;
use crate::time::Time;
use std::fmt;

/// A point of the calendar to the second, in universal time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Stamp(i64);

const DAY: i64 = 86_400;
/// 9999-12-31T23:59:59Z, the last second that four digits of a year can state.
const LAST: i64 = 253_402_300_799;
/// 0000-01-01T00:00:00Z.
const FIRST: i64 = -62_167_219_200;

impl Stamp {
    /// So many seconds after 1970-01-01T00:00:00Z; none beyond the years 0 to 9999.
    #[must_use]
    pub const fn from_unix(seconds: i64) -> Option<Self> {
        if seconds < FIRST || seconds > LAST {
            return None;
        }
        Some(Self(seconds))
    }

    /// The calendar's time at `now`, where this is its time at [`Time::ZERO`]; this itself beyond the last year.
    #[must_use]
    pub fn after(self, now: Time) -> Self {
        let seconds = i64::try_from(now.as_nanos() / 1_000_000_000).unwrap_or(i64::MAX);
        Self::from_unix(self.0.saturating_add(seconds)).unwrap_or(self)
    }

    /// Seconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// Reads a time stamp. What is left out is the least it can be; without an offset the time is taken as universal; fractions are dropped.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        let zone = text.iter().position(|b| matches!(b, b'+' | b'-'));
        let (local, offset) = text.split_at(zone.unwrap_or(text.len()));
        let mut parts = local.splitn(2, |b| *b == b'.');
        let digits = parts.next().unwrap_or_default();
        if let Some(fraction) = parts.next() {
            let fits = digits.len() == 14 && matches!(fraction.len(), 1..=4);
            if !fits || !fraction.iter().all(u8::is_ascii_digit) {
                return None;
            }
        }
        if !matches!(digits.len(), 4 | 6 | 8 | 10 | 12 | 14) {
            return None;
        }
        let year = number(&digits[..4])?;
        let two = |n: usize, least: i64, most: i64| match digits.get(4 + 2 * n..6 + 2 * n) {
            None => Some(least),
            Some(d) => number(d).filter(|v| (least..=most).contains(v)),
        };
        let (month, hour) = (two(0, 1, 12)?, two(2, 0, 23)?);
        let day = two(1, 1, month_length(year, month))?;
        let (minute, second) = (two(3, 0, 59)?, two(4, 0, 59)?);
        let seconds = days(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
        Self::from_unix(seconds - offset_seconds(offset)?)
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |n, d| {
        d.is_ascii_digit().then(|| n * 10 + i64::from(d - b'0'))
    })
}

fn offset_seconds(offset: &[u8]) -> Option<i64> {
    let Some((sign, digits)) = offset.split_first() else {
        return Some(0);
    };
    if digits.len() != 4 {
        return None;
    }
    let hours = number(&digits[..2]).filter(|h| *h <= 14)?;
    let minutes = number(&digits[2..]).filter(|m| *m <= 59)?;
    let seconds = hours * 3600 + minutes * 60;
    Some(if *sign == b'-' { -seconds } else { seconds })
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date. Years are counted from March, so that the day that some have comes last.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date so many days after 1970-01-01.
const fn date(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let of_era = z.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let m = (5 * of_year + 2) / 153;
    let day = of_year - (153 * m + 2) / 5 + 1;
    let month = if m < 10 { m + 3 } else { m - 9 };
    let year = year_of_era + z.div_euclid(146_097) * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

impl fmt::Display for Stamp {
    /// To the second, in universal time: `20240229235959+0000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date(self.0.div_euclid(DAY));
        let s = self.0.rem_euclid(DAY);
        let (hour, minute, second) = (s / 3600, s / 60 % 60, s % 60);
        write!(
            f,
            "{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}+0000"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unix(text: &str) -> Option<i64> {
        Stamp::parse(text).map(Stamp::unix)
    }

    #[test]
    fn stamps_are_read_to_the_second_and_in_their_zone() {
        assert_eq!(unix("19700101"), Some(0));
        assert_eq!(unix("20080101123456-0600"), Some(1_199_212_496));
        assert_eq!(unix("20240229235959.1234+0000"), Some(1_709_251_199));
        assert_eq!(unix("2024"), Some(1_704_067_200));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "20",
            "20230229",
            "20241301",
            "20240100",
            "2024010124",
            "20080101123456- 0600",
            "20240101000000.",
            "202401.5",
            "20240101+6",
            "２０２４",
        ] {
            assert_eq!(unix(text), None, "{text}");
        }
    }

    #[test]
    fn every_day_of_eight_centuries_comes_back() {
        for day in -146_097..146_097 {
            let stamp = Stamp::from_unix(day * DAY + 43_199).expect("in range");
            assert_eq!(Stamp::parse(&stamp.to_string()), Some(stamp));
        }
    }
}
