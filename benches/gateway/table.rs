//! What one load showed.

use std::{fmt, time::Duration};

use crate::{load::Times, proxies::Proxy};

#[derive(Debug)]
pub(crate) struct Table {
    load: &'static str,
    direct: Times,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: &'static str,
    times: Times,
    /// Nanoseconds of each call, a figure for each round.
    cpu: Vec<u64>,
}

/// What a proxy adds, in microseconds.
struct Added {
    first: f64,
    last: f64,
    cpu: f64,
}

impl Table {
    pub(crate) fn new(load: &'static str, proxies: &[&Proxy]) -> Self {
        let row = |proxy: &&Proxy| Row {
            name: proxy.name(),
            times: Times::default(),
            cpu: Vec::new(),
        };
        Self {
            load,
            direct: Times::default(),
            rows: proxies.iter().map(row).collect(),
        }
    }

    pub(crate) fn direct(&mut self, times: Times) {
        self.direct.add(times);
    }

    pub(crate) fn proxied(&mut self, name: &str, times: Times, cpu: Duration) {
        let calls = times.last.len().max(1) as u128;
        if let Some(row) = self.rows.iter_mut().find(|row| row.name == name) {
            row.times.add(times);
            let nanos = u64::try_from(cpu.as_nanos() / calls);
            row.cpu.push(nanos.unwrap_or(u64::MAX));
        }
    }

    fn added(&self, row: &Row) -> Added {
        let added = |with: &[u64], without: &[u64]| median(with) - median(without);
        Added {
            first: added(&row.times.first, &self.direct.first),
            last: added(&row.times.last, &self.direct.last),
            cpu: median(&row.cpu),
        }
    }
}

impl Times {
    fn add(&mut self, other: Self) {
        self.first.extend(other.first);
        self.last.extend(other.last);
    }
}

/// In microseconds.
fn median(nanos: &[u64]) -> f64 {
    let mut sorted = nanos.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).map_or(0.0, |one| *one as f64) / 1_000.0
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (median(&self.direct.first), median(&self.direct.last));
        writeln!(f, "{}, µs | first byte | last byte | CPU", self.load)?;
        writeln!(f, "direct, p50 | {first:.0} | {last:.0} |")?;
        for row in &self.rows {
            let Added { first, last, cpu } = self.added(row);
            writeln!(f, "{} adds | {first:.0} | {last:.0} | {cpu:.0}", row.name)?;
        }
        if let [nginx, gateway] = &*self.rows {
            let (nginx, gateway) = (self.added(nginx), self.added(gateway));
            let first = gateway.first / nginx.first;
            let last = gateway.last / nginx.last;
            let cpu = gateway.cpu / nginx.cpu;
            writeln!(f, "gateway / nginx | {first:.2} | {last:.2} | {cpu:.2}")?;
        }
        Ok(())
    }
}
