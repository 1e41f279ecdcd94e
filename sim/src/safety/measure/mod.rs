//! What metrics are gathered with: values over time, the fleet, therapy, alarms.

mod alarms;
mod contributors;
mod fleet;
mod series;
mod therapy;

pub use contributors::Contributor;
pub use series::Series;

pub(super) use alarms::Alarms;
pub(super) use contributors::Contributors;
pub(super) use fleet::Fleet;
pub(super) use therapy::Therapy;
