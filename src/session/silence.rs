//! Wakes the window when a connection falls silent and when it is heard again. Silence sends nothing that could wake
//! the window, and the window itself looks only when it is painted.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::base::Wake;
use crate::model::Traffic;

/// Time between two looks at the limit, which follows the stream's heartbeat and may shrink meanwhile.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// Margin behind the limit, because the shown status changes after the limit and not on it.
const A_MOMENT: Duration = Duration::from_millis(1);

/// Runs until the session is closed.
pub(super) async fn watch(mut traffic: watch::Receiver<Traffic>, wake: Wake) {
    loop {
        let (last_byte, limit) = {
            let seen = traffic.borrow_and_update();
            (seen.last_byte, seen.silence_limit)
        };
        let Some(last_byte) = last_byte else {
            if traffic.changed().await.is_err() {
                return;
            }
            continue;
        };
        let silent_at = Instant::from_std(last_byte + limit) + A_MOMENT;
        if Instant::now() < silent_at {
            sleep_until(silent_at.min(Instant::now() + LOOK_EVERY)).await;
            continue;
        }
        wake.wake();
        if traffic.changed().await.is_err() {
            return;
        }
        wake.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(45);

    #[tokio::test(start_paused = true)]
    async fn the_window_wakes_for_silence_and_for_its_end_and_for_nothing_else() {
        let start = Instant::now();
        let heard_at = |seconds| Traffic {
            last_byte: Some((start + Duration::from_secs(seconds)).into_std()),
            silence_limit: LIMIT,
            ..Traffic::default()
        };
        let (sender, receiver) = watch::channel(Traffic { last_byte: None, ..heard_at(0) });
        let wakes = Arc::new(AtomicUsize::new(0));
        let counter = wakes.clone();
        let wake = Wake::new(move || {
            counter.fetch_add(1, Ordering::SeqCst);
        });
        let told = async {
            let after = async |seconds, wanted| {
                sleep_until(start + Duration::from_secs(seconds)).await;
                assert_eq!(wakes.load(Ordering::SeqCst), wanted, "after {seconds} s");
            };
            after(5, 0).await;
            for beat in [10, 40, 70] {
                after(beat, 0).await;
                sender.send_replace(heard_at(beat));
            }
            after(114, 0).await;
            after(116, 1).await;
            after(300, 1).await;
            sender.send_replace(heard_at(300));
            after(301, 2).await;
            after(344, 2).await;
            sender.send_replace(Traffic { silence_limit: 2 * LIMIT, ..heard_at(300) });
            after(388, 2).await;
            after(392, 3).await;
            drop(sender);
        };
        tokio::join!(watch(receiver, wake), told);
    }
}
