//! Times and sizes as text with their units, and settings that can be `"off"`.

use std::{fmt, marker::PhantomData, time::Duration};

use serde::{
    Deserialize, Deserializer, Serializer,
    de::{self, IntoDeserializer, Visitor, value},
};

/// A time such as `"30s"`, `"500ms"`, `"1h30m"` or `"22m46.848s"`.
pub(super) mod time {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&shown(*time))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        Ok(Time::deserialize(from)?.0)
    }
}

/// The same where there may be none.
pub(super) mod maybe_time {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(
        time: &Option<Duration>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        super::off::serialize(&time.map(Time), to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Duration>, D::Error> {
        let time = super::off::deserialize::<Time, D>(from)?;
        Ok(time.map(|Time(time)| time))
    }
}

/// A time as people write it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Time(pub(super) Duration);

impl serde::Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        time::serialize(&self.0, to)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Words;
        impl Visitor<'_> for Words {
            type Value = Time;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time with its unit, such as \"30s\", \"500ms\" or \"1h30m\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Time, E> {
                parse(text).map(Time).map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Time, E> {
                Err(E::custom(no_unit(&number)))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Time, E> {
                Err(E::custom(no_unit(&number)))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Time, E> {
                Err(E::custom(match number.is_finite() {
                    true => no_unit(&number),
                    false => no_time(&number),
                }))
            }
        }
        from.deserialize_any(Words)
    }
}

fn no_unit(number: &dyn fmt::Display) -> String {
    format!(
        "{number} has no unit: write \"{number}s\" for seconds or \"{number}ms\" for milliseconds"
    )
}

fn parse(text: &str) -> Result<Duration, String> {
    if text.trim().parse().is_ok_and(f64::is_finite) {
        return Err(no_unit(&text.trim()));
    }
    let bad = || no_time(&format_args!("{text:?}"));
    let time: jiff::SignedDuration = text.parse().map_err(|_| bad())?;
    Duration::try_from(time).map_err(|_| format!("{text:?} is negative: write a time from \"0s\""))
}

fn no_time(what: &dyn fmt::Display) -> String {
    format!("{what} is no time: write it as \"30s\", \"500ms\" or \"1h30m\"")
}

fn shown(time: Duration) -> String {
    match jiff::SignedDuration::try_from(time) {
        Ok(time) => format!("{time:#}"),
        Err(_) => format!("{}s", time.as_secs()),
    }
}

/// A number of bytes such as `"16KiB"`, `"1MiB"` or `"512B"`.
pub(super) mod size {
    use super::*;

    const UNITS: [(&str, usize); 3] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("B", 1)];

    pub(crate) fn serialize<S: Serializer>(bytes: &usize, to: S) -> Result<S::Ok, S::Error> {
        let fits = |unit: &usize| *bytes > 0 && *bytes % *unit == 0;
        let mut units = [UNITS[1], UNITS[0]].into_iter();
        let (name, unit) = units.find(|(_, unit)| fits(unit)).unwrap_or(UNITS[2]);
        to.collect_str(&format_args!("{}{name}", bytes / unit))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
        struct Words;
        impl Visitor<'_> for Words {
            type Value = usize;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a size with its unit, such as \"16KiB\" or \"1MiB\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<usize, E> {
                let units = UNITS.into_iter();
                let mut found = units.filter_map(|(name, unit)| {
                    let number: usize = text.strip_suffix(name)?.trim().parse().ok()?;
                    number.checked_mul(unit)
                });
                let bad = || format!("{text:?} is no size: write it as \"16KiB\" or \"1MiB\"");
                found.next().ok_or_else(|| E::custom(bad()))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<usize, E> {
                let units = format!("write \"{number}KiB\", \"{number}MiB\" or \"{number}B\"");
                Err(E::custom(format!("{number} has no unit: {units}")))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<usize, E> {
                let units = format!("write \"{number}KiB\", \"{number}MiB\" or \"{number}B\"");
                Err(E::custom(format!("{number} has no unit: {units}")))
            }
        }
        from.deserialize_any(Words)
    }
}

/// A setting, or `"off"`.
pub(super) mod off {
    use super::*;

    pub(crate) fn serialize<T: serde::Serialize, S: Serializer>(
        setting: &Option<T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match setting {
            Some(setting) => setting.serialize(to),
            None => to.serialize_str("off"),
        }
    }

    pub(crate) fn deserialize<'de, T, D>(from: D) -> Result<Option<T>, D::Error>
    where
        T: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        from.deserialize_any(OrOff(PhantomData))
    }

    struct OrOff<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for OrOff<T> {
        type Value = Option<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a setting or \"off\"")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            if text == "off" {
                return Ok(None);
            }
            T::deserialize(text.into_deserializer())
                .map(Some)
                // Some errors end their line themselves.
                .map_err(|error: E| {
                    E::custom(format!("{} or \"off\"", error.to_string().trim_end()))
                })
        }

        fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
            T::deserialize(number.into_deserializer()).map(Some)
        }

        fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
            T::deserialize(number.into_deserializer()).map(Some)
        }

        fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
            T::deserialize(number.into_deserializer()).map(Some)
        }

        fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            T::deserialize(value::MapAccessDeserializer::new(map)).map(Some)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, millis) in [
            ("30s", 30_000),
            ("500ms", 500),
            ("1h30m", 5_400_000),
            ("22m46.848s", 1_366_848),
            ("2h 5m", 7_500_000),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
            let again = shown(Duration::from_millis(millis));
            assert_eq!(parse(&again), Ok(Duration::from_millis(millis)), "{again}");
        }
        for text in [
            "30", "1.5", "", "s", "30x", "-5s", "1d", "30s x", "1e9h", "inf", "nan",
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(text) && !error.contains("infs"), "{error}");
        }
        assert!(parse("30").expect_err("no unit").contains("\"30s\""));
    }

    #[test]
    fn sizes_have_units() {
        let read = |text: &str| -> Result<usize, value::Error> {
            size::deserialize(text.into_deserializer())
        };
        assert_eq!(read("16KiB"), Ok(16 << 10));
        assert_eq!(read("1 MiB"), Ok(1 << 20));
        assert_eq!(read("0B"), Ok(0));
        for text in [
            "16",
            "16KB",
            "-1B",
            "99999999999999999999MiB",
            "99999999999999999MiB",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        for (bytes, text) in [
            (0, "0B"),
            (1 << 20, "1MiB"),
            (3 << 10, "3KiB"),
            (1_000, "1000B"),
        ] {
            let shown = size::serialize(&bytes, serde_json::value::Serializer);
            assert_eq!(shown.expect("text"), text);
        }
    }

    #[test]
    fn off_is_a_setting() {
        let read = |text: &str| {
            maybe_time::deserialize(&serde_json::from_str::<serde_json::Value>(text).expect("JSON"))
        };
        assert_eq!(read("\"off\"").expect("off"), None);
        assert_eq!(
            read("\"3s\"").expect("a time"),
            Some(Duration::from_secs(3))
        );
        let error = read("3").expect_err("no unit").to_string();
        assert!(error.contains("3 has no unit"), "{error}");
        assert!(read("true").is_err());
    }
}
