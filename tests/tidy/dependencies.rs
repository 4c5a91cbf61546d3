//! Who may know whom.

use std::{env, process::Command};

use serde_json::Value;

use crate::{files, none, read, root};

/// A layer meets the others through core only.
const LAYERS: [&str; 5] = [
    "tollgate-classify",
    "tollgate-retry",
    "tollgate-limit",
    "tollgate-breaker",
    "tollgate-route",
];

/// Join a stack with other people's clients, and are tested with the whole of it.
const ADAPTERS: [&str; 2] = ["tollgate-reqwest", "tollgate-rig"];

/// What each published crate may use of ours, beside what it tests with.
fn allowed(name: &str) -> &'static [&'static str] {
    match name {
        "tollgate-core" => &[],
        "tollgate" => &[
            "tollgate-core",
            "tollgate-classify",
            "tollgate-retry",
            "tollgate-limit",
            "tollgate-breaker",
            "tollgate-route",
        ],
        _ => &["tollgate-core"],
    }
}

fn packages() -> Vec<Value> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let all: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    all["packages"]
        .as_array()
        .expect("a list of packages")
        .clone()
}

#[test]
fn no_layer_depends_on_another() {
    let mut complaints = Vec::new();
    for package in packages() {
        let name = package["name"].as_str().expect("a name");
        let published = package["publish"].is_null();
        for dependency in package["dependencies"].as_array().expect("a list") {
            let on = dependency["name"].as_str().expect("a name");
            if !published || !on.starts_with("tollgate") || allowed(name).contains(&on) {
                continue;
            }
            // A crate may be tested with features of its own. The kit knows no layer, so a layer may be
            // tested with it. The facade knows no adapter.
            if dependency["kind"] == "dev" && on == name {
                continue;
            }
            let whole = ADAPTERS.contains(&name) && on == "tollgate";
            let testing = dependency["kind"] == "dev" && (on == "tollgate-test" || whole);
            if !testing || LAYERS.contains(&on) {
                complaints.push(format!("{name} depends on {on}"));
            }
        }
    }
    none(&complaints);
}

#[test]
fn library_crates_use_tower_itself_only_in_tests() {
    let mut complaints = Vec::new();
    for package in packages() {
        let name = package["name"].as_str().expect("a name");
        // Core and route know tower's timeout, behind a feature.
        if !package["publish"].is_null() || name == "tollgate" {
            continue;
        }
        for dependency in package["dependencies"].as_array().expect("a list") {
            let plain = dependency["kind"].is_null() && dependency["optional"] == false;
            if dependency["name"] == "tower" && plain {
                complaints.push(format!("{name} depends on tower"));
            }
        }
    }
    none(&complaints);
}

#[test]
fn no_feature_is_on_by_default_and_lints_are_shared() {
    let mut complaints = Vec::new();
    for package in packages() {
        let name = package["name"].as_str().expect("a name");
        let default = &package["features"]["default"];
        if name != "tollgate" && default.as_array().is_some_and(|list| !list.is_empty()) {
            complaints.push(format!("{name} has default features"));
        }
        let manifest = package["manifest_path"].as_str().expect("a path");
        if !read(manifest.as_ref()).contains("[lints]\nworkspace = true") {
            complaints.push(format!("{name} does not inherit the workspace lints"));
        }
    }
    none(&complaints);
}

/// Each dependency of a published crate says why it is there: a comment above it or its group.
#[test]
fn every_dependency_has_a_reason() {
    let mut complaints = Vec::new();
    for manifest in files(&root().join("crates"), "toml") {
        let text = read(&manifest);
        let Some((_, section)) = text.split_once("\n[dependencies]\n") else {
            continue;
        };
        let section = section.split("\n[").next().unwrap_or(section);
        let mut explained = false;
        for line in section.lines() {
            match line.trim() {
                "" => explained = false,
                line if line.starts_with('#') => explained = true,
                line if !explained => complaints.push(format!("{}: {line}", manifest.display())),
                _ => {}
            }
        }
    }
    none(&complaints);
}
