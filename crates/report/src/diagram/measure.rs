//! How wide a text is, without a font: the advance widths of Helvetica (Adobe font metrics, units of 1/1000 em), with
//! room for the wider fonts that a reader may have instead.

/// Advance widths of U+0020 to U+007E.
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// Room for a wider font, in 1/1000.
const ROOM: u32 = 1090;

/// Room for a bold face, in 1/1000.
const ROOM_BOLD: u32 = 1170;

/// A face of the diagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Face {
    /// Size in pixels.
    pub size: u32,
    /// Bold?
    pub bold: bool,
}

/// Width of a text in whole pixels, rather too wide than too narrow.
#[must_use]
pub fn width(text: &str, face: Face) -> i32 {
    let units: u64 = text.chars().map(|c| u64::from(advance(c))).sum();
    let room = u64::from(if face.bold { ROOM_BOLD } else { ROOM });
    let pixels = (units * u64::from(face.size) * room).div_ceil(1_000_000);
    i32::try_from(pixels).unwrap_or(i32::MAX / 4)
}

fn advance(c: char) -> u16 {
    let index = u32::from(c).checked_sub(0x20).and_then(|i| usize::try_from(i).ok());
    match index.and_then(|i| WIDTHS.get(i)) {
        Some(width) => *width,
        None if u32::from(c) >= 0x1100 && c != '…' && c != '–' && c != '·' => 1000,
        None => 640,
    }
}

/// The text cut to `max` pixels; what is cut is marked with `…`.
#[must_use]
pub fn fit(text: &str, face: Face, max: i32) -> String {
    if width(text, face) <= max {
        return text.to_string();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&format!("{kept}…"), face) > max {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end())
}

/// The text in at most `lines` lines of `max` pixels, broken at spaces; what does not fit is marked with `…`.
#[must_use]
pub fn wrap(text: &str, face: Face, max: i32, lines: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut words = text.split_whitespace().peekable();
    while words.peek().is_some() && out.len() < lines {
        let last = out.len() + 1 == lines;
        let mut line = String::new();
        while let Some(word) = words.peek() {
            let longer = if line.is_empty() { (*word).to_string() } else { format!("{line} {word}") };
            if !line.is_empty() && !last && width(&longer, face) > max {
                break;
            }
            line = longer;
            words.next();
            if last && width(&line, face) > max {
                break;
            }
        }
        out.push(fit(&line, face, max));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACE: Face = Face { size: 12, bold: false };

    #[test]
    fn a_text_is_wrapped_and_cut_to_its_width() {
        assert_eq!(wrap("Water treatment control", FACE, 100, 2), ["Water treatment", "control"]);
        for text in [
            "Überwachung und Führung der gesamten Anlage",
            "W".repeat(80).as_str(),
            "水処理施設の監視制御ゾーン水処理",
        ] {
            for line in wrap(text, FACE, 120, 2) {
                assert!(width(&line, FACE) <= 120, "{line}");
            }
        }
        assert!(fit(&"W".repeat(80), FACE, 120).ends_with('…'));
        assert!(wrap("", FACE, 100, 2).is_empty());
    }
}
