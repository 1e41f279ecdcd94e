//! The cookbook: its files and commands are copied and run as a reader would, with the wrong guesses too. What a careful expert would say has to come out,
//! and where the tool does not say it, the page has to.

mod answers;
mod hospital;
mod readme;
mod trial;
