//! Findings and plant to documents and pictures.
