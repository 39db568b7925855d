//! What could not be done.

use std::path::PathBuf;

/// An operation that could not be done, with the file it failed at.
#[derive(Debug, thiserror::Error)]
pub enum WorkbenchError {
    /// A file could not be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file could not be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A folder was expected.
    #[error("`{}` is not a folder", path.display())]
    NotFolder {
        /// What was given.
        path: PathBuf,
    },
    /// A folder that shall become a workspace has files in the way.
    #[error("`{}` exists already; nothing was written", path.display())]
    Exists {
        /// The file in the way.
        path: PathBuf,
    },
    /// A folder has more files than are looked at.
    #[error("`{}` has more than {limit} files", path.display())]
    TooManyFiles {
        /// The folder.
        path: PathBuf,
        /// The limit.
        limit: usize,
    },
}
