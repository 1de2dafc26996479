//! A wish to stop (Ctrl-C): no further call is sent, those in flight are finished and journaled.

use std::time::Duration;

use tokio::sync::watch;

/// Cheap to clone; every clone hears of it.
#[derive(Debug, Clone)]
pub struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stop {
    pub fn ask(&self) {
        self.0.send_replace(true);
    }

    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once somebody has asked.
    pub async fn asked(&self) {
        // An error would mean that no sender is left, but `self` is one.
        drop(self.0.subscribe().wait_for(|asked| *asked).await);
    }

    /// Sleeps; whether nobody has asked by then.
    pub(crate) async fn sleep(&self, pause: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.asked() => {}
        }
        !self.is_asked()
    }
}
