//! The terminal: text out, diagnostics and progress to standard error.

use indicatif::{ProgressBar, ProgressStyle};
use std::error::Error;
use std::io::{IsTerminal, Write};
use zonewright_source::{Diagnostic, SourceText, render};
use zonewright_traffic::Progress;

/// Widest text that is set for a terminal, in columns.
const WIDTH_MAX: usize = 160;

/// Narrowest.
const WIDTH_MIN: usize = 60;

/// Width where the terminal does not tell.
const WIDTH_DEFAULT: usize = 100;

/// Prints to standard output. A reader that went away (`| head`) is no error.
pub(crate) fn print(text: &str) -> Result<(), Box<dyn Error>> {
    let mut out = anstream::stdout().lock();
    let written = out
        .write_all(text.as_bytes())
        .and_then(|()| if text.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") });
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// A line to standard error. If that is gone, nobody is left to be told.
pub(crate) fn note(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// An error with its whole chain, once.
pub(crate) fn error(error: &(dyn Error + 'static)) {
    let mut text = format!("error: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    note(&text);
}

/// Most diagnostics that are printed in full; the rest are counted.
const DIAGNOSTICS_MAX: usize = 200;

/// Diagnostics to standard error, each with its source line where the text is at hand.
pub(crate) fn diagnostics<'a>(diagnostics: &[Diagnostic], text: impl Fn(&str) -> Option<&'a SourceText>) {
    let styled = std::io::stderr().is_terminal();
    for diagnostic in diagnostics.iter().take(DIAGNOSTICS_MAX) {
        let source = diagnostic.place.as_ref().and_then(|place| text(place.file()));
        note(&render(diagnostic, source, styled));
    }
    if diagnostics.len() > DIAGNOSTICS_MAX {
        note(&format!("and {} more", diagnostics.len() - DIAGNOSTICS_MAX));
    }
}

/// The width to set text in.
pub(crate) fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || {
        std::io::stdout().is_terminal().then(|| comfy_table::Table::new().width().map(usize::from)).flatten()
    };
    columns.or_else(terminal).unwrap_or(WIDTH_DEFAULT).clamp(WIDTH_MIN, WIDTH_MAX)
}

/// A progress bar for reading captures: shown on a terminal only, after a moment.
pub(crate) struct Reading {
    bar: ProgressBar,
}

impl Reading {
    pub(crate) fn new(what: &str) -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) =
            ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
        {
            bar.set_style(style);
        }
        bar.set_message(what.to_string());
        Self { bar }
    }

    pub(crate) fn update(&self, progress: Progress) {
        self.bar.set_length(progress.total);
        self.bar.set_position(progress.done);
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
