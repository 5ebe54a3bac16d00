//! Writes numbers as people typed them.

use serde::Serializer;

/// Serializes 1.1 as 1.1, not as the 1.100000023841858 that an `f32` is. It keeps two decimal places.
pub fn as_typed<S: Serializer>(value: &f32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((f64::from(*value) * 100.0).round() / 100.0)
}
