//! Work over threads. Results are handed on by the calling thread alone, in the order of the work, however many threads there are.

use crate::interrupt::Interrupt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// How often the calling thread looks whether the work was interrupted.
const LOOK: Duration = Duration::from_millis(50);

/// What the calling thread learns while others work.
#[derive(Debug)]
pub enum News<'a, R> {
    /// So many items are done; this one was the last.
    Done(&'a R, usize),
    /// The next result in the order of the work: everything before it has been handed on.
    Next(&'a R),
    /// The work was interrupted: what has begun is finished, nothing more is begun.
    Stopping,
}

/// Does `work` on each item with up to `jobs` threads and says on the calling thread how it goes. Items that were not begun before an interrupt
/// have no result.
///
/// # Errors
/// When `news` fails: nothing more is begun then.
pub fn each<T, R, E>(
    items: &[T],
    jobs: usize,
    interrupt: &Interrupt,
    work: impl Fn(&T) -> R + Sync,
    mut news: impl FnMut(News<'_, R>) -> Result<(), E>,
) -> Result<Vec<Option<R>>, E>
where
    T: Sync,
    R: Send,
{
    let next = AtomicUsize::new(0);
    let mut results: Vec<Option<R>> = items.iter().map(|_| None).collect();
    let outcome = std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..jobs.clamp(1, items.len().max(1)) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                while !interrupt.came() {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    if sender.send((index, work(item))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let (mut done, mut handed_on, mut stopping) = (0, 0, false);
        let mut receive = || -> Result<(), E> {
            loop {
                match receiver.recv_timeout(LOOK) {
                    Ok((index, result)) => {
                        done += 1;
                        news(News::Done(results[index].insert(result), done))?;
                        while let Some(Some(result)) = results.get(handed_on) {
                            news(News::Next(result))?;
                            handed_on += 1;
                        }
                    }
                    Err(RecvTimeoutError::Disconnected) => return Ok(()),
                    Err(RecvTimeoutError::Timeout) => {}
                }
                if interrupt.came() && !stopping {
                    stopping = true;
                    news(News::Stopping)?;
                }
            }
        };
        let outcome = receive();
        // Workers that still have something to begin find the end of the items instead.
        next.store(items.len(), Ordering::Relaxed);
        outcome
    });
    outcome.map(|()| results)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squares(items: &[u64], jobs: usize) -> (Vec<Option<u64>>, Vec<u64>, usize) {
        let (mut order, mut most) = (Vec::new(), 0);
        let results = each(
            items,
            jobs,
            &Interrupt::never(),
            |n| n * n,
            |news| {
                match news {
                    News::Next(n) => order.push(*n),
                    News::Done(_, count) => most = most.max(count),
                    News::Stopping => return Err("nobody interrupted"),
                }
                Ok(())
            },
        );
        (results.expect("no news fails"), order, most)
    }

    #[test]
    fn results_stand_in_the_order_of_the_work() {
        let items: Vec<u64> = (0..200).collect();
        let expected: Vec<u64> = items.iter().map(|n| n * n).collect();
        for jobs in [0, 1, 2, 7, 500] {
            let (results, order, most) = squares(&items, jobs);
            assert_eq!(results.into_iter().flatten().collect::<Vec<_>>(), expected);
            assert_eq!((order, most), (expected.clone(), 200));
        }
        assert!(squares(&[], 3).0.is_empty());
    }

    #[test]
    fn a_listener_that_fails_ends_the_work() {
        let items: Vec<u64> = (0..10_000).collect();
        let begun = AtomicUsize::new(0);
        let count = |_: &u64| {
            std::thread::sleep(Duration::from_millis(1));
            begun.fetch_add(1, Ordering::Relaxed)
        };
        let failed = each(&items, 2, &Interrupt::never(), count, |_| Err("closed"));
        assert_eq!(failed, Err("closed"));
        assert!(
            begun.load(Ordering::Relaxed) < items.len(),
            "the rest was not begun"
        );
    }

    #[test]
    fn an_interrupt_keeps_what_is_done() {
        let items: Vec<u64> = (0..1000).collect();
        let interrupt = Interrupt::never();
        let mut told = 0;
        let results = each(
            &items,
            2,
            &interrupt,
            |n| {
                if *n == 10 {
                    interrupt.raise();
                }
                *n
            },
            |news| {
                told += usize::from(matches!(news, News::Stopping));
                Ok::<(), ()>(())
            },
        );
        let results = results.expect("no news fails");
        let done = results.iter().flatten().count();
        assert!((11..1000).contains(&done), "{done} done");
        assert!(results[..11].iter().all(Option::is_some));
        assert_eq!(told, 1);
    }
}
