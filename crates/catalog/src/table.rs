//! The tables that the catalogs are written in: CSV, read once, kept for as long as the program runs.

use csv::StringRecord;

/// Most faults that are kept; a table of ours has none, and a test says so.
const FAULTS_MAX: usize = 50;

/// A table: its name, the names of its columns, its rows.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    columns: &'static StringRecord,
    rows: &'static [StringRecord],
}

/// One row of a table.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    table: &'static str,
    columns: &'static StringRecord,
    cells: &'static StringRecord,
}

impl Table {
    /// Reads a table. What cannot be read is a fault and left out.
    pub(crate) fn read(name: &'static str, text: &'static str, faults: &mut Faults) -> Self {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let columns = reader.headers().cloned().unwrap_or_default();
        let mut rows = Vec::new();
        for row in reader.records() {
            match row {
                Ok(row) => rows.push(row),
                Err(error) => faults.add(format!("{name}: {error}")),
            }
        }
        // The catalogs are data of the program: read once, they live as long as it does.
        Self { name, columns: Box::leak(Box::new(columns)), rows: Vec::leak(rows) }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = Row> + use<> {
        let (table, columns) = (self.name, self.columns);
        self.rows.iter().map(move |cells| Row { table, columns, cells })
    }
}

impl Row {
    /// The cell of that column, without blanks around it; empty where there is none.
    pub(crate) fn cell(&self, column: &str) -> &'static str {
        let at = self.columns.iter().position(|name| name == column);
        at.and_then(|at| self.cells.get(at)).unwrap_or_default().trim()
    }

    /// The cell, or nothing where it is empty.
    pub(crate) fn filled(&self, column: &str) -> Option<&'static str> {
        Some(self.cell(column)).filter(|cell| !cell.is_empty())
    }

    /// Every filled cell of a column that is not among `known`.
    pub(crate) fn rest(&self, known: &[&str]) -> Vec<(&'static str, &'static str)> {
        let cells = self.columns.iter().zip(self.cells.iter());
        cells
            .map(|(column, cell)| (column, cell.trim()))
            .filter(|(column, cell)| !cell.is_empty() && !known.contains(column))
            .collect()
    }

    /// The cell read as a value; a fault where it cannot be.
    pub(crate) fn parse<T: std::str::FromStr>(&self, column: &str, faults: &mut Faults) -> Option<T> {
        let cell = self.cell(column);
        let value = cell.parse().ok();
        if value.is_none() {
            faults.add(self.fault(column));
        }
        value
    }

    /// The entries of a cell that holds a list, each read as a value.
    pub(crate) fn list<T: std::str::FromStr>(&self, column: &str, faults: &mut Faults) -> Vec<T> {
        let entries = self.cell(column).split(';').map(str::trim).filter(|entry| !entry.is_empty());
        let mut values = Vec::new();
        for entry in entries {
            match entry.parse() {
                Ok(value) => values.push(value),
                Err(_) => faults.add(self.fault(column)),
            }
        }
        values
    }

    /// The cell as a word of a closed vocabulary.
    pub(crate) fn word<T: Copy>(&self, column: &str, words: &[(&str, T)], faults: &mut Faults) -> Option<T> {
        let cell = self.cell(column);
        let found = words.iter().find(|(word, _)| *word == cell).map(|(_, value)| *value);
        if found.is_none() {
            faults.add(self.fault(column));
        }
        found
    }

    fn fault(&self, column: &str) -> String {
        let first = self.cells.get(0).unwrap_or_default();
        format!("{}: `{}` in column `{column}` of row `{first}`", self.table, self.cell(column))
    }
}

/// What could not be read in the tables.
#[derive(Default)]
pub(crate) struct Faults(Vec<String>);

impl Faults {
    pub(crate) fn add(&mut self, fault: String) {
        if self.0.len() < FAULTS_MAX {
            self.0.push(fault);
        }
    }

    pub(crate) fn list(&self) -> &[String] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_cannot_be_read_is_a_fault_with_its_row() {
        let mut faults = Faults::default();
        let table = Table::read("t.csv", "id,n,l\na,1,1;2\nb,x,1;y\nc\n", &mut faults);
        let numbers: Vec<Option<u8>> = table.rows().map(|row| row.parse("n", &mut faults)).collect();
        assert_eq!(numbers, [Some(1), None]);
        let lists: Vec<Vec<u8>> = table.rows().map(|row| row.list("l", &mut faults)).collect();
        assert_eq!(lists, [vec![1, 2], vec![1]]);
        assert_eq!(faults.list().len(), 3, "{:?}", faults.list());
        assert!(faults.list()[1].contains("row `b`"));
    }
}
