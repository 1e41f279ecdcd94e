//! Connections on which a protocol of lines is spoken: one request at a time, and its answer.

use super::{Carrier, End, Outgoing};
use crate::live::limits::Bucket;
use crate::live::lines::{LONGEST, Manner, Parcel, Wish};
use crate::live::speech;
use pumplab_sim::event::outside::Arrival;
use pumplab_sim::wire::Message;
use pumplab_sim::wire::shed::Shed;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// A conversation.
struct Talk<'a, S> {
    carrier: &'a Carrier,
    stream: S,
    manner: Box<dyn Manner>,
    /// Where a connection for a file's content is listened for.
    bind: IpAddr,
    passive: Option<TcpListener>,
    bucket: Bucket,
    held: Vec<u8>,
}

impl Carrier {
    /// Carries a conversation until one end has had enough.
    pub(super) async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        outgoing: mpsc::Receiver<Outgoing>,
        (manner, bind): (Box<dyn Manner>, IpAddr),
    ) -> End {
        let talk = Talk {
            carrier: self,
            stream,
            manner,
            bind,
            passive: None,
            bucket: Bucket::new(&self.common.limits, Instant::now()),
            held: Vec::new(),
        };
        talk.go_on(outgoing).await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Talk<'_, S> {
    async fn go_on(mut self, mut outgoing: mpsc::Receiver<Outgoing>) -> End {
        let limits = self.carrier.common.limits;
        let greeting = self.manner.greeting();
        if let Err(end) = self.write(&greeting).await {
            return end;
        }
        // Until when the device has to answer the request that is under way.
        let mut answer_by: Option<Instant> = None;
        let mut chunk = [0; 1024];
        loop {
            if answer_by.is_some_and(|by| Instant::now() >= by) {
                answer_by = None;
            }
            if answer_by.is_none()
                && let Some(wish) = self.manner.take(&mut self.held)
            {
                match self.grant(wish).await {
                    Ok(true) => answer_by = Some(Instant::now() + limits.transfer),
                    Ok(false) => {}
                    Err(end) => return end,
                }
                continue;
            }
            let begun = answer_by.is_some() || !self.held.is_empty();
            let wait = if begun { limits.transfer } else { limits.idle };
            let room = self.held.len() < LONGEST;
            tokio::select! {
                said = outgoing.recv() => {
                    let Some(Outgoing::Message(message, _)) = said else {
                        let _ = timeout(limits.transfer, self.stream.shutdown()).await;
                        return End::Ours;
                    };
                    answer_by = None;
                    match self.tell(&message).await {
                        Ok(false) => {}
                        Ok(true) => return End::Closed,
                        Err(end) => return end,
                    }
                }
                read = self.stream.read(&mut chunk), if room => match read {
                    Ok(0) => return End::Closed,
                    Ok(read) => self.held.extend_from_slice(&chunk[..read]),
                    Err(e) => return End::of(&e),
                },
                () = tokio::time::sleep(wait) => {
                    if answer_by.is_none() {
                        return End::Shed(if begun { Shed::TooSlow } else { Shed::Idle });
                    }
                }
            }
        }
    }

    /// Does what the client wanted. Whether the device has to answer now.
    async fn grant(&mut self, wish: Wish) -> Result<bool, End> {
        if !self.bucket.take(Instant::now()) {
            return Err(End::Shed(Shed::TooFast));
        }
        match wish {
            Wish::Ask(message) => {
                if speech::is_login(&message) && !self.carrier.may_try() {
                    return Err(End::Shed(Shed::TooFast));
                }
                self.ask(message).await;
                return Ok(true);
            }
            Wish::Answer(bytes) => self.write(&bytes).await?,
            Wish::End(bytes) => {
                self.write(&bytes).await?;
                return Err(self.close().await);
            }
            Wish::Cut(bytes, why) => {
                self.write(&bytes).await?;
                self.close().await;
                return Err(End::Shed(why));
            }
            Wish::Passive { extended } => {
                self.passive = TcpListener::bind(SocketAddr::new(self.bind, 0)).await.ok();
                let at = self.passive.as_ref().and_then(|l| l.local_addr().ok());
                let said = self.manner.passive(at, extended);
                self.write(&said).await?;
            }
        }
        Ok(false)
    }

    async fn ask(&self, message: Box<Message>) {
        let (carrier, stream) = (self.carrier, self.carrier.conn);
        let arrival = Arrival::Message { stream, message };
        let common = &carrier.common;
        common.tell(carrier.life, Some(stream), arrival, None).await;
    }

    /// Passes on what the device said. Whether the connection ends.
    async fn tell(&mut self, message: &Message) -> Result<bool, End> {
        let reply = self.manner.tell(message);
        self.write(&reply.bytes).await?;
        if let Some(parcel) = reply.content {
            let said = self.hand_over(&parcel).await;
            self.write(said).await?;
        }
        if reply.ends {
            self.close().await;
        }
        Ok(reply.ends)
    }

    /// Hands content over on a connection of its own; what is to be said of it.
    async fn hand_over(&mut self, parcel: &Parcel) -> &'static [u8] {
        let Some(listener) = self.passive.take() else {
            return parcel.failed;
        };
        let handed = timeout(self.carrier.common.limits.transfer, async {
            let (mut stream, _) = listener.accept().await?;
            stream.write_all(&parcel.bytes).await?;
            stream.shutdown().await
        });
        match handed.await {
            Ok(Ok(())) => parcel.sent,
            _ => parcel.failed,
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), End> {
        let limit = self.carrier.common.limits.transfer;
        let written = timeout(limit, async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        });
        match written.await {
            Err(_) => Err(End::Shed(Shed::DoesNotRead)),
            Ok(Err(e)) => Err(End::of(&e)),
            Ok(Ok(())) => Ok(()),
        }
    }

    async fn close(&mut self) -> End {
        let limit = self.carrier.common.limits.transfer;
        let _ = timeout(limit, self.stream.shutdown()).await;
        End::Closed
    }
}
