//! JSON: a function of the inputs, so no wall time stands in it.

use super::Report;
use crate::error::HarnessError;

/// The report as JSON.
///
/// # Errors
/// None that is known; a fault of ours if it happens.
pub fn render(report: &Report) -> Result<String, HarnessError> {
    serde_json::to_string_pretty(report).map_err(|e| HarnessError::Report("JSON", e.to_string()))
}
