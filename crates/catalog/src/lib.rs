//! The standard's vocabulary: foundational requirements, security levels, requirement ids and catalogs.
