//! One line of a picture.

use kuva::plot::LinePlot;

use crate::clients::Client;

/// From nothing to the end of the picture.
pub(super) fn line(
    name: &str,
    color: &str,
    points: impl Iterator<Item = (f64, f64)>,
    end: f64,
) -> LinePlot {
    let mut all = vec![(0.0, 0.0)];
    all.extend(points.take_while(|(time, _)| *time <= end));
    let last = all.last().map_or(0.0, |(_, calls)| *calls);
    all.push((end, last));
    LinePlot::new()
        .with_data(all)
        .with_color(color)
        .with_legend(name)
}

pub(super) const fn color(client: Client) -> &'static str {
    match client {
        Client::Tollgate => "#0a7d4f",
        Client::Sdk => "#c8102e",
        Client::TowerRetry => "#e8912d",
        Client::Resilience => "#4666b0",
    }
}
