//! Diagnostics as text: the source line with the span underlined where the text is at hand.

use crate::{Diagnostic, Place, Severity, SourceText};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// One diagnostic as people read it. `text` is the source that the place points into, if it is at hand;
/// `styled` adds terminal colors. A line that holds a secret is not shown.
#[must_use]
pub fn render(diagnostic: &Diagnostic, text: Option<&SourceText>, styled: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let snippet = match (&diagnostic.place, text) {
        (Some(Place::Text(place)), Some(text)) if !diagnostic.hides_line => Some((place, text)),
        _ => None,
    };
    let Some((place, text)) = snippet else { return render_plain(diagnostic) };
    // The text may be another by now than the one that was read: no span of it is taken on trust.
    let start = text.text().floor_char_boundary(place.start);
    let end = text.text().ceil_char_boundary(place.end).max(start);
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code);
    let mut group = Group::with_title(title).element(
        Snippet::source(text.text())
            .path(place.file.as_ref())
            .annotation(AnnotationKind::Primary.span(start..end)),
    );
    if let Some(note) = &diagnostic.note {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group]).to_string()
}

/// One diagnostic without its source line.
#[must_use]
pub fn render_plain(diagnostic: &Diagnostic) -> String {
    let mut out = format!("{}[{}]: {}", diagnostic.severity, diagnostic.code, diagnostic.message);
    for (head, text) in [
        ("  --> ", diagnostic.place.as_ref().map(ToString::to_string)),
        ("note: ", diagnostic.note.clone()),
        ("help: ", diagnostic.help.clone()),
    ] {
        if let Some(text) = text {
            out.push('\n');
            out.push_str(head);
            out.push_str(&text);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_shows_line_reason_and_help() {
        let text = SourceText::new("plant.toml", "a = 1\nzones = [\"Z-Packaging\"]\n");
        let start = text.text().find("\"Z-P").unwrap();
        let diagnostic = Diagnostic::error(
            "plant/unknown-zone",
            "conduit `C-07` ends in zone `Z-Packaging`, which is not defined",
        )
        .at(Place::Text(text.place(start..start + 13)))
        .because("a conduit joins zones of the same system under consideration (62443-3-2, ZCR 3)")
        .help("did you mean `Z-PACK-01`?");
        let rendered = render(&diagnostic, Some(&text), false);
        assert!(rendered.contains("error[plant/unknown-zone]: conduit `C-07`"), "{rendered}");
        assert!(rendered.contains("plant.toml:2:10"), "{rendered}");
        assert!(rendered.contains("help: did you mean `Z-PACK-01`?"), "{rendered}");
        assert!(render_plain(&diagnostic).contains("--> plant.toml:2:10"));
    }

    #[test]
    fn a_line_with_a_secret_is_not_shown() {
        let text = SourceText::new("fw.conf", "user x password geheim frob\n");
        let place = Place::Text(text.place(23..27));
        let mut diagnostic = Diagnostic::warning("firewall/unread-line", "`frob` is not known").at(place);
        assert!(render(&diagnostic, Some(&text), false).contains("geheim"));
        diagnostic.hides_line = true;
        let rendered = render(&diagnostic, Some(&text), false);
        assert!(!rendered.contains("geheim") && rendered.contains("fw.conf:1:24"), "{rendered}");
    }

    #[test]
    fn a_place_of_another_text_is_shown_all_the_same() {
        let before = SourceText::new("plant.toml", "zone = 1 # twelve");
        let now = SourceText::new("plant.toml", "zone = \u{fffd}");
        for start in 0..before.text().len() {
            let place = Place::Text(before.place(start..start + 1));
            let diagnostic = Diagnostic::error("plant/unknown-zone", "no such zone").at(place);
            assert!(render(&diagnostic, Some(&now), false).contains("no such zone"));
        }
    }
}
