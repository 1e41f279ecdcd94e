//! Exit codes: documented and stable.

/// How a command ended. Of several endings the one that ranks highest counts: [`ExitCode::Interrupted`] before [`ExitCode::Fault`] before
/// [`ExitCode::Usage`] before [`ExitCode::Budget`] before [`ExitCode::NotHeld`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Everything held.
    #[default]
    Held = 0,
    /// An expectation did not hold, or a contrast did not reach its goal.
    NotHeld = 1,
    /// Wrong usage, an invalid file, or one that cannot be read or written.
    Usage = 2,
    /// A budget ran out before the run came to its end.
    Budget = 3,
    /// A fault of ours.
    Fault = 4,
    /// Ctrl-C ended the command before its work was done.
    Interrupted = 130,
    /// SIGTERM ended the command.
    Terminated = 143,
}

impl ExitCode {
    const fn rank(self) -> u8 {
        match self {
            Self::Held => 0,
            Self::NotHeld => 1,
            Self::Budget => 2,
            Self::Usage => 3,
            Self::Fault => 4,
            Self::Interrupted | Self::Terminated => 5,
        }
    }

    /// The one of two endings that counts.
    #[must_use]
    pub const fn worse(self, other: Self) -> Self {
        if other.rank() > self.rank() {
            other
        } else {
            self
        }
    }

    /// The number that the process ends with.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

impl FromIterator<ExitCode> for ExitCode {
    fn from_iter<I: IntoIterator<Item = Self>>(codes: I) -> Self {
        codes.into_iter().fold(Self::Held, Self::worse)
    }
}

#[cfg(test)]
mod tests {
    use super::ExitCode::{Budget, Fault, Held, Interrupted, NotHeld, Usage};
    use super::*;

    #[test]
    fn of_several_the_documented_one_counts() {
        let order = [Held, NotHeld, Budget, Usage, Fault, Interrupted];
        for (i, a) in order.into_iter().enumerate() {
            for (j, b) in order.into_iter().enumerate() {
                assert_eq!(a.worse(b), order[i.max(j)], "{a:?} and {b:?}");
            }
        }
        assert_eq!(
            [NotHeld, Budget, Held].into_iter().collect::<ExitCode>(),
            Budget
        );
        assert_eq!([].into_iter().collect::<ExitCode>(), Held);
    }
}
