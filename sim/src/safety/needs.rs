//! What a run has to have so that a property or a metric can tell anything of it.

/// What a run has to have so that a property or a metric can tell anything of it. Without it, any result would only say that nothing was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing in particular.
    Nothing,
    /// A pump.
    Pump,
    /// A pump that infuses something.
    Infusion,
    /// A drug library that is released in the run.
    LibraryRelease,
    /// A visit of a vendor's engineer, and a host for it.
    VendorVisit,
    /// Something that raises alerts.
    Sensor,
}
