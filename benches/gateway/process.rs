//! A process, and what the kernel counts of it.

use std::{
    fs, io,
    process::{Child, Command},
    time::Duration,
};

/// A process that ends with this value.
#[derive(Debug)]
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        command.spawn().map(Self)
    }

    /// The time it ran so far, of all its threads.
    pub(crate) fn cpu(&self) -> io::Result<Duration> {
        let mut nanos = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.0.id()))? {
            // "ran waited slices", the times in nanoseconds.
            let text = fs::read_to_string(thread?.path().join("schedstat"))?;
            let ran = text.split(' ').next().and_then(|text| text.parse().ok());
            nanos += ran.unwrap_or(0_u64);
        }
        Ok(Duration::from_nanos(nanos))
    }

    /// What it has in memory, in MiB.
    pub(crate) fn memory(&self) -> io::Result<f64> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok());
        Ok(kib.ok_or_else(|| io::Error::other("no VmRSS"))? / 1024.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
