//! Writes the man pages and the shells' completions, made from the definition of the command line: `manual FOLDER`.
//!
//! A program of its own, so that the one that is shipped does not carry what only packages need.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory as _};
use clap_complete::{Shell, generate_to};
use helmsight::cli::Cli;

const SHELLS: [Shell; 3] = [Shell::Bash, Shell::Zsh, Shell::Fish];

fn main() -> io::Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    write(&folder.ok_or_else(|| io::Error::other("usage: manual FOLDER"))?)
}

/// `FOLDER/man/*.1` and `FOLDER/completions/*`.
fn write(folder: &Path) -> io::Result<()> {
    let (pages, completions) = (folder.join("man"), folder.join("completions"));
    std::fs::create_dir_all(&pages)?;
    std::fs::create_dir_all(&completions)?;
    clap_mangen::generate_to(Cli::command(), &pages)?;
    for page in pages.read_dir()? {
        keep_lines(&page?.path())?;
    }
    for shell in SHELLS {
        generate_to(shell, &mut typed(&Cli::command()), "helmsight", &completions)?;
    }
    complete_help(&completions.join("helmsight.fish"))
}

/// The command line as people type it: without the link that desktops put where a command stands,
/// which zsh would take every command for.
fn typed(all: &Command) -> Command {
    let options = all.get_arguments().filter(|it| !it.is_positional());
    Command::new("helmsight")
        .version(env!("CARGO_PKG_VERSION"))
        .args(options.cloned())
        .subcommands(all.get_subcommands().cloned())
}

/// After `help`, fish would take that word for the command it waits for, and offer none.
fn complete_help(script: &Path) -> io::Result<()> {
    let text = std::fs::read_to_string(script)?;
    std::fs::write(script, text.replace(" help\" -f -a ", "\" -f -a "))
}

/// What stands below the options are tables of examples, which must not be filled up as prose is.
fn keep_lines(page: &Path) -> io::Result<()> {
    let text = std::fs::read_to_string(page)?;
    let Some((before, extra)) = text.split_once(".SH EXTRA\n") else {
        return Ok(());
    };
    let (extra, after) = extra.split_at(extra.find(".SH ").unwrap_or(extra.len()));
    let notes = extra.trim_end();
    std::fs::write(page, format!("{before}.SH NOTES\n.nf\n{notes}\n.fi\n{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_and_is_completed() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path()).unwrap();
        let read = |path: String| std::fs::read_to_string(folder.path().join(&path)).expect(&path);
        let commands = Cli::command();
        let names: Vec<&str> = commands.get_subcommands().map(|it| it.get_name()).collect();
        assert!(names.contains(&"doctor"), "{names:?}");
        let main_page = read("man/helmsight.1".to_owned());
        assert!(main_page.contains(env!("CARGO_PKG_VERSION")), "{main_page}");
        assert!(main_page.contains(".SH NOTES\n.nf\nExamples:\n"), "{main_page}");
        for name in &names {
            assert!(main_page.contains(&format!("helmsight\\-{name}(1)")), "{name}");
            assert!(read(format!("man/helmsight-{name}.1")).contains("SYNOPSIS"));
        }
        for file in ["helmsight.bash", "_helmsight", "helmsight.fish"] {
            let script = read(format!("completions/{file}"));
            for name in &names {
                assert!(script.contains(name), "{file}: {name}");
            }
            assert!(script.contains("--wall") || script.contains("-l wall"), "{file}");
            assert!(!script.contains("as a desktop hands it over"), "{file}");
        }
    }
}
