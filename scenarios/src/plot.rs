//! Pictures: how many calls were answered over time.

mod line;

use std::{collections::BTreeMap, error::Error, fs, path::Path};

use kuva::{
    backend::svg::SvgBackend,
    render::{figure::Figure, layout::Layout, plots::Plot},
};

use self::line::{color, line};
use super::batch::Entry;

/// Points of a line; more could not be seen.
const POINTS: usize = 300;
/// The seed that is drawn.
const SEED: usize = 1;
/// How much of the time is shown, by the best time there is.
const SHOWN: f64 = 1.6;

/// Draws a picture for each row and class of headers, with a panel for each provider.
pub(crate) fn draw(entries: &[Entry], folder: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let mut pictures: BTreeMap<String, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        let (label, headers) = (entry.case.label, entry.case.headers_name());
        pictures
            .entry(format!("goodput-{label}-{headers}"))
            .or_default()
            .push(entry);
    }
    for (name, shown) in pictures {
        let scene = figure(&shown).render();
        let file = folder.join(format!("{name}.svg"));
        fs::write(file, SvgBackend::new().render_scene(&scene))?;
    }
    Ok(())
}

fn figure(shown: &[&Entry]) -> Figure {
    let panels: Vec<Vec<Plot>> = one_each(shown).map(panel).collect();
    let layouts = one_each(shown).zip(&panels).map(|(entries, plots)| {
        let case = &entries[0].case;
        let allowed = case.optimum(case.calls, SEED as u64).as_secs_f64();
        Layout::auto_from_plots(plots)
            .with_title(case.model.name())
            .with_x_label("seconds")
            .with_y_label("calls answered")
            .with_x_axis_min(0.0)
            .with_x_axis_max(allowed * SHOWN)
            .with_y_axis_min(0.0)
            .with_y_axis_max(case.calls as f64 * 1.1)
    });
    let columns = panels.len().min(3);
    Figure::new(panels.len().div_ceil(columns), columns)
        .with_layouts(layouts.collect())
        .with_plots(panels)
        .with_cell_size(380.0, 300.0)
        .with_shared_legend_bottom()
}

/// What stands in each panel: one provider.
fn one_each<'a, 'b>(shown: &'a [&'b Entry]) -> impl Iterator<Item = &'a [&'b Entry]> {
    shown.chunk_by(|a, b| a.case.model == b.case.model)
}

/// The best there is, and a line for each client; tollgate's on top.
fn panel(entries: &[&Entry]) -> Vec<Plot> {
    let case = &entries[0].case;
    let end = case.optimum(case.calls, SEED as u64).as_secs_f64() * SHOWN;
    let best = (1..=POINTS).map(|n| {
        let calls = case.calls * n / POINTS;
        // Where calls keep coming, none is answered before it is there.
        let time = case.optimum(calls, SEED as u64).max(case.arrival(calls));
        (time.as_secs_f64(), calls as f64)
    });
    let best = line("the most allowed", "#b0b0b0", best, end).with_dashed();
    let clients = entries.iter().rev().map(|entry| {
        let answers = &entry.outcomes[SEED - 1].answers;
        let last = answers.len();
        let places = (1..=POINTS.min(last)).map(|n| last * n / POINTS.min(last));
        let points = places.map(|n| (answers[n - 1].as_secs_f64(), n as f64));
        let line = line(entry.client.name(), color(entry.client), points, end);
        Plot::Line(line.with_stroke_width(2.5))
    });
    [Plot::Line(best)].into_iter().chain(clients).collect()
}
