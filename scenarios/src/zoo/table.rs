//! The table of all worlds, for people.

use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};

use super::{
    policy::Policy,
    round::{Played, Round},
    total::{Total, worst},
};

const HEADS: [&str; 10] = [
    "policy",
    "fewer",
    "slower",
    "harmless",
    "wasteful",
    "worse than untold",
    "answered",
    "of",
    "429s",
    "mean time",
];

/// How many of the worst worlds are shown.
const WORST: usize = 5;

/// Prints a line for each policy, then the worst worlds of each.
pub(super) fn print(rounds: &[Round], policies: &[Policy]) {
    let mut table = Table::new();
    table.load_preset(UTF8_BORDERS_ONLY).set_header(HEADS);
    for policy in policies {
        table.add_row(row(*policy, &Total::of(rounds, *policy)));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("{} worlds\n{table}", rounds.len());
    println!("fewer, slower: worlds with fewer answers than `off`, or later ones (10 % + 0.5 s);");
    println!("  `off` is played five times for that, and once more for its own line");
    println!("harmless: the part of the worlds with neither");
    println!("wasteful: worlds with more 429s than 24 + 2 % of the calls");
    println!("worse than untold: worlds with fewer answers than `default`, or later ones");
    println!("mean time: to an answer, by that of `off`");
    for policy in policies {
        let worst = worst(rounds, *policy, WORST);
        if !worst.is_empty() {
            println!("\nworst worlds of `{}`:", policy.name());
        }
        for (round, played) in worst {
            println!("{:>8}: {}", round.seed, round.world);
            println!("          {}", figures(played));
        }
    }
}

fn row(policy: Policy, total: &Total) -> Vec<String> {
    let harmless = 100.0 * total.harmless as f64 / total.worlds.max(1) as f64;
    vec![
        policy.name().to_owned(),
        total.fewer.to_string(),
        total.slower.to_string(),
        format!("{harmless:.1} %"),
        total.wasteful.to_string(),
        total
            .untold
            .map_or(String::new(), |worlds| worlds.to_string()),
        total.answers.to_string(),
        total.calls.to_string(),
        total.rejections.to_string(),
        format!("x {:.2}", total.time),
    ]
}

/// What a policy did in a world, beside `off`.
pub(super) fn figures(played: &Played) -> String {
    let verdict = &played.verdict;
    let (answers, rejections) = (played.answers, played.rejections);
    let fewer = match verdict.fewer {
        0 => String::new(),
        fewer => format!(" ({fewer} fewer)"),
    };
    let slower = if verdict.slower { " (slower)" } else { "" };
    let wasteful = if played.wasteful { " (wasteful)" } else { "" };
    format!(
        "{answers} answered{fewer}, mean {:.2} s, `off` {:.2} s{slower}, {rejections} 429s{wasteful}",
        verdict.mean, verdict.reference
    )
}
