//! Pages that the binary prints are committed fresh: `ZONEWRIGHT_BLESS=1` writes them anew.

use crate::{example, project, run_in};

fn check_fresh(page: &str, wanted: &str) {
    let path = project().join("docs/reference").join(page);
    if std::env::var_os("ZONEWRIGHT_BLESS").is_some() {
        std::fs::write(&path, wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "{} is stale: run the test with ZONEWRIGHT_BLESS=1", path.display());
}

fn printed(words: &[&str]) -> String {
    let ran = run_in(&example(), words);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.stdout
}

#[test]
fn the_rules_are_fresh() {
    check_fresh("rules.md", &printed(&["rules", "--markdown"]));
}

#[test]
fn the_deciders_are_fresh() {
    check_fresh("deciders.md", &printed(&["deciders", "--markdown"]));
}

#[test]
fn the_protocols_are_fresh() {
    check_fresh("protocols.md", &printed(&["protocols", "--markdown"]));
}

/// The pages themselves are held fresh beside the model; here only that the binary prints them.
#[test]
fn the_workspace_pages_are_those_of_the_binary() {
    let committed =
        |page: &str| std::fs::read_to_string(project().join("docs/reference").join(page)).unwrap();
    assert!(committed("workspace.md") == printed(&["schema", "--markdown"]), "workspace.md is another page");
    let schema = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert!(schema(&committed("schema/workspace-1.json")) == schema(&printed(&["schema"])), "another schema");
}

#[test]
fn the_command_line_is_fresh() {
    let mut page =
        String::from("# Command line\n\nGenerated from the binary's own help, command by command.\n");
    describe(&[], &mut page);
    check_fresh("cli.md", &page);
}

/// The help of a command and of all below it.
fn describe(command: &[&str], page: &mut String) {
    let words: Vec<&str> = command.iter().copied().chain(["--help"]).collect();
    let help = printed(&words);
    let name = ["zonewright"].iter().chain(command).copied().collect::<Vec<_>>().join(" ");
    let text: Vec<&str> = help.lines().map(str::trim_end).collect();
    page.push_str(&format!("\n## `{name}`\n\n```text\n{}\n```\n", text.join("\n").trim_end()));
    let below =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // A name stands two columns in; what is deeper is the rest of a description.
    for name in below.filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' ')) {
        let name = name.split_whitespace().next().unwrap();
        if name != "help" {
            describe(&command.iter().copied().chain([name]).collect::<Vec<_>>(), page);
        }
    }
}
